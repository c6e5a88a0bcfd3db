/** What is in the memory of the process that runs the tests. */
import { spawnSync } from 'node:child_process';

/** Looks for octets, which come masked, in what another process can write to. */
const SEARCH = `
const { openSync, readFileSync, readSync } = require('node:fs');
const { pid, secrets } = JSON.parse(readFileSync(0, 'utf8'));
const needles = secrets.map(([name, octets]) => [name, Buffer.from(octets.map((octet) => octet ^ 0x5a))]);
const memory = openSync('/proc/' + pid + '/mem', 'r');
const found = {};
for (const line of readFileSync('/proc/' + pid + '/maps', 'latin1').split('\\n')) {
  const [, begin, end] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
  if (begin === undefined || line.includes('[v')) continue;
  const region = Buffer.alloc(Math.min(parseInt(end, 16) - parseInt(begin, 16), 2 ** 30));
  let length = 0;
  try {
    length = readSync(memory, region, 0, region.length, parseInt(begin, 16));
  } catch {}
  for (const [name, needle] of needles) {
    for (let at = -1; (at = region.subarray(0, length).indexOf(needle, at + 1)) >= 0; ) found[name] = (found[name] ?? 0) + 1;
  }
}
console.log(JSON.stringify(found));
`;

/** Octets, masked: those that are to be found must not be found here. */
export type Secrets = [name: string, masked: number[]][];

/** How often each is there; undefined where the memory of another process is not to be had. */
export function search(secrets: Secrets): Record<string, number> | undefined {
  const input = JSON.stringify({ pid: process.pid, secrets });
  const { status, stdout } = spawnSync(process.execPath, ['-e', SEARCH], { input, encoding: 'utf8' });
  return status === 0 ? JSON.parse(stdout) : undefined;
}

/** Memory of its own, which is not moved: what is found elsewhere is a copy. */
export function unmoved(octets: number): Uint8Array {
  return new Uint8Array(new ArrayBuffer(octets));
}
