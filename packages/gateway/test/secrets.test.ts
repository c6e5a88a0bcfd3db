import { randomFillSync } from 'node:crypto';
import type { KeyLogEntry } from '@espalier/ike';
import { seconds } from '@espalier/wire';
import { expect, it } from 'vitest';
import { type Secrets, search } from '../../../test/support/process-memory.ts';
import { Bed } from './support/bed.ts';

it.skipIf(search([]) === undefined)(
  'a gateway leaves no key of an SA in the memory of the process once it is closed',
  { timeout: 60_000 },
  () => {
    const secrets: Secrets = [];
    const note = (name: string, octets: Uint8Array): void => {
      if (octets.length > 0) secrets.push([name, Array.from(octets, (octet) => octet ^ 0x5a)]);
    };
    const options = {
      // Keys of this test alone: other tests of the same process draw theirs from the bed's seeds.
      rng: { fill: randomFillSync },
      keyLog: (entry: KeyLogEntry): void => {
        if (entry.kind === 'ike') note('IKE', entry.encryption);
        else if (entry.kind === 'esp') {
          note('ESP encryption', entry.keys.encryption);
          note('ESP integrity', entry.keys.integrity);
        }
      },
    };
    const bed = new Bed({ R2: { options }, R3: { options } });
    bed.ping('R2', 1);
    bed.run(seconds(10));
    bed.ping('R3', 2);
    bed.run(seconds(10));
    expect(bed.pings('R3')).toEqual([1]);
    for (const name of ['R2', 'R3'] as const) bed.site(name).gateway.close(bed.now);
    bed.drain();
    expect(secrets.length).toBeGreaterThan(5);
    expect(search(secrets)).toEqual({});
  },
);
