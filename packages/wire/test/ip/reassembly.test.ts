import { chainedIpv6, ipv4Options, ipv4Packet, mutated, u32 } from '@espalier/testing/arbitraries';
import {
  DecodeError,
  decodeIpv4,
  decodeIpv6,
  encodeIpv4,
  encodeIpv4Options,
  encodeIpv6,
  fragmentIpv4,
  fragmentIpv6,
  type Ipv4Fields,
  instant,
  ip,
  ipv4,
  milliseconds,
  PROTOCOL,
  parseAddress,
  REASSEMBLY_LIMITS,
  Reassembler,
  writeU16,
  writeU32,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const START = instant(1_000_000);

/** Whole packets, larger than the smallest MTU for the most part; their payload shrinks as two numbers. */
const wholePacket = fc
  .tuple(ipv4Packet, ipv4Options, fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 0xff }))
  .map(([packet, options, length, step]) =>
    encodeIpv4({
      ...packet,
      dontFragment: false,
      moreFragments: false,
      fragmentOffset: 0,
      options: encodeIpv4Options(options),
      payload: Uint8Array.from({ length }, (_, i) => i * step),
    }),
  );
/** The same of IPv6, with or without extension headers: a sender's own, for a router fragments none. */
const wholeIpv6 = fc
  .tuple(chainedIpv6, fc.integer({ min: 1300, max: 4000 }), fc.integer({ min: 0, max: 0xff }))
  .filter(([{ octets }]) => ip.perFragmentOctets(octets, 0, octets.length) >= 0)
  .map(([{ octets }, length, step]) => {
    const { payload, ...fields } = decodeIpv6(octets);
    const data = Uint8Array.from({ length }, (_, i) => i * step);
    return encodeIpv6({ ...fields, payload: Uint8Array.from([...payload, ...data]) });
  });

const mtu = fc.integer({ min: 68, max: 300 });

/** A packet, and its fragments, fragmented again on a narrower link, some twice, in any order. */
const arrivals = fc.tuple(wholePacket, mtu, mtu).chain(([packet, first, second]) => {
  const pieces = (fragmentIpv4(packet, first) ?? []).flatMap((piece) => fragmentIpv4(piece, second) ?? []);
  const sent = [...pieces, ...pieces.slice(1, 3)];
  const inAnyOrder = fc.shuffledSubarray(sent, { minLength: sent.length, maxLength: sent.length });
  return fc.record({ packet: fc.constant(packet), pieces: inAnyOrder });
});

const arrivalsIpv6 = fc
  .tuple(wholeIpv6, fc.integer({ min: 1280, max: 1500 }), u32)
  .chain(([packet, mtu, identification]) => {
    const pieces = fragmentIpv6(packet, mtu, identification);
    const sent = [...pieces, ...pieces.slice(1, 3)];
    const inAnyOrder = fc.shuffledSubarray(sent, { minLength: sent.length, maxLength: sent.length });
    return fc.record({ packet: fc.constant(packet), pieces: inAnyOrder });
  });

function fragment(fields: Partial<Ipv4Fields>): Uint8Array {
  return encodeIpv4({
    protocol: 17,
    source: parseAddress('10.1.12.2'),
    destination: parseAddress('10.1.56.1'),
    identification: 7,
    payload: new Uint8Array(16),
    ...fields,
  });
}

/** Octets `from` to `to` of a datagram whose octet n is n. */
function slice(from: number, to: number, more: boolean, identification = 7): Uint8Array {
  const payload = Uint8Array.from({ length: to - from }, (_, i) => from + i);
  return fragment({ fragmentOffset: from, moreFragments: more, payload, identification });
}

/** The same of IPv6, as one fragment; the number of units makes the offset, whatever the payload is. */
function fragment6(from: number, payload: Uint8Array, more: boolean, identification = 7, between = new Uint8Array(0)) {
  const header = new Uint8Array(8);
  header[0] = PROTOCOL.udp;
  writeU16(header, 2, from | (more ? 1 : 0));
  writeU32(header, 4, identification);
  return encodeIpv6({
    trafficClass: 0,
    flowLabel: 0,
    nextHeader: between.length === 0 ? 44 : 60,
    hopLimit: 64,
    source: parseAddress('2001:db8::1'),
    destination: parseAddress('2001:db8::2'),
    payload: Uint8Array.from([...between, ...header, ...payload]),
  });
}

