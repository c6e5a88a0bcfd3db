import { PacketPool } from '@espalier/esp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Packet } from '../support/packets.ts';
import { ENGINE, inboundSa, NOW, NULL_SUITE, OUTER, open, outboundSa, poolOf, SHAPES, seal } from '../support/sas.ts';

describe('a pool', () => {
  it('lends each slot once, and takes it back when the batch is cleared', () => {
    const pool = poolOf(5);
    const [one, other] = [pool.createBatch(3), pool.createBatch(4)];
    for (let i = 0; i < 4; i++) expect(one.add(ipv4Packet(i))).toBe(i < 3);
    for (let i = 0; i < 4; i++) expect(other.add(ipv4Packet(10 + i))).toBe(i < 2);
    expect([one.size, other.size, pool.freeSlots]).toEqual([3, 2, 0]);
    for (const { index, octets } of one) expect(octets).toEqual(ipv4Packet(index));
    for (const { index, octets } of other) expect(octets).toEqual(ipv4Packet(10 + index));
    one.clear();
    expect([one.size, pool.freeSlots]).toEqual([0, 3]);
    expect(other.add(ipv4Packet(12))).toBe(true);
    for (const { index, octets } of other) expect(octets).toEqual(ipv4Packet(10 + index));
  });

  it('has its slots back after every kind of use', () => {
    const pool = poolOf(8);
    const batch = pool.createBatch(8);
    const outbound = outboundSa(NULL_SUITE, { outer: OUTER });
    const inbound = inboundSa(NULL_SUITE);
    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 8; i++) expect(batch.add(ipv4Packet(100 * i))).toBe(true);
      expect(outbound.sealBatch(NOW, batch)).toBe(8);
      const sealed = Array.from(batch, ({ octets }) => octets.slice(20));
      batch.clear();
      for (const packet of sealed) expect(batch.add(packet)).toBe(true);
      expect(inbound.openBatch(NOW, batch)).toBe(8);
      batch.clear();
      expect(pool.freeSlots).toBe(8);
    }
  });

  it('never lends a slot to two packets, however batches fill, empty and end', () => {
    const step = fc.record({ do: fc.constantFrom('add', 'add', 'add', 'clear', 'give'), which: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const pool = poolOf(7, 400);
        const batches = [pool.createBatch(3), pool.createBatch(4), pool.createBatch(5)];
        const alone: number[] = [];
        for (const { do: what, which } of steps) {
          const batch = batches[which % 3] ?? expect.fail();
          if (what === 'add') batch.add(ipv4Packet(which));
          if (what === 'clear') batch.clear();
          if (what === 'give') {
            const slot = which % 2 === 0 ? pool.takeSlot() : (alone.pop() ?? -1);
            if (which % 2 === 0 && slot >= 0) alone.push(slot);
            if (which % 2 === 1 && slot >= 0) pool.giveSlot(slot);
          }
          const lent = alone.concat(
            batches.flatMap((each) => Array.from(each, ({ index }) => each.descriptors.slot(index))),
          );
          expect(new Set(lent).size).toBe(lent.length);
          expect(pool.freeSlots).toBe(7 - lent.length);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('takes no slot back twice, nor one that it has not lent', () => {
    const pool = poolOf(3);
    const slot = pool.takeSlot();
    pool.giveSlot(slot);
    for (const wrong of [slot, -1, 3, 0.5]) expect(() => pool.giveSlot(wrong)).toThrow(RangeError);
    expect([pool.takeSlot(), pool.takeSlot(), pool.takeSlot()].sort()).toEqual([0, 1, 2]);
    expect(pool.takeSlot()).toBe(-1);
  });

  it('that is released has no slots again when its batches are cleared', () => {
    const pool = poolOf(2);
    const batch = pool.createBatch(2);
    batch.add(ipv4Packet(1));
    pool.release();
    batch.clear();
    expect([pool.freeSlots, pool.takeSlot(), batch.add(ipv4Packet(1))]).toEqual([0, -1, false]);
  });

  it('takes no packet that is longer than its slots', () => {
    const pool = new PacketPool(ENGINE, { slots: 2, slotOctets: 400, headroom: 80, tailroom: 64 });
    const batch = pool.createBatch(2);
    expect(pool.packetOctets).toBe(256);
    expect(batch.add(new Uint8Array(257))).toBe(false);
    expect(batch.add(ipv4Packet(236))).toBe(true);
    expect([batch.size, pool.freeSlots]).toEqual([1, 1]);
  });

  it('has room around the longest packet for every suite and the longest outer header', () => {
    const outer = { source: '2001:db8::1', destination: '2001:db8::2' };
    for (const suite of SHAPES) {
      const pool = new PacketPool(ENGINE, { slots: 3, slotOctets: 512 });
      const batch = pool.createBatch(3);
      const packets = [0, 1, 2].map((less) => ipv4Packet(pool.packetOctets - 20 - less));
      for (const packet of packets) batch.add(packet);
      expect(outboundSa(suite, { outer }).sealBatch(NOW, batch)).toBe(3);
      const inbound = inboundSa(suite);
      for (const { index, octets } of batch) expect(open(inbound, octets.subarray(40))).toEqual(packets[index]);
    }
  });

  it('with too little room is the caller’s mistake, told before anything has changed', () => {
    const outbound = outboundSa(NULL_SUITE, { outer: OUTER });
    for (const rooms of [
      { headroom: 27, tailroom: 64 },
      { headroom: 80, tailroom: 16 },
    ]) {
      const batch = new PacketPool(ENGINE, { slots: 1, slotOctets: 500, ...rooms }).createBatch(1);
      batch.add(ipv4Packet(10));
      expect(() => outbound.sealBatch(NOW, batch)).toThrow(RangeError);
      expect(batch.at(0).octets).toEqual(ipv4Packet(10));
    }
    const enough = new PacketPool(ENGINE, { slots: 1, slotOctets: 500, headroom: 28, tailroom: 17 }).createBatch(1);
    enough.add(ipv4Packet(10));
    expect(outbound.sealBatch(NOW, enough)).toBe(1);
    expect(outbound.counters.packets).toBe(1);
  });

  it('forgets what passed through it when it is released', () => {
    const pool = poolOf(2);
    const batch = pool.createBatch(2);
    batch.add(ipv4Packet(100));
    pool.release();
    expect(pool.memory.every((octet) => octet === 0)).toBe(true);
    expect(batch.add(ipv4Packet(100))).toBe(false);
  });

  it.each([
    { slots: 0 },
    { slots: 1.5 },
    { slots: 4, slotOctets: 144 },
    { slots: 4, headroom: -1 },
    { slots: 4, tailroom: Number.NaN },
  ])('cannot be made from %o', (options) => {
    expect(() => new PacketPool(ENGINE, options)).toThrow(RangeError);
  });
});

describe('a batch', () => {
  it('goes through an SA packet by packet as it fills: what was sealed is left alone', () => {
    const outbound = outboundSa(NULL_SUITE);
    const batch = poolOf(4).createBatch(4);
    batch.add(ipv4Packet(1));
    expect(outbound.sealBatch(NOW, batch)).toBe(1);
    const first = batch.at(0).octets.slice();
    batch.add(ipv4Packet(2).subarray(1));
    batch.add(ipv4Packet(3));
    expect(outbound.sealBatch(NOW, batch)).toBe(1);
    expect(outbound.sealBatch(NOW, batch)).toBe(0);
    expect(batch.at(0).octets).toEqual(first);
    expect(Array.from(batch, ({ ok, reason }) => [ok, reason])).toEqual([
      [true, undefined],
      [false, 'bad-inner'],
      [true, undefined],
    ]);
    expect(outbound.counters.packets).toBe(2);
  });

  it('shows a packet that no SA has seen as neither good nor refused', () => {
    const batch = poolOf(1).createBatch(1);
    batch.add(ipv4Packet(1));
    expect(batch.at(0)).toMatchObject({ ok: false, reason: undefined, length: 21 });
  });

  it('leaves a packet whose ICV is wrong as it came', () => {
    const forged = seal(outboundSa(NULL_SUITE), ipv4Packet(10));
    forged[12] = 0xff;
    const batch = poolOf(1).createBatch(1);
    batch.add(forged);
    expect(inboundSa(NULL_SUITE).openBatch(NOW, batch)).toBe(0);
    expect(batch.at(0).octets).toEqual(forged);
  });

  it('takes an ESP packet as it came, behind its outer headers', () => {
    const outbound = outboundSa(NULL_SUITE, { outer: OUTER });
    const batch = poolOf(3).createBatch(3);
    for (const octets of [10, 11]) batch.add(seal(outbound, ipv4Packet(octets)), 0, 20);
    expect(batch.add(new Uint8Array(200), 0, batch.pool.headroom + 1)).toBe(false);
    expect(inboundSa(NULL_SUITE).openBatch(NOW, batch)).toBe(2);
    expect(Array.from(batch, ({ octets }) => octets)).toEqual([ipv4Packet(10), ipv4Packet(11)]);
  });

  it('takes no packet that is shorter than its outer headers', () => {
    const batch = poolOf(1).createBatch(1);
    expect(() => batch.add(new Uint8Array(19), 0, 20)).toThrow(RangeError);
    expect([batch.size, batch.pool.takeSlot()]).toEqual([0, 0]);
  });

  it('counts no outer header to the length of a packet', () => {
    const pool = new PacketPool(ENGINE, { slots: 2, slotOctets: 400, headroom: 80, tailroom: 64 });
    const batch = pool.createBatch(2);
    expect(batch.add(new Uint8Array(256 + 28), 0, 28)).toBe(true);
    expect(batch.add(new Uint8Array(257 + 28), 0, 28)).toBe(false);
  });

  it('of nothing is no work', () => {
    const batch = poolOf(1).createBatch(1);
    expect(outboundSa(NULL_SUITE).sealBatch(NOW, batch)).toBe(0);
    expect(inboundSa(NULL_SUITE).openBatch(NOW, batch)).toBe(0);
    expect([...batch]).toEqual([]);
  });

  it('has packets only below its size', () => {
    const batch = poolOf(2).createBatch(2);
    batch.add(ipv4Packet(1));
    for (const index of [-1, 1, 0.5, Number.NaN]) expect(() => batch.at(index)).toThrow(RangeError);
    expect(() => poolOf(2).createBatch(0)).toThrow(RangeError);
  });
});
