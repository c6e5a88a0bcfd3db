import { randomFillSync } from 'node:crypto';
import { nobleEngine, wipe } from '@espalier/crypto';
import { seconds } from '@espalier/wire';
import { expect, it } from 'vitest';
import { type Secrets, search, unmoved } from '../../../test/support/process-memory.ts';
import { espOf, Pair } from './support/pair.ts';

it.skipIf(search([]) === undefined).each(['main'] as const)(
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
          else if (entry.kind === 'esp') note('ESP key', entry.keys.encryption);
        },
      },
    });
    expect(search(secrets)).toMatchObject({ 'pre-shared key': expect.any(Number) });
    pair.initiate().run(seconds(1));
    for (const { side, events } of pair.nodes) {
      pair.on(side, (endpoint, now) => endpoint.rekeyIke(now, pair[side].peer));
      for (const event of events) {
        if (event.kind !== 'child-negotiated' && event.kind !== 'child-established') continue;
        const { inbound, outbound } = espOf(event.child);
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
