import { type EspSuite, espSuite } from '@espalier/crypto';
import { innerMtu, type Mode, OutboundSa, PacketPool, type TrafficFlow } from '@espalier/esp';
import { espSequence, spi } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Packet, ipv6Packet } from '../support/packets.ts';
import {
  ENGINE,
  inboundSa,
  NOW,
  NULL_SUITE,
  OUTER,
  open,
  outboundSa,
  poolOf,
  SHAPES,
  SUITES,
  seal,
} from '../support/sas.ts';

const GCM = espSuite('aes-128-gcm-16');

const inner = fc.tuple(fc.nat(1600), fc.constantFrom(ipv4Packet, ipv6Packet)).map(([octets, packet]) => packet(octets));
const flow: fc.Arbitrary<TrafficFlow> = fc.oneof(
  fc.record({ multipleOf: fc.integer({ min: 2, max: 700 }) }),
  fc.record({ length: fc.integer({ min: 1, max: 1800 }) }),
);

function padded(octets: number, trafficFlow: TrafficFlow): number {
  if ('multipleOf' in trafficFlow) return Math.ceil(octets / trafficFlow.multipleOf) * trafficFlow.multipleOf;
  return Math.max(octets, trafficFlow.length);
}

describe('traffic flow confidentiality (RFC 4303 §2.7)', () => {
  it.each(SUITES.map((suite) => ({ suite, name: suite.name })))(
    'a padded packet of $name is as long as one without that has those octets, and opens to what it was',
    ({ suite }) => {
      fc.assert(
        fc.property(fc.array(inner, { minLength: 1, maxLength: 5 }), flow, (packets, trafficFlow) => {
          const outbound = outboundSa(suite, { trafficFlow, outer: OUTER });
          const plain = outboundSa(suite, { outer: OUTER });
          const inbound = inboundSa(suite);
          for (const packet of packets) {
            const sealed = seal(outbound, packet);
            expect(sealed.length).toBe(plain.sealedOctets(padded(packet.length, trafficFlow)));
            expect(sealed.length).toBe(outbound.sealedOctets(packet.length));
            expect(open(inbound, sealed.subarray(20))).toEqual(packet);
          }
          expect(outbound.counters.octets).toBe(packets.reduce((sum, { length }) => sum + length, 0));
        }),
        // Lengths differ by shape alone: the other suites show that theirs is one of those.
        { numRuns: SHAPES.includes(suite) ? 12 : 2 },
      );
    },
  );

  it('in a batch is the same, as far as the slots have room, and touches no other slot', () => {
    const pool = new PacketPool(ENGINE, { slots: 9, slotOctets: 1100 });
    const batch = pool.createBatch(9);
    fc.assert(
      fc.property(fc.array(fc.nat(900), { minLength: 1, maxLength: 9 }), flow, (sizes, trafficFlow) => {
        const packets = sizes.map((octets) => ipv4Packet(octets));
        pool.memory.fill(0xa7);
        const outbound = outboundSa(GCM, { trafficFlow });
        const plain = outboundSa(GCM);
        const inbound = inboundSa(GCM);
        for (const packet of packets) batch.add(packet);
        expect(outbound.sealBatch(NOW, batch)).toBe(packets.length);
        const spans: (readonly [number, number])[] = [];
        for (const { index, octets, offset, length } of batch) {
          const packet = packets[index] ?? expect.fail();
          const most = Math.max(packet.length, Math.min(padded(packet.length, trafficFlow), pool.packetOctets));
          expect(length).toBe(plain.sealedOctets(most));
          spans.push([offset, offset + length]);
          expect(open(inbound, octets.slice())).toEqual(packet);
        }
        for (const [from, end] of spans) pool.memory.fill(0xa7, from, end);
        expect(pool.memory.findIndex((octet) => octet !== 0xa7)).toBe(-1);
        batch.clear();
      }),
      { numRuns: 30 },
    );
  });

  it('to the length that the path carries makes all packets alike', () => {
    const length = innerMtu(GCM, { family: 4, udp: false }, 1400);
    const outbound = outboundSa(GCM, { outer: OUTER, trafficFlow: { length } });
    const lengths = new Set([0, 1, 100, 700, length - 20].map((octets) => seal(outbound, ipv4Packet(octets)).length));
    expect([...lengths]).toEqual([outbound.sealedOctets(length)]);
    expect([...lengths][0]).toBeLessThanOrEqual(1400);
  });

  it('is zeros: what lay in the slot before goes nowhere', () => {
    const pool = poolOf(1);
    const batch = pool.createBatch(1);
    pool.memory.fill(0x5e);
    batch.add(ipv4Packet(10));
    outboundSa(NULL_SUITE, { trafficFlow: { length: 300 } }).sealBatch(NOW, batch);
    const { octets } = batch.at(0);
    expect(octets.subarray(8 + 30, 8 + 300).every((octet) => octet === 0)).toBe(true);
  });

  it('makes no packet longer than one may be', () => {
    const outbound = outboundSa(NULL_SUITE, { outer: OUTER, trafficFlow: { length: 65535 } });
    expect(seal(outbound, ipv4Packet(10)).length).toBeLessThanOrEqual(65535);
  });

  it('is a tunnel’s, within bounds', () => {
    expect(() => outboundSa(GCM, { mode: 'transport', trafficFlow: { length: 100 } })).toThrow(TypeError);
    expect(() => outboundSa(GCM, { trafficFlow: null as never })).toThrow(TypeError);
    for (const wrong of [{ length: 0 }, { length: 65536 }, { length: 1.5 }, { multipleOf: 1 }, { multipleOf: 65536 }]) {
      expect(() => outboundSa(GCM, { trafficFlow: wrong })).toThrow(/trafficFlow\.(length|multipleOf)/);
    }
    expect(() => outboundSa(GCM, { trafficFlow: {} as never })).toThrow(RangeError);
  });
});

