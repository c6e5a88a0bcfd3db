import { nobleEngine } from '@espalier/crypto';
import { instant, ip } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { Gateway, type ManualProtection } from '../../src/index.ts';
import { datagram, delivered, espSa, manual, mirrored, policyOf, transmitted } from '../manual/hosts.ts';

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
