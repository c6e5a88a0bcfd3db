import { milliseconds, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { Bed } from './bed.ts';

/** A packet of 948 octets every 5 ms, for as many milliseconds. */
function stream(bed: Bed, duration: number): void {
  for (let at = 0; at < duration; at += 5) {
    bed.ping('R2', at, 920);
    bed.run(milliseconds(5));
  }
}

const countOf = (bed: Bed, kind: string): number => bed.site('R2').events.filter((event) => event.kind === kind).length;

describe('a peer that lets an SA carry a kilobyte', () => {
  it('is not negotiated with for every packet', () => {
    const bed = new Bed({ R2: {}, R3: { ipsecKilobytes: 1 } });
    bed.ping('R2', 0);
    bed.run(seconds(1));
    stream(bed, 3000);
    expect(countOf(bed, 'ipsec-established')).toBeLessThanOrEqual(6);
  });
});