function slice6(from: number, to: number, more: boolean, identification = 7): Uint8Array {
  return fragment6(
    from,
    Uint8Array.from({ length: to - from }, (_, i) => from + i),
    more,
    identification,
  );
}

describe('fragmentation of IPv6', () => {
  it('makes pieces that fit the MTU, and together hold the payload once (RFC 8200 §4.5)', () => {
    fc.assert(
      fc.property(wholeIpv6, fc.integer({ min: 1280, max: 1500 }), u32, (packet, mtu, identification) => {
        const pieces = fragmentIpv6(packet, mtu, identification);
        const headOctets = ip.perFragmentOctets(packet, 0, packet.length);
        if (packet.length <= mtu) expect(pieces).toEqual([packet]);
        else {
          const held = pieces.flatMap((piece) => [...piece.subarray(headOctets + 8)]);
          expect(Uint8Array.from(held)).toEqual(packet.subarray(headOctets));
          let from = 0;
          for (const piece of pieces) {
            expect(ip.isFragment(piece, 0, piece.length)).toBe(true);
            expect(ip.fragmentOffset(piece, 0, piece.length)).toBe(from);
            from += piece.length - headOctets - 8;
          }
        }
        for (const piece of pieces) {
          expect(piece.length).toBeLessThanOrEqual(mtu);
          expect(ip.packetOctets(piece, 0, piece.length)).toBe(piece.length);
        }
      }),
    );
  });

  it('refuses an MTU below 1280, a fragment, and what is no IPv6 packet', () => {
    const whole = fragment6(0, new Uint8Array(8), false);
    expect(() => fragmentIpv6(whole, 1279, 1)).toThrow(RangeError);
    expect(() => fragmentIpv6(whole, 1280, 2 ** 32)).toThrow(RangeError);
    expect(() => fragmentIpv6(whole, 1280, 1)).toThrow(DecodeError);
    expect(() => fragmentIpv6(new Uint8Array(40), 1280, 1)).toThrow(DecodeError);
  });
});

