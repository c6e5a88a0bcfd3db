import { type EspSuite, espSuite } from '@espalier/crypto';
import { concat, PROTOCOL } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Packet, ipv6Packet, octetsOf } from './support/packets.ts';
import { inboundSa, NOW, NULL_SUITE, open, outboundSa, poolOf, seal } from './support/sas.ts';
import { sealRaw, withTrailer } from './support/sealer.ts';

const TDES = espSuite('3des-cbc/hmac-sha1-96');
const NONE = new Uint8Array(0);

/** Opens a plaintext that was protected with a correct ICV. */
function openRaw(plaintext: Uint8Array, suite: EspSuite = NULL_SUITE) {
  return open(inboundSa(suite), sealRaw(suite, { sequence: 1, plaintext }));
}

describe('padding (RFC 4303 §2.4)', () => {
  it('may have any length up to 255, whatever the sender adds beyond alignment', () => {
    const packet = ipv4Packet(9);
    for (let extra = 0; extra + 8 <= 255; extra += 4) {
      expect(openRaw(withTrailer(NULL_SUITE, packet, PROTOCOL.ipip, extra))).toEqual(packet);
    }
    for (let extra = 0; extra + 8 <= 255; extra += 16) {
      expect(openRaw(withTrailer(TDES, packet, PROTOCOL.ipip, extra), TDES)).toEqual(packet);
    }
  });

  it('is refused with any of its octets wrong', () => {
    const good = withTrailer(NULL_SUITE, ipv4Packet(9), PROTOCOL.ipip, 8);
    const padOctets = good.at(-2) ?? 0;
    for (let i = 0; i < padOctets; i++) {
      const bad = good.slice();
      bad[bad.length - 3 - i] = 0;
      expect(openRaw(bad)).toBe('bad-padding');
    }
  });

  it('is refused when it is longer than the payload', () => {
    const plaintext = Uint8Array.from({ length: 64 }, (_, i) => i + 1);
    for (const padOctets of [63, 64, 100, 255]) {
      plaintext.set([padOctets, PROTOCOL.ipip], 62);
      expect(openRaw(plaintext)).toBe('bad-padding');
    }
    plaintext.set([62, PROTOCOL.ipip], 62);
    expect(openRaw(plaintext)).toBe('bad-inner');
  });

  it('that was refused leaves the sequence number unused', () => {
    const inbound = inboundSa(NULL_SUITE);
    const good = withTrailer(NULL_SUITE, ipv4Packet(9), PROTOCOL.ipip, 8);
    const bad = good.slice();
    bad[bad.length - 5] = 0;
    expect(open(inbound, sealRaw(NULL_SUITE, { sequence: 9, plaintext: bad }))).toBe('bad-padding');
    expect(open(inbound, sealRaw(NULL_SUITE, { sequence: 9, plaintext: good }))).toEqual(ipv4Packet(9));
  });

  it('is as short as alignment allows when this side sends it', () => {
    for (const [suite, block] of [
      [NULL_SUITE, 4],
      [TDES, 8],
      [espSuite('aes-256-cbc/hmac-sha2-256-128'), 16],
    ] as const) {
      const outbound = outboundSa(suite);
      const fixed = 8 + suite.ivOctets + suite.icvOctets;
      for (let octets = 20; octets < 60; octets++) {
        const protectedOctets = outbound.sealedOctets(octets) - fixed;
        expect(protectedOctets % block).toBe(0);
        expect(protectedOctets - octets - 2).toBeLessThan(block);
        expect(protectedOctets - octets).toBeGreaterThanOrEqual(2);
      }
    }
  });
});

