import { encodeIcmp, encodeIpv4, parseAddress, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import type { PolicyConfig } from '../src/index.ts';
import { Bed, type Variation } from './support/bed.ts';

/** R2 has a policy for each half of its net, R3 one for the whole. */
function bedOfHalves(): Bed {
  const halves = (policies: readonly PolicyConfig[]): readonly PolicyConfig[] =>
    policies.flatMap((policy) =>
      ['10.1.12.0/25', '10.1.12.128/25'].map((local, i) => ({
        ...policy,
        name: `half-${i}`,
        selectors: { ...policy.selectors, local },
      })),
    );
  const common: Variation = { spd: 'common', suite: 'aes-128-cbc/hmac-sha1-96' };
  return new Bed({ R2: { ...common, alter: halves }, R3: common });
}

function ping(from: string, to: string, sequence: number): Uint8Array {
  const payload = encodeIcmp({ kind: 'echo-request', identifier: 1, sequence, data: new Uint8Array(8) });
  return encodeIpv4({ source: parseAddress(from), destination: parseAddress(to), protocol: 1, payload });
}

describe('a peer that asks for parts of what a policy is for', () => {
  it('gets its packets by the SAs of their part, whichever were made last (regression: by the newest)', () => {
    const bed = bedOfHalves();
    const hosts = ['10.1.12.2', '10.1.12.200'];
    for (const [i, host] of hosts.entries()) {
      bed.inside('R2', ping(host, '10.1.56.2', i));
      bed.run(seconds(2));
    }
    expect(bed.pings('R3')).toEqual([0, 1]);
    for (const [i, host] of hosts.entries()) bed.inside('R3', ping('10.1.56.2', host, 10 + i));
    bed.run(seconds(1));
    expect(bed.pings('R2')).toEqual([10, 11]);
  });
});
