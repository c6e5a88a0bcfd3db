import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { nobleEngine, wipe } from '@espalier/crypto';
import { seconds } from '@espalier/wire';
import { expect, it } from 'vitest';
import { Pair } from './pair.ts';

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

type Secrets = [name: string, masked: number[]][];

/** How often each is there; undefined where the memory of another process is not to be had. */
function search(secrets: Secrets): Record<string, number> | undefined {
  const input = JSON.stringify({ pid: process.pid, secrets });
  const { status, stdout } = spawnSync(process.execPath, ['-e', SEARCH], { input, encoding: 'utf8' });
  return status === 0 ? JSON.parse(stdout) : undefined;
}

/** Memory of its own, which is not moved: what is found elsewhere is a copy. */
function unmoved(octets: number): Uint8Array {
  return new Uint8Array(new ArrayBuffer(octets));
}

it.skipIf(search([]) === undefined).each(['main', 'aggressive'] as const)(
  'leaves no key in the memory of the process once it is closed, in %s mode (regression: small arrays are moved, and leave copies)',
  { timeout: 60_000 },
  (mode) => {
    const secrets: Secrets = [];
    const note = (name: string, octets: Uint8Array): void => {
      secrets.push([name, Array.from(octets, (octet) => octet ^ 0x5a)]);
    };
    const preSharedKey = unmoved(24);
    randomFillSync(preSharedKey);
    note('pre-shared key', preSharedKey);
    const sides = { mode, preSharedKey };
    const pair = new Pair({
      R2: sides,
      R3: sides,
      engine: nobleEngine(),
      endpoint: {
        keyLog: (entry) => {
          if (entry.kind === 'ike') note('IKE key', entry.encryption);
          else note('ESP key', entry.keys.encryption);
        },
      },
    });
    expect(search(secrets)).toMatchObject({ 'pre-shared key': expect.any(Number) });
    pair.initiate().run(seconds(1));
    for (const { side, events } of pair.nodes) {
      pair.on(side, (endpoint, now) => endpoint.rekeyIke(now, pair[side].peer));
      for (const event of events) {
        if (event.kind !== 'child-negotiated' && event.kind !== 'child-established') continue;
        const { inbound, outbound } = event.child;
        for (const { encryption, integrity } of [inbound, outbound]) wipe(encryption, integrity);
      }
    }
    pair.run(seconds(1));
    for (const side of ['R2', 'R3'] as const) pair.on(side, (endpoint, now) => endpoint.close(now));
    wipe(preSharedKey);
    expect(new Set(secrets.map(([name]) => name)).size).toBe(3);
    expect(search(secrets)).toEqual({});
  },
);
