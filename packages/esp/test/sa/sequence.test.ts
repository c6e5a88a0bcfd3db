import { espSequence, readU32 } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { inboundAh, openAh, outboundAh } from '../support/ah.ts';
import { ipv4Packet } from '../support/packets.ts';
import { inboundSa, NOW, NULL_SUITE, open, outboundSa, poolOf, SHAPES, seal } from '../support/sas.ts';

const out = new Uint8Array(500);

describe('sequence numbers (RFC 4303 §3.3.3)', () => {
  it('begin with 1 and go up by one', () => {
    const outbound = outboundSa(NULL_SUITE);
    for (let sequence = 1; sequence < 300; sequence++) {
      expect(espSequence(seal(outbound, ipv4Packet(0)), 0)).toBe(sequence);
    }
  });

  it('end with 2^32 - 1: packet 2^32 is refused, singly and in a batch', () => {
    const outbound = outboundSa(NULL_SUITE, { firstSequence: 2n ** 32n - 2n });
    const batch = poolOf(4).createBatch(4);
    for (let i = 0; i < 4; i++) batch.add(ipv4Packet(i));
    expect(outbound.sealBatch(NOW, batch)).toBe(2);
    expect(Array.from(batch, ({ reason }) => reason)).toEqual([
      undefined,
      undefined,
      'sequence-exhausted',
      'sequence-exhausted',
    ]);
    expect(espSequence(batch.at(1).octets, 0)).toBe(0xffffffff);
    expect(outbound.sealInto(NOW, ipv4Packet(0), out)).toMatchObject({ ok: false, reason: 'sequence-exhausted' });
    expect(outbound.lifetimeState(NOW)).toBe('hard');
  });

  it('go on from 0 where the other end has no anti-replay window, singly and in a batch, of ESP and of AH', () => {
    const firstSequence = 2n ** 32n - 2n;
    const numbers = [0xfffffffe, 0xffffffff, 0, 1];
    for (const suite of SHAPES.filter(({ iv }) => iv === 'none' || iv === 'unpredictable')) {
      const outbound = outboundSa(suite, { antiReplay: false, firstSequence });
      const inbound = inboundSa(suite, { replayWindow: 'off' });
      for (const number of numbers) {
        const sealed = seal(outbound, ipv4Packet(20));
        expect(espSequence(sealed, 0)).toBe(number);
        expect(open(inbound, sealed)).toEqual(ipv4Packet(20));
      }
      expect(outbound.lifetimeState(NOW)).toBe('fresh');
    }
    const [outbound, inbound] = [outboundAh({ antiReplay: false, firstSequence }), inboundAh({ replayWindow: 'off' })];
    const batch = poolOf(4).createBatch(4);
    for (let i = 0; i < 4; i++) batch.add(ipv4Packet(i));
    expect(outbound.sealBatch(NOW, batch)).toBe(4);
    expect(Array.from(batch, ({ octets }) => readU32(octets, 28))).toEqual(numbers);
    for (const { index, octets } of batch) expect(openAh(inbound, octets.slice())).toEqual(ipv4Packet(index));
  });

  it('never come again where IVs are made of them, with ESN, or where they are kept', () => {
    for (const suite of SHAPES.filter(({ iv }) => iv === 'sequence' || iv === 'implicit')) {
      expect(() => outboundSa(suite, { antiReplay: false })).toThrow(
        /^antiReplay: .* has IVs that are made of numbers/,
      );
    }
    for (const make of [(more: object) => outboundSa(NULL_SUITE, more), outboundAh]) {
      expect(() => make({ antiReplay: false, esn: true })).toThrow(/^antiReplay: esn has it/);
      expect(() => make({ antiReplay: false, keepAhead: true })).toThrow(/^antiReplay: what keepAhead keeps/);
      expect(() => make({ antiReplay: 'no' as never })).toThrow('antiReplay must be a boolean');
    }
  });

  it('pass 2^32 with ESN, the ICV binding the high half, and end with 2^64 - 1', () => {
    for (const suite of SHAPES) {
      const outbound = outboundSa(suite, { esn: true, firstSequence: 2n ** 32n - 2n });
      const inbound = inboundSa(suite, { esn: true });
      const earlier = outboundSa(suite, { esn: true, firstSequence: 2n ** 32n - 99n });
      expect(open(inbound, seal(earlier, ipv4Packet(0)))).toEqual(ipv4Packet(0));
      const unaware = inboundSa(suite, { esn: false });
      for (const low of [0xfffffffe, 0xffffffff, 0, 1, 2]) {
        const sealed = seal(outbound, ipv4Packet(20));
        expect(espSequence(sealed, 0)).toBe(low);
        expect(open(inbound, sealed)).toEqual(ipv4Packet(20));
        expect(open(unaware, sealed)).toBe(low === 0 ? 'sequence-zero' : 'bad-icv');
      }
    }
    const last = outboundSa(NULL_SUITE, { esn: true, firstSequence: 2n ** 64n - 1n });
    expect(espSequence(seal(last, ipv4Packet(0)), 0)).toBe(0xffffffff);
    expect(last.sealInto(NOW, ipv4Packet(0), out)).toMatchObject({ ok: false, reason: 'sequence-exhausted' });
  });

  it('call for a successor while a sixteenth of them is left', () => {
    for (const { esn, bits } of [
      { esn: false, bits: 32n },
      { esn: true, bits: 64n },
    ]) {
      const firstSequence = 15n * 2n ** (bits - 4n) - 1n;
      const outbound = outboundSa(NULL_SUITE, { esn, firstSequence });
      seal(outbound, ipv4Packet(0));
      expect(outbound.lifetimeState(NOW)).toBe('fresh');
      seal(outbound, ipv4Packet(0));
      expect(outbound.lifetimeState(NOW)).toBe('soft');
    }
  });

  it('are used up by no refusal', () => {
    const outbound = outboundSa(NULL_SUITE);
    outbound.sealInto(NOW, ipv4Packet(9).subarray(1), out);
    expect(() => outbound.sealInto(NOW, ipv4Packet(9), new Uint8Array(9))).toThrow(RangeError);
    expect(espSequence(seal(outbound, ipv4Packet(0)), 0)).toBe(1);
  });

  it('can begin only where an SA has numbers', () => {
    for (const firstSequence of [0n, -1n, 2n ** 32n]) {
      expect(() => outboundSa(NULL_SUITE, { firstSequence })).toThrow(RangeError);
    }
    expect(() => outboundSa(NULL_SUITE, { esn: true, firstSequence: 2n ** 64n })).toThrow(RangeError);
  });
});
