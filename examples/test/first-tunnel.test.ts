import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'espalier-first-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Of this process alone, on the loopback of Linux. */
const [left, right] = [1, 2].map((end) => `127.${10 + ((process.pid >> 8) % 200)}.${process.pid & 0xff}.${end}`) as [
  string,
  string,
];

/** The configuration of the way from zero to a tunnel, and the same as its other end has it. */
function configuration(end: 'left' | 'right'): string {
  const text = readFileSync(path('../strongswan/left.conf'), 'utf8')
    .replaceAll('192.0.2.1', left)
    .replaceAll('192.0.2.2', right);
  const swapped = text
    .replaceAll(left, 'LEFT')
    .replaceAll(right, left)
    .replaceAll('LEFT', right)
    .replace('source-address 10.1.0.0/16', 'source-address 10.2.0.0/16')
    .replace('destination-address 10.2.0.0/16', 'destination-address 10.1.0.0/16');
  const file = join(folder, `${end}.conf`);
  writeFileSync(file, end === 'left' ? text : swapped);
  return file;
}

function start(end: 'left' | 'right', address: string): ChildProcess {
  const argv = [path('../dist/first-tunnel.js'), configuration(end), address];
  return spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Resolves when it has printed this line, and goes on reading: who prints to nobody ends. */
function printed(program: ChildProcess, line: string): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    program.stdout?.on('data', (chunk) => {
      text += String(chunk);
      if (text.split('\n').includes(line)) resolve();
    });
    program.stderr?.on('data', (chunk) => {
      text += String(chunk);
    });
    program.once('exit', () => reject(new Error(`it has ended, and printed ${text}`)));
  });
}

const mayBind = process.platform === 'linux' && process.getuid?.() === 0;

it.skipIf(!mayBind)('has two programs of less than 15 lines agree on a tunnel, at ports 500 and 4500', async () => {
  const first = start('right', right);
  // It is to have its ports: what comes before that is lost, and said again only seconds later.
  await pause(1000);
  const programs = { right: first, left: start('left', left) };
  await Promise.all(Object.values(programs).map((program) => printed(program, 'ipsec-established')));
  for (const program of Object.values(programs)) {
    program.kill('SIGINT');
    const [code] = await once(program, 'exit');
    expect(code).toBe(0);
  }
});

it('is a program of less than 15 lines', () => {
  expect(readFileSync(path('../src/first-tunnel.ts'), 'utf8').trimEnd().split('\n').length).toBeLessThan(15);
});