describe('a dummy (RFC 4303 §2.6)', () => {
  const MODES: readonly Mode[] = ['tunnel', 'transport'];

  it('looks like the packet that it stands for, and is discarded by the other end, its number used up', () => {
    const check = (suite: EspSuite, mode: Mode, packet: Uint8Array) => {
      const [outbound, twin] = [outboundSa(suite, { mode }), outboundSa(suite, { mode })];
      const inbound = inboundSa(suite, { mode });
      const head = mode === 'tunnel' ? 0 : packet[0] === 0x45 ? 20 : 40;
      const into = new Uint8Array(outbound.sealedOctets(packet.length));
      const dummy = outbound.sealDummyInto(NOW, packet, into);
      if (!dummy.ok) expect.fail(dummy.reason);
      const real = seal(twin, packet);
      expect(dummy.length).toBe(real.length);
      expect(dummy.octets.subarray(0, head)).toEqual(real.subarray(0, head));
      const octets = dummy.octets.slice();
      const result = inbound.openInto(NOW, octets, new Uint8Array(octets.length), 0, head);
      expect(result).toEqual({ ok: false, reason: 'dummy' });
      expect(inbound.openInto(NOW, octets, new Uint8Array(octets.length), 0, head)).toEqual({
        ok: false,
        reason: 'replayed',
      });
      expect(inbound.highestSequence).toBe(1n);
    };
    for (const suite of SUITES) {
      for (const mode of MODES) for (const packet of [ipv4Packet(100), ipv6Packet(33)]) check(suite, mode, packet);
    }
  });

  it('goes among others in a batch, of one SA or of many', () => {
    const spis = [spi(1001), spi(1002)];
    const outbound = spis.map((each) => outboundSa(GCM, { spi: each, trafficFlow: { multipleOf: 64 } }));
    const inbound = spis.map((each) => inboundSa(GCM, { spi: each }));
    const batch = poolOf(8).createBatch(8);
    for (let i = 0; i < 8; i++) {
      if (i % 3 === 0) expect(batch.addDummy(ipv4Packet(i))).toBe(true);
      else batch.add(ipv4Packet(i));
    }
    expect(batch.addDummy(ipv4Packet(8))).toBe(false);
    const sas = Array.from({ length: 8 }, (_, i) => outbound[i % 2] ?? expect.fail());
    expect(OutboundSa.sealMany(NOW, batch, sas)).toBe(8);
    for (const { index, octets } of batch) {
      const opened = open(inbound[index % 2] ?? expect.fail(), octets.slice());
      expect(opened).toEqual(index % 3 === 0 ? 'dummy' : ipv4Packet(index));
      expect(espSequence(octets, 0)).toBe(1 + (index >> 1));
    }
  });

  it('is refused as any packet is', () => {
    const out = new Uint8Array(200);
    const outbound = outboundSa(GCM, { firstSequence: 2n ** 32n - 1n });
    expect(outbound.sealDummyInto(NOW, ipv4Packet(1).subarray(1), out)).toEqual({ ok: false, reason: 'bad-inner' });
    expect(outbound.sealDummyInto(NOW, ipv4Packet(1), out)).toMatchObject({ ok: true });
    expect(outbound.sealDummyInto(NOW, ipv4Packet(1), out)).toEqual({ ok: false, reason: 'sequence-exhausted' });
    expect(() => outboundSa(GCM).sealDummyInto(NOW, ipv4Packet(1), new Uint8Array(5))).toThrow(RangeError);
  });
});
