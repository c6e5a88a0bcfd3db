import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { ADDRESS, Daemon, FAR, KEY, NEAR } from '../support/daemon.ts';

let daemon: Daemon;
const folder = mkdtempSync(join(tmpdir(), 'espalier-conformance-'));
beforeAll(async () => {
  daemon = await Daemon.open();
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** What the command says, and its exit status. */
async function told(
  words: readonly string[],
  { signal = new AbortController().signal, heard = (_: string) => {} } = {},
) {
  const [said, complained]: [string[], string[]] = [[], []];
  const say = (line: string) => {
    said.push(line);
    heard(line);
  };
  const status = await run(words, { say, complain: (line) => void complained.push(line), signal });
  return { status, said: said.join('\n'), complained: complained.join('\n') };
}

function against(port: number, ...words: readonly string[]): readonly string[] {
  const places = [
    '--target',
    `${ADDRESS}:${port}`,
    '--local',
    `${ADDRESS}:0`,
    '--psk',
    KEY,
    '--near',
    NEAR,
    '--far',
    FAR,
  ];
  return [...places, '--wait', '0.05', ...words];
}

describe('the command', () => {
  it('writes the table as it goes, and ends with 0 where all is as expected', async () => {
    const [json, markdown] = [join(folder, 'table.json'), join(folder, 'table.md')];
    const words = ['ke-payload-zero', 'jacob', '--json', json, '--markdown', markdown, '--name', 'mine'];
    const { status, said } = await told(against(daemon.port, ...words));
    expect(said).toMatch(
      /^mine: an honest session first, then \d+ trials\n(as expected {2}.*\n)+\d+ of \d+ as expected\.$/,
    );
    const { name, results } = JSON.parse(readFileSync(json, 'utf8'));
    expect({ name, status }).toEqual({ name: 'mine', status: 0 });
    expect(readFileSync(markdown, 'utf8').match(/^\| RFC .*as expected \|$/gm)).toHaveLength(results.length);
  });

  it('says in one line what is wrong with the words, and ends with 2', async () => {
    const { status, said, complained } = await told(['--target', 'nowhere']);
    expect({ status, said }).toEqual({ status: 2, said: '' });
    expect(complained).toMatch(/^--target must be an IP address: nowhere\n\nusage: /);
  });

  it('says that a daemon is not there, or that a file is not to be written, and ends with 2', async () => {
    const { status, complained } = await told(against(daemon.port, '--mode', 'aggressive', '--patience', '0.05'));
    expect({ status, complained }).toEqual({
      status: 2,
      complained: expect.stringContaining('nothing comes back from'),
    });
    const file = join(folder, 'no', 'table.json');
    await expect(told(against(daemon.port, '--json', file))).resolves.toMatchObject({ status: 2, said: '' });
  });

  it('ends with 3 behind the trial after which the daemon serves nobody any more', async () => {
    await using mortal = await Daemon.open();
    const heard = (line: string) => void (line.startsWith('as expected') && mortal[Symbol.asyncDispose]());
    const words = ['ke-payload', '--patience', '0.6'];
    const { status, said } = await told(against(mortal.port, ...words), { heard });
    expect(said).toMatch(/\nnot reached {2}.*: serves nobody any more\n1 of 1 as expected, 1 not reached\.$/);
    expect(status).toBe(3);
  });

  it('says how far it was when it is interrupted, and ends with 130', async () => {
    const { status, complained } = await told(against(daemon.port), { signal: AbortSignal.timeout(150) });
    expect(status).toBe(130);
    expect(complained).toMatch(/^interrupted after \d+ of 167 trials$/);
  });
});