describe('the next header', () => {
  it('is 4 for IPv4 and 41 for IPv6', () => {
    const outbound = outboundSa(NULL_SUITE);
    const inbound = inboundSa(NULL_SUITE);
    for (const [packet, nextHeader] of [
      [ipv4Packet(30), 4],
      [ipv6Packet(30), 41],
    ] as const) {
      const sealed = seal(outbound, packet);
      expect(sealed.at(-1 - NULL_SUITE.icvOctets)).toBe(nextHeader);
      expect(inbound.openInto(NOW, sealed, sealed)).toMatchObject({ ok: true, nextHeader });
    }
  });

  it('must be that of the packet it announces', () => {
    expect(openRaw(withTrailer(NULL_SUITE, ipv4Packet(8), PROTOCOL.ipv6))).toBe('bad-inner');
    expect(openRaw(withTrailer(NULL_SUITE, ipv6Packet(8), PROTOCOL.ipip))).toBe('bad-inner');
    for (const nextHeader of [0, 1, 6, 17, 50, 51, 58, 60, 89, 255]) {
      expect(openRaw(withTrailer(NULL_SUITE, ipv4Packet(8), nextHeader))).toBe('bad-next-header');
    }
  });

  it('59 marks a dummy: discarded with a reason of its own, its number used up, nothing counted (RFC 4303 §2.6)', () => {
    const inbound = inboundSa(NULL_SUITE);
    const dummy = sealRaw(NULL_SUITE, {
      sequence: 3,
      plaintext: withTrailer(NULL_SUITE, octetsOf(100), PROTOCOL.none),
    });
    expect(open(inbound, dummy)).toBe('dummy');
    expect(open(inbound, dummy)).toBe('replayed');
    const empty = sealRaw(NULL_SUITE, { sequence: 4, plaintext: withTrailer(NULL_SUITE, NONE, PROTOCOL.none) });
    const batch = poolOf(2).createBatch(2);
    batch.add(empty);
    expect(inbound.openBatch(NOW, batch)).toBe(0);
    expect(batch.at(0).reason).toBe('dummy');
    expect(inbound.counters).toMatchObject({ packets: 0, octets: 0, refusals: { dummy: 2, replayed: 1 } });
  });
});

describe('the inner packet', () => {
  it('ends where its own length says, whatever TFC padding follows (RFC 4303 §2.7)', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(ipv4Packet, ipv6Packet),
        fc.integer({ min: 0, max: 200 }),
        fc.uint8Array({ maxLength: 300 }),
        (packet, octets, tfc) => {
          const inner = packet(octets);
          const nextHeader = packet === ipv4Packet ? PROTOCOL.ipip : PROTOCOL.ipv6;
          const inbound = inboundSa(NULL_SUITE);
          const plaintext = withTrailer(NULL_SUITE, concat(inner, tfc), nextHeader);
          expect(open(inbound, sealRaw(NULL_SUITE, { sequence: 1, plaintext }))).toEqual(inner);
          expect(inbound.counters.octets).toBe(inner.length);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is refused cut short at any length', () => {
    for (const [packet, nextHeader] of [
      [ipv4Packet(30), PROTOCOL.ipip],
      [ipv6Packet(30), PROTOCOL.ipv6],
    ] as const) {
      for (let length = 0; length < packet.length; length++) {
        expect(openRaw(withTrailer(NULL_SUITE, packet.subarray(0, length), nextHeader))).toBe('bad-inner');
      }
    }
  });

  it('is refused with a header that contradicts itself', () => {
    const change = (at: number, value: number) => {
      const packet = ipv4Packet(30);
      packet[at] = value;
      return withTrailer(NULL_SUITE, packet, PROTOCOL.ipip);
    };
    expect(openRaw(change(0, 0x44))).toBe('bad-inner');
    expect(openRaw(change(0, 0x55))).toBe('bad-inner');
    expect(openRaw(change(0, 0x4f))).toBe('bad-inner');
    expect(openRaw(change(3, 19))).toBe('bad-inner');
    expect(openRaw(change(2, 0xff))).toBe('bad-inner');
  });

  it('comes out as it went in: no TTL is decremented, no checksum touched', () => {
    const packet = ipv4Packet(30, { ttl: 1 });
    packet[10] = 0xab;
    expect(open(inboundSa(NULL_SUITE), seal(outboundSa(NULL_SUITE), packet))).toEqual(packet);
  });
});
