import { type Duration, encodeIpv4, ipv4, milliseconds, parseAddress, readU32, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { Bed, type Name, peerOf, type Variation } from './support/bed.ts';

const SUITE: Variation = { suite: 'aes-128-cbc/hmac-sha2-256-128' };

/** Sends a packet each 50 ms until one arrives that was sent after `from`; how long that took, up to `most`. */
function recoveryTime(bed: Bed, sender: Name, most: Duration): number {
  const begins = bed.now;
  const { received } = bed.site(peerOf(sender));
  const before = received.length;
  while (received.length === before && bed.now < begins + most) {
    bed.ping(sender, 7);
    bed.run(milliseconds(50));
  }
  return bed.now - begins;
}

function up(variation: Variation | Readonly<Record<Name, Variation>>): Bed {
  const bed = new Bed(variation);
  bed.ping('R2', 1);
  bed.run(seconds(1));
  bed.ping('R3', 2);
  bed.run(seconds(40));
  expect([bed.pings('R2'), bed.pings('R3')]).toEqual([[2], [1]]);
  return bed;
}

/** ESP to R2 with an SPI that is nobody's. */
function strayFrom(source: string): Uint8Array {
  const payload = new Uint8Array(60).fill(7);
  return encodeIpv4({ source: parseAddress(source), destination: parseAddress('10.1.15.1'), protocol: 50, payload });
}

const isIke = (octets: Uint8Array): boolean => ipv4.protocol(octets, 0) === 17;

describe('a gateway that is restarted', () => {
  it('carries traffic again within 5 s where it begins IKE on an unknown SPI, though the peer alone sends', () => {
    const bed = up({ R2: { ...SUITE, peer: { unknownSpiResponses: 5 } }, R3: SUITE });
    bed.restart('R2');
    expect(recoveryTime(bed, 'R3', seconds(30))).toBeLessThan(seconds(5));
    bed.run(seconds(5));
    expect(bed.site('R3').events).toContainEqual(
      expect.objectContaining({ kind: 'ipsec-deleted', reason: 'peer-restarted' }),
    );
  });

  it('carries traffic again within 5 s where it sends itself', () => {
    const bed = up(SUITE);
    bed.restart('R2');
    expect(recoveryTime(bed, 'R2', seconds(30))).toBeLessThan(seconds(5));
    bed.run(seconds(1));
    expect(recoveryTime(bed, 'R3', seconds(30))).toBeLessThan(seconds(5));
  });

  it.each([
    ['by nothing but silence', {}],
    ['with dead peer detection configured at its leisure', { idle: seconds(10), interval: seconds(10), retries: 5 }],
  ])('is found out within 20 s by who sends and hears nothing: %s', (_, pace) => {
    const peer = 'idle' in pace ? { deadPeerDetection: pace } : {};
    const bed = up({ ...SUITE, peer });
    bed.restart('R2');
    expect(recoveryTime(bed, 'R3', seconds(60))).toBeLessThan(seconds(20));
  });

  it('is not made to speak by a flood of unknown SPIs: IKE is begun seldom, and so often in a row', () => {
    const bed = new Bed({ R2: { ...SUITE, peer: { unknownSpiResponses: 3 } }, R3: SUITE });
    bed.link = () => [];
    const fromR3 = strayFrom('10.1.15.2');
    bed.outside('R2', fromR3);
    const begun = (): number =>
      new Set(bed.sent.filter(({ octets }) => isIke(octets)).map(({ octets }) => readU32(octets, 28))).size;
    expect(begun()).toBe(1);
    for (let i = 0; i < 600; i++) {
      bed.outside('R2', fromR3);
      bed.run(milliseconds(500));
    }
    expect(begun()).toBe(3);
  });

  it('is silent about what comes from nobody it knows, and where nothing is configured', () => {
    const bed = up(SUITE);
    const stray = strayFrom('192.0.2.1');
    const fresh = new Bed(SUITE);
    for (const one of [bed, fresh]) {
      const { length } = one.sent;
      expect(one.outside('R2', stray)).toMatchObject({ ok: false, reason: 'unknown-spi' });
      expect(one.sent).toHaveLength(length);
    }
    fresh.outside('R2', strayFrom('10.1.15.2'));
    expect(fresh.sent).toHaveLength(0);
  });
});
