import type { EspRefusal, InboundSa } from '@espalier/esp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Packet } from '../support/packets.ts';
import { inboundSa, NOW, NULL_SUITE, open, outboundSa, poolOf, SHAPES, seal } from '../support/sas.ts';

const PACKETS = 90;
const WINDOW = 32;

/** Packets 1 to 90 of one SA, each of another length. */
function sealedPackets(firstSequence = 1n, esn = false): readonly Uint8Array[] {
  const outbound = outboundSa(NULL_SUITE, { firstSequence, esn });
  return Array.from({ length: PACKETS }, (_, i) => seal(outbound, ipv4Packet(i)));
}

/**
 * An SA that has taken the packet before those. With ESN a receiver cannot be in the dark about a whole subspace: its
 * window tells the high half.
 */
function warmSa(firstSequence: bigint, esn: boolean): InboundSa {
  const inbound = inboundSa(NULL_SUITE, { esn, replayWindow: WINDOW });
  if (!esn) return inbound;
  const earlier = outboundSa(NULL_SUITE, { firstSequence: firstSequence - BigInt(WINDOW), esn });
  expect(open(inbound, seal(earlier, ipv4Packet(0)))).toEqual(ipv4Packet(0));
  return inbound;
}

/** What the window must say of packets that arrive in that order. */
function expected(order: readonly number[], window: number): readonly (EspRefusal | undefined)[] {
  const seen = new Set<number>();
  let highest = -1;
  return order.map((packet) => {
    if (highest - packet >= window) return 'too-old';
    if (seen.has(packet)) return 'replayed';
    seen.add(packet);
    highest = Math.max(highest, packet);
    return undefined;
  });
}

/** With ESN a number below the window is taken for one of the next subspace, for which the ICV is wrong. */
const asSeen = (reason: EspRefusal | undefined) => (reason === 'bad-icv' ? 'too-old' : reason);

const order = fc.array(fc.integer({ min: 0, max: PACKETS - 1 }), { minLength: 1, maxLength: 120 });
const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 120 });

describe('a packet already opened is refused, however the network reorders and repeats the rest', () => {
  it.each([
    { name: 'without ESN', first: 1n, esn: false },
    { name: 'with ESN, over the end of a subspace', first: 2n ** 32n - 45n, esn: true },
  ])('one by one, $name', ({ first, esn }) => {
    const packets = sealedPackets(first, esn);
    fc.assert(
      fc.property(order, (arrivals) => {
        const inbound = warmSa(first, esn);
        const reasons = arrivals.map((i) => {
          const opened = open(inbound, packets[i] ?? expect.fail());
          return typeof opened === 'string' ? opened : undefined;
        });
        expect(esn ? reasons.map(asSeen) : reasons).toEqual(expected(arrivals, WINDOW));
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    { name: 'without ESN', first: 1n, esn: false },
    { name: 'with ESN, over the end of a subspace', first: 2n ** 32n - 45n, esn: true },
  ])('in batches of any sizes, $name', ({ first, esn }) => {
    const packets = sealedPackets(first, esn);
    const batch = poolOf(20).createBatch(20);
    fc.assert(
      fc.property(order, cuts, (arrivals, sizes) => {
        const inbound = warmSa(first, esn);
        const reasons: (EspRefusal | undefined)[] = [];
        for (let from = 0, k = 0; from < arrivals.length; k++) {
          const size = sizes[k % sizes.length] ?? 1;
          for (const i of arrivals.slice(from, from + size)) batch.add(packets[i] ?? expect.fail());
          inbound.openBatch(NOW, batch);
          for (const { reason } of batch) reasons.push(reason);
          batch.clear();
          from += size;
        }
        const taken = reasons.map((reason) => reason === undefined);
        expect(taken).toEqual(expected(arrivals, WINDOW).map((reason) => reason === undefined));
        const opened = reasons.filter((reason) => reason === undefined).length;
        expect(inbound.counters.packets).toBe(opened + (esn ? 1 : 0));
      }),
      { numRuns: 40 },
    );
  });

  it('and of a duplicate in the same batch the first is taken', () => {
    for (const suite of SHAPES) {
      const outbound = outboundSa(suite);
      const [a, b] = [seal(outbound, ipv4Packet(40)), seal(outbound, ipv4Packet(41))];
      const batch = poolOf(4).createBatch(4);
      for (const packet of [a, b, a, b]) batch.add(packet);
      expect(inboundSa(suite).openBatch(NOW, batch)).toBe(2);
      expect(Array.from(batch, ({ reason }) => reason)).toEqual([undefined, undefined, 'replayed', 'replayed']);
    }
  });

  it('but a forged number neither moves the window nor shuts an honest packet out', () => {
    const packets = sealedPackets();
    const inbound = inboundSa(NULL_SUITE, { replayWindow: WINDOW });
    for (const [i, packet] of packets.entries()) {
      const forged = packet.slice();
      forged.set([0xff, 0xff, 0xff, 0xf0], 4);
      expect(open(inbound, forged)).toBe('bad-icv');
      expect(open(inbound, packet)).toEqual(ipv4Packet(i));
    }
  });
});

describe('the window of an SA', () => {
  it('spans 64 packets unless told otherwise', () => {
    const packets = sealedPackets();
    const inbound = inboundSa(NULL_SUITE);
    expect(inbound.replayWindow).toBe(64);
    expect(open(inbound, packets[80] ?? expect.fail())).toEqual(ipv4Packet(80));
    expect(open(inbound, packets[16] ?? expect.fail())).toBe('too-old');
    expect(open(inbound, packets[17] ?? expect.fail())).toEqual(ipv4Packet(17));
  });

  it('can be off, and then repetitions pass', () => {
    const packets = sealedPackets();
    const inbound = inboundSa(NULL_SUITE, { replayWindow: 'off' });
    for (const i of [89, 0, 89, 0]) expect(open(inbound, packets[i] ?? expect.fail())).toEqual(ipv4Packet(i));
  });

  it('cannot be off with ESN, nor narrower than 32 or wider than 4096', () => {
    expect(() => inboundSa(NULL_SUITE, { replayWindow: 'off', esn: true })).toThrow(TypeError);
    expect(() => inboundSa(NULL_SUITE, { replayWindow: 31 })).toThrow(RangeError);
    expect(() => inboundSa(NULL_SUITE, { replayWindow: 4097 })).toThrow(RangeError);
  });
});