describe('fragmentation', () => {
  it('makes pieces that fit the MTU, and together hold the payload once', () => {
    fc.assert(
      fc.property(wholePacket, mtu, (packet, mtu) => {
        const whole = decodeIpv4(packet);
        const pieces = (fragmentIpv4(packet, mtu) ?? []).map(decodeIpv4);
        let at = 0;
        for (const [i, piece] of pieces.entries()) {
          expect(piece.fragmentOffset).toBe(at);
          expect(piece.moreFragments).toBe(i + 1 < pieces.length);
          expect(piece.payload).toEqual(whole.payload.subarray(at, at + piece.payload.length));
          at += piece.payload.length;
        }
        expect(at).toBe(whole.payload.length);
        for (const octets of fragmentIpv4(packet, mtu) ?? []) expect(octets.length).toBeLessThanOrEqual(mtu);
      }),
    );
  });

  it('copies into later fragments those options alone that say so (RFC 791 §3.2)', () => {
    const copied = { type: 0x83, data: Uint8Array.of(4, 1, 2, 3, 4) };
    const once = { type: 0x07, data: Uint8Array.of(4, 0, 0, 0, 0) };
    const packet = fragment({ options: encodeIpv4Options([once, copied]), payload: new Uint8Array(200) });
    const [first, second] = fragmentIpv4(packet, 100) ?? [];
    expect(first && decodeIpv4(first).options).toEqual(encodeIpv4Options([once, copied]));
    expect(second && decodeIpv4(second).options).toEqual(encodeIpv4Options([copied]));
  });

  it("leaves a packet alone that fits, and one that says Don't Fragment to its sender", () => {
    const packet = fragment({ dontFragment: true, payload: new Uint8Array(100) });
    expect(fragmentIpv4(packet, 120)).toEqual([packet]);
    expect(fragmentIpv4(packet, 119)).toBeUndefined();
  });

  it('refuses a fragment that reaches beyond 65535 octets, rather than make pieces that cannot be said', () => {
    const packet = fragment({ fragmentOffset: 65_520, payload: new Uint8Array(200) });
    expect(() => fragmentIpv4(packet, 68)).toThrow(expect.objectContaining({ name: 'DecodeError', fault: 'length' }));
    expect(() => fragmentIpv4(packet, 67)).toThrow(RangeError);
  });

  it('refuses nothing but with a DecodeError, whatever the packet', () => {
    fc.assert(
      fc.property(fc.oneof(mutated(wholePacket), ipv4Packet.map(encodeIpv4)), (packet) => {
        try {
          fragmentIpv4(packet, 68);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });
});

describe('reassembly', () => {
  it('gives back the packet, in whatever order its fragments come and however often', () => {
    fc.assert(
      fc.property(arrivals, ({ packet, pieces }) => {
        const reassembler = new Reassembler();
        const results = pieces.map((piece) => reassembler.accept(START, piece));
        expect(results.find((result) => result.kind === 'whole')?.packet).toEqual(packet);
        expect(results.some((result) => result.kind === 'refused')).toBe(false);
      }),
    );
  });

  it('gives back a packet of IPv6 likewise', () => {
    fc.assert(
      fc.property(arrivalsIpv6, ({ packet, pieces }) => {
        const reassembler = new Reassembler();
        const results = pieces.map((piece) => reassembler.accept(START, piece));
        expect(results.find((result) => result.kind === 'whole')?.packet).toEqual(packet);
        expect(results.some((result) => result.kind === 'refused')).toBe(false);
      }),
    );
  });

  it('holds fragments of both families, and never takes one for the other', () => {
    const reassembler = new Reassembler();
    expect(reassembler.accept(START, slice(0, 16, true)).kind).toBe('pending');
    expect(reassembler.accept(START, slice6(16, 24, false)).kind).toBe('pending');
    expect(reassembler.accept(START, slice6(0, 16, true)).kind).toBe('whole');
    expect(reassembler.accept(START, slice(16, 24, false)).kind).toBe('whole');
  });

  it('passes a packet that is no fragment as it is, and holds nothing', () => {
    const reassembler = new Reassembler();
    const packet = fragment({});
    expect(reassembler.accept(START, packet)).toEqual({ kind: 'whole', packet });
    expect(reassembler.octetsHeld).toBe(0);
  });

  it('keeps fragments of different datagrams apart', () => {
    const reassembler = new Reassembler();
    expect(reassembler.accept(START, slice(0, 16, true, 1)).kind).toBe('pending');
    expect(reassembler.accept(START, slice(16, 24, false, 2)).kind).toBe('pending');
    expect(reassembler.accept(START, slice(16, 24, false, 1)).kind).toBe('whole');
    expect(reassembler.datagramsHeld).toBe(1);
  });

  it('keeps copies, so that the buffer of a fragment may be used again', () => {
    const reassembler = new Reassembler();
    const first = slice(0, 16, true);
    reassembler.accept(START, first);
    first.fill(0xee);
    const result = reassembler.accept(START, slice(16, 24, false));
    expect(result).toEqual({ kind: 'whole', packet: slice(0, 24, false) });
  });

  it.each([
    ['overlap', [slice(0, 16, true), slice(8, 24, true)]],
    ['overlap', [slice(8, 24, true), slice(0, 16, true)]],
    ['overlap', [slice(0, 48, true), slice(16, 24, true)]],
    ['overlap', [slice(16, 24, true), slice(0, 48, true)]],
    ['overlap', [slice(0, 16, true), fragment({ moreFragments: true, payload: new Uint8Array(16).fill(9) })]],
    ['contradiction', [slice(16, 24, false), slice(24, 32, false)]],
    ['contradiction', [slice(16, 24, false), slice(24, 32, true)]],
    ['contradiction', [slice(16, 24, false), slice(16, 24, true)]],
    ['contradiction', [slice(16, 24, true), slice(8, 16, false)]],
    ['misaligned', [slice(0, 9, true)]],
    ['misaligned', [slice(16, 16, false)]],
    ['too-long', [fragment({ fragmentOffset: 65528, payload: new Uint8Array(8) })]],
    [
      'too-long',
      [
        fragment({ fragmentOffset: 65504, payload: new Uint8Array(8) }),
        fragment({ moreFragments: true, options: new Uint8Array(40), payload: new Uint8Array(8) }),
      ],
    ],
  ] as const)('discards a datagram whose fragments make an %s', (reason, fragments) => {
    const reassembler = new Reassembler();
    const results = fragments.map((piece) => reassembler.accept(START, piece));
    expect(results.at(-1)).toEqual({ kind: 'refused', reason });
    expect(reassembler.octetsHeld).toBe(0);
    expect(reassembler.datagramsHeld).toBe(0);
    expect(reassembler.pollTimeout()).toBeUndefined();
  });

  it.each([
    ['overlap', [slice6(0, 16, true), slice6(8, 24, true)]],
    ['overlap', [slice6(8, 24, true), slice6(0, 16, true)]],
    ['overlap', [slice6(0, 48, true), slice6(16, 24, true)]],
    ['overlap', [slice6(0, 16, true), fragment6(0, new Uint8Array(16).fill(9), true)]],
    ['contradiction', [slice6(16, 24, false), slice6(24, 32, false)]],
    ['contradiction', [slice6(16, 24, true), slice6(8, 16, false)]],
    ['misaligned', [slice6(0, 9, true)]],
    ['misaligned', [slice6(16, 16, false)]],
    ['too-long', [fragment6(65_528, new Uint8Array(8), false)]],
    // Options in front of the fragment header are part of the whole, and are counted once the first fragment is there.
    [
      'too-long',
      [
        fragment6(65_520, new Uint8Array(8), false),
        fragment6(0, new Uint8Array(8), true, 7, Uint8Array.of(44, 0, 0, 0, 0, 0, 0, 0)),
      ],
    ],
  ] as const)('discards a datagram of IPv6 whose fragments make an %s (RFC 8200 §4.5)', (reason, fragments) => {
    const reassembler = new Reassembler();
    const results = fragments.map((piece) => reassembler.accept(START, piece));
    expect(results.at(-1)).toEqual({ kind: 'refused', reason });
    expect(reassembler.octetsHeld).toBe(0);
    expect(reassembler.datagramsHeld).toBe(0);
  });

  it('refuses a first fragment that leaves headers to a later one (RFC 7112 §5)', () => {
    const reassembler = new Reassembler();
    const hidden = fragment6(0, Uint8Array.of(PROTOCOL.udp, 1, 0, 0, 0, 0, 0, 0), true);
    hidden[40] = 60;
    expect(reassembler.accept(START, hidden)).toEqual({ kind: 'refused', reason: 'malformed' });
  });

  it('refuses a wrong header checksum, and what is no IPv4 packet', () => {
    const reassembler = new Reassembler();
    const damaged = slice(0, 16, true);
    ipv4.setTtl(damaged, 0, 3);
    expect(reassembler.accept(START, damaged)).toEqual({ kind: 'refused', reason: 'checksum' });
    expect(reassembler.accept(START, damaged.subarray(0, 19))).toEqual({ kind: 'refused', reason: 'malformed' });
    expect(reassembler.counters.refused).toBe(2);
  });

  it('forgets a datagram 60 seconds after its first fragment, not its last', () => {
    const reassembler = new Reassembler();
    const deadline = instant(START + REASSEMBLY_LIMITS.timeout);
    reassembler.accept(START, slice(0, 16, true));
    reassembler.accept(instant(START + 40_000), slice(16, 32, true));
    expect(reassembler.pollTimeout()).toBe(deadline);
    reassembler.handleTimeout(instant(deadline - 1));
    expect(reassembler.datagramsHeld).toBe(1);
    reassembler.handleTimeout(deadline);
    expect(reassembler.datagramsHeld).toBe(0);
    expect(reassembler.octetsHeld).toBe(0);
    expect(reassembler.counters.expired).toBe(1);
    expect(reassembler.accept(deadline, slice(32, 40, false)).kind).toBe('pending');
  });

  it('takes an earlier time for the latest it has seen', () => {
    const reassembler = new Reassembler({ timeout: milliseconds(10) });
    reassembler.handleTimeout(START);
    reassembler.accept(instant(START - 1000), slice(0, 16, true));
    expect(reassembler.pollTimeout()).toBe(START + 10);
    reassembler.handleTimeout(instant(START - 500));
    expect(reassembler.datagramsHeld).toBe(1);
  });

  it('never holds more than its limits, and evicts the oldest for the newest', () => {
    const limits = { datagrams: 8, octets: 65575, fragmentsPerDatagram: 64 };
    const reassembler = new Reassembler(limits);
    for (let id = 0; id < 40; id++) {
      for (let at = 0; at < 30_000; at += 1480) {
        reassembler.accept(
          START,
          fragment({
            identification: id,
            fragmentOffset: at,
            moreFragments: true,
            payload: new Uint8Array(1480),
          }),
        );
        expect(reassembler.octetsHeld).toBeLessThanOrEqual(limits.octets);
        expect(reassembler.datagramsHeld).toBeLessThanOrEqual(limits.datagrams);
      }
    }
    expect(reassembler.counters.evicted).toBeGreaterThan(30);
    // The newest is still there.
    expect(reassembler.accept(START, slice(31_080, 31_088, false, 39)).kind).toBe('whole');
  });

  it('evicts others, not the datagram that a fragment has just reached, be it the oldest', () => {
    const reassembler = new Reassembler({ octets: 65575 });
    const large = { moreFragments: true, payload: new Uint8Array(30_000) };
    reassembler.accept(START, fragment({ ...large, identification: 1 }));
    reassembler.accept(START, fragment({ ...large, identification: 2 }));
    reassembler.accept(START, fragment({ ...large, identification: 1, fragmentOffset: 30_000 }));
    expect(reassembler.counters.evicted).toBe(1);
    const last = fragment({ identification: 1, fragmentOffset: 60_000, payload: new Uint8Array(8) });
    expect(reassembler.accept(START, last).kind).toBe('whole');
  });

  it('gives up a datagram of more fragments than its limit', () => {
    const reassembler = new Reassembler({ fragmentsPerDatagram: 3 });
    for (const at of [0, 16, 32]) expect(reassembler.accept(START, slice(at, at + 8, true)).kind).toBe('pending');
    expect(reassembler.accept(START, slice(48, 56, true))).toEqual({ kind: 'refused', reason: 'limit' });
    expect(reassembler.datagramsHeld).toBe(0);
  });

  it('accounts for every octet, whatever arrives', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            from: fc.integer({ min: 0, max: 8 }).map((units) => 8 * units),
            octets: fc.integer({ min: 0, max: 40 }),
            more: fc.boolean(),
            id: fc.integer({ min: 0, max: 3 }),
          }),
          { maxLength: 60 },
        ),
        (arrivals) => {
          const reassembler = new Reassembler({ datagrams: 3 });
          for (const { from, octets, more, id } of arrivals) {
            const result = reassembler.accept(START, slice(from, from + octets, more, id));
            if (result.kind === 'whole') {
              const { payload } = decodeIpv4(result.packet);
              expect(payload).toEqual(Uint8Array.from(payload, (_, i) => i));
            }
          }
          reassembler.handleTimeout(instant(START + REASSEMBLY_LIMITS.timeout));
          expect(reassembler.octetsHeld).toBe(0);
          expect(reassembler.datagramsHeld).toBe(0);
        },
      ),
    );
  });

  it.each([{ datagrams: 0 }, { octets: 65574 }, { fragmentsPerDatagram: 1 }])('cannot be limited to %o', (limits) => {
    expect(() => new Reassembler(limits)).toThrow(RangeError);
  });
});
