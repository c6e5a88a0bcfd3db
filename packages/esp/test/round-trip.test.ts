import { equalOctets } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Packet, ipv6Packet } from './support/packets.ts';
import { inboundSa, NOW, OUTER, open, outboundSa, poolOf, SHAPES, seal } from './support/sas.ts';

const SIZES = [0, 1, 2, 3, 5, 6, 7, 8, 9, 13, 14, 15, 16, 17, 44, 63, 64, 65, 556, 1388, 1480, 2000];
const payloads = fc.oneof(fc.constantFrom(...SIZES), fc.integer({ min: 0, max: 2000 }));
const inner = fc.tuple(payloads, fc.constantFrom(ipv4Packet, ipv6Packet)).map(([octets, packet]) => packet(octets));

describe.each(SHAPES.map((suite) => ({ suite, name: suite.name })))('$name', ({ suite }) => {
  const cost = suite.encryption === '3des-cbc' ? 1 : 2;

  it('opens what it sealed, packet by packet', () => {
    fc.assert(
      fc.property(fc.array(inner, { minLength: 1, maxLength: 6 }), fc.boolean(), (packets, esn) => {
        const outbound = outboundSa(suite, { esn });
        const inbound = inboundSa(suite, { esn });
        for (const packet of packets) {
          const sealed = seal(outbound, packet);
          expect(sealed.length).toBe(outbound.sealedOctets(packet.length));
          expect(open(inbound, sealed)).toEqual(packet);
        }
      }),
      { numRuns: 5 * cost },
    );
  });

  it('opens what it sealed, in batches of mixed sizes', () => {
    const pool = poolOf(64);
    const batch = pool.createBatch(32);
    fc.assert(
      fc.property(fc.array(inner, { minLength: 1, maxLength: 12 }), fc.boolean(), (packets, esn) => {
        const outbound = outboundSa(suite, { esn });
        const inbound = inboundSa(suite, { esn });
        for (const packet of packets) expect(batch.add(packet)).toBe(true);
        expect(outbound.sealBatch(NOW, batch)).toBe(packets.length);
        const wire = Array.from(batch, (packet) => packet.octets.slice());
        batch.clear();
        for (const packet of wire) batch.add(packet);
        expect(inbound.openBatch(NOW, batch)).toBe(packets.length);
        for (const packet of batch) {
          expect(packet.ok && packet.reason === undefined).toBe(true);
          expect(equalOctets(packet.octets, packets[packet.index] ?? new Uint8Array(0))).toBe(true);
        }
        batch.clear();
        expect(pool.freeSlots).toBe(64);
      }),
      { numRuns: 4 * cost },
    );
  });

  it('seals the same octets singly and in batches, for the same IVs', () => {
    fc.assert(
      fc.property(fc.array(inner, { minLength: 1, maxLength: 5 }), (packets) => {
        const [one, many] = [outboundSa(suite, { outer: OUTER }), outboundSa(suite, { outer: OUTER })];
        const batch = poolOf(8).createBatch(8);
        for (const packet of packets) batch.add(packet);
        many.sealBatch(NOW, batch);
        for (const packet of packets) {
          const sealed = seal(one, packet);
          expect(batch.at(packets.indexOf(packet)).octets).toEqual(sealed);
        }
        expect(many.counters).toEqual(one.counters);
      }),
      { numRuns: 3 },
    );
  });
});

describe('buffers', () => {
  it('may overlap in any way, when sealing and when opening', () => {
    for (const suite of SHAPES.filter(({ encryption }) => encryption !== '3des-cbc')) {
      const packet = ipv4Packet(200);
      for (const shift of [0, 1, 8, 20, 36, 44, 100, 250, 600]) {
        const outbound = outboundSa(suite, { outer: OUTER });
        const sealedOctets = outbound.sealedOctets(packet.length);
        const memory = new Uint8Array(1600);
        memory.set(packet, shift);
        const sealing = outbound.sealInto(NOW, memory.subarray(shift, shift + packet.length), memory.subarray(50));
        if (!sealing.ok) throw new Error(sealing.reason);
        const sealed = sealing.octets.slice(20);
        expect(sealing.length).toBe(sealedOctets);

        memory.fill(0).set(sealed, shift);
        const opening = inboundSa(suite).openInto(
          NOW,
          memory.subarray(shift, shift + sealed.length),
          memory.subarray(50),
        );
        expect(opening.ok && opening.octets).toEqual(packet);
      }
    }
  });

  it('refuse to be too short, before anything has changed', () => {
    for (const suite of SHAPES) {
      const packet = ipv4Packet(100);
      const outbound = outboundSa(suite);
      const short = new Uint8Array(outbound.sealedOctets(packet.length) - 1);
      expect(() => outbound.sealInto(NOW, packet, short)).toThrow(RangeError);
      const sealed = seal(outbound, packet);
      const inbound = inboundSa(suite, { replayWindow: 32 });
      expect(() => inbound.openInto(NOW, sealed, new Uint8Array(sealed.length - 1))).toThrow(RangeError);
      expect(open(inbound, sealed)).toEqual(packet);
      expect(outbound.counters.packets).toBe(1);
      expect(new DataView(sealed.buffer).getUint32(4)).toBe(1);
    }
  });

  it('need not be longer than the packet asks for, and keep what lies behind it', () => {
    const outbound = outboundSa(SHAPES[0] ?? expect.fail());
    const out = new Uint8Array(500).fill(0xee);
    const result = outbound.sealInto(NOW, ipv4Packet(100), out);
    expect(result.ok && out.subarray(result.length).every((octet) => octet === 0xee)).toBe(true);
  });
});
