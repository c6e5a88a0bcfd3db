import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureOf, PLAIN_SESSION, play } from '@espalier/testing/sessions';
import { afterEach, expect, it, vi } from 'vitest';

const page = readFileSync(new URL('../../../../docs/how-to/look/decrypt-a-capture.md', import.meta.url), 'utf8');
const argv = [...process.argv];

afterEach(() => {
  process.argv = argv;
  vi.restoreAllMocks();
});

it('docs/how-to/look/decrypt-a-capture.md shows a program that decrypts a file with the keys of another', async () => {
  const [, shown] = /```ts\n([\s\S]*?)```/.exec(page) ?? [];
  expect(shown).toBe(readFileSync(new URL('decrypt-program.ts', import.meta.url), 'utf8'));

  const folder = mkdtempSync(join(tmpdir(), 'espalier-decrypt-'));
  const { pcap, ikev1DecryptionTable } = captureOf(play(PLAIN_SESSION).session);
  const [trace, keys] = [join(folder, 'trace.pcap'), join(folder, 'ikev1_decryption_table')];
  writeFileSync(trace, pcap);
  writeFileSync(keys, ikev1DecryptionTable);
  process.argv = ['node', 'decrypt.mjs', trace, keys];
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('./decrypt-program.ts');
  const printed = log.mock.calls.map(([line]) => String(line)).join('\n');
  rmSync(folder, { recursive: true });
  expect(printed).toMatch(/Main Mode 5 \(decrypted\)[\s\S]*Quick Mode 1 [0-9a-f]+ \(decrypted[\s\S]*Assessment:/);
});
