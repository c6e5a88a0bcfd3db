import { nobleEngine } from '@espalier/crypto';
import { instant, ip } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { Gateway, type ManualProtection, type ManualSa } from '../../src/index.ts';
import {
  ahSa,
  bundle,
  datagram,
  delivered,
  EAST,
  espSa,
  manual,
  mirrored,
  policyOf,
  transmitted,
  WEST,
} from '../manual/hosts.ts';

const NOW = instant(5000);
const SUITE = 'aes-128-cbc/hmac-sha1-96';

function ends(change: Partial<ManualProtection>) {
  const protection = manual({ inbound: espSa(300, SUITE), outbound: espSa(301, SUITE), ...change });
  const gateway = (given: ManualProtection, seed: number) =>
    new Gateway({ config: { peers: [], policies: [policyOf(given)] }, engine: nobleEngine(), rng: seededRng(seed) });
  return { west: gateway(protection, 1), east: gateway(mirrored(protection), 2) };
}

/** Lengths of what leaves, all of which comes out as it went in. */
function lengths(change: Partial<ManualProtection>, payloads: readonly number[]): number[] {
  const { west, east } = ends(change);
  const inner = payloads.map((octets) => datagram(octets));
  expect(west.handleInsideBatch(NOW, inner)).toBe(inner.length);
  const wire = transmitted(west);
  east.handleOutsideBatch(NOW, wire);
  expect(delivered(east)).toEqual(inner);
  return wire.map((packet) => ip.packetOctets(packet, 0, packet.length));
}

describe('a policy that hides lengths (RFC 4303 §2.7)', () => {
  it('makes packets of all lengths alike, up to what the path carries', () => {
    const plain = lengths({}, [300 - 20]);
    expect(new Set(lengths({ trafficFlow: { length: 300 } }, [0, 1, 50, 199, 280]))).toEqual(new Set(plain));
    const carried = lengths({ trafficFlow: { length: 9000 }, outsideMtu: 1000 }, [0, 100, 500, 700]);
    expect(new Set(carried).size).toBe(1);
    expect(carried[0]).toBeLessThanOrEqual(1000);
    expect(carried[0]).toBeGreaterThan(980);
  });

  it('pads to multiples', () => {
    const seen = lengths({ trafficFlow: { multipleOf: 128 } }, [0, 108, 109, 236, 237]);
    expect(seen.map((length) => length - (seen[0] ?? 0))).toEqual([0, 0, 128, 128, 256]);
  });

  it('is checked with the configuration', () => {
    for (const trafficFlow of [{ length: 0 }, { multipleOf: 1 }, { length: 1.5 }, {} as never]) {
      expect(() => ends({ trafficFlow })).toThrow(/trafficFlow\.(length|multipleOf)/);
    }
    expect(() => ends({ trafficFlow: null as never })).toThrow('trafficFlow');
  });
});

describe('dummies (RFC 4303 §2.6)', () => {
  it.each([
    ['ESP', (id: number): ManualSa => espSa(id, SUITE)],
    ['AH around ESP', (id: number): ManualSa => bundle(id, id + 1, SUITE)],
  ])('of %s look like packets, in tunnel and transport mode, and the other end discards them', (_, sa) => {
    for (const mode of ['tunnel', 'transport'] as const) {
      const { west, east } = ends({ mode, inbound: sa(300), outbound: sa(400) });
      const real = mode === 'tunnel' ? datagram(80) : datagram(80, WEST, EAST);
      west.handleInside(NOW, real);
      expect(west.sendDummies(NOW, 'by hand', 100)).toBe(1);
      const wire = transmitted(west);
      expect(wire.map(({ length }) => length)).toEqual(Array(2).fill(wire[0]?.length));
      const outcomes = wire.map((packet) => east.handleOutside(NOW, packet));
      expect(outcomes).toEqual([
        { ok: true, action: 'accepted' },
        { ok: false, by: 'esp', reason: 'dummy' },
      ]);
      expect(delivered(east)).toEqual([real]);
      expect(east.pollAudit()).toBeUndefined();
      expect(west.statistics('by hand')?.espEncryptedPackets).toBe(1);
    }
  });

  it('are as long as they may be on the path, and padded as packets are', () => {
    const { west } = ends({ outsideMtu: 1000, trafficFlow: { length: 700 } });
    for (const octets of [1, 600, 65_535]) expect(west.sendDummies(NOW, 'by hand', octets)).toBe(1);
    const [short = 0, middle = 0, long = 0] = transmitted(west).map(({ length }) => length);
    expect(short).toBe(middle);
    expect(long).toBeGreaterThan(980);
    expect(long).toBeLessThanOrEqual(1000);
  });

  it('go out where there is an SA with ESP, and are refused for a name that has none', () => {
    expect(ends({ inbound: ahSa(300), outbound: ahSa(301) }).west.sendDummies(NOW, 'by hand', 50)).toBe(0);
    const { west } = ends({});
    expect(() => west.sendDummies(NOW, 'nobody', 50)).toThrow(RangeError);
    for (const octets of [0, 65_536, 1.5]) expect(() => west.sendDummies(NOW, 'by hand', octets)).toThrow(/^octets/);
    west.close(NOW);
    expect(west.sendDummies(NOW, 'by hand', 50)).toBe(0);
  });
});
