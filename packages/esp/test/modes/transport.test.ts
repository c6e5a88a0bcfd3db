import { espSuite } from '@espalier/crypto';
import { innerMtu, type OutboundSaOptions, overhead, PacketPool } from '@espalier/esp';
import {
  checksum,
  concat,
  decodeUdp,
  encodeIpv4,
  encodeIpv6,
  encodeUdp,
  fragmentIpv4,
  fragmentIpv6,
  fromHex,
  ip,
  PROTOCOL,
  parseAddress,
  pseudoHeaderSum,
  readU16,
  writeU16,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ADDRESSES_4, ADDRESSES_6, HEADERS, type Headers, packetOf } from '../support/headers.ts';
import { ipv4Packet, ipv6Packet, octetsOf } from '../support/packets.ts';
import { ENGINE, inboundSa, NOW, NULL_SUITE, outboundSa, SHAPES, SPI, seal } from '../support/sas.ts';
import { sealRaw, withTrailer } from '../support/sealer.ts';

const UDP = { sourcePort: 4500, destinationPort: 4501 };
const transport = { mode: 'transport' } as const;
const FORMS = HEADERS.flatMap((headers) => [false, true].map((inUdp) => ({ ...headers, inUdp })));

const udpOf = (inUdp: boolean): Partial<OutboundSaOptions> => (inUdp ? { udp: UDP } : {});

/** Opens a packet of transport mode, alone; what is delivered, or the reason of the refusal. */
function open(sa: ReturnType<typeof inboundSa>, packet: Uint8Array, headOctets: number): Uint8Array | string {
  const result = sa.openInto(NOW, packet, new Uint8Array(packet.length), 0, headOctets);
  return result.ok ? result.octets.slice() : result.reason;
}

/** What RFC 4303 §3.1.1 makes of headers, payload and protocol, with a given ESP packet. */
function wireOf(headers: Headers, esp: Uint8Array, inUdp: boolean): Uint8Array {
  if (!inUdp) return packetOf(headers, PROTOCOL.esp, esp);
  const covers = headers.family === 6 ? ADDRESSES_6 : undefined;
  return packetOf(headers, PROTOCOL.udp, encodeUdp({ ...UDP, payload: esp }, covers));
}

it('a packet with no next header is a dummy to the other end, which knows no other (RFC 4303 §2.6)', () => {
  for (const headers of HEADERS) {
    const sealed = seal(outboundSa(NULL_SUITE, transport), packetOf(headers, PROTOCOL.none, octetsOf(9)));
    expect(open(inboundSa(NULL_SUITE, transport), sealed, headers.octets.length)).toBe('dummy');
  }
});

describe.each(FORMS)('$name, in UDP: $inUdp', ({ inUdp, ...headers }) => {
  const headOctets = headers.octets.length + (inUdp ? 8 : 0);

  it('keeps its headers in clear but for what leads to ESP, and gets them back', () => {
    const suite = NULL_SUITE;
    const outbound = outboundSa(suite, { ...transport, ...udpOf(inUdp) });
    const inbound = inboundSa(suite, transport);
    for (const [i, octets] of [0, 1, 2, 3, 60, 1200].entries()) {
      const payload = octetsOf(octets, octets + 1);
      const packet = packetOf(headers, PROTOCOL.ospf, payload);
      const esp = sealRaw(suite, { sequence: i + 1, plaintext: withTrailer(suite, payload, PROTOCOL.ospf) });
      const sealed = seal(outbound, packet);
      expect(sealed).toEqual(wireOf(headers, esp, inUdp));
      expect(open(inbound, sealed, headOctets)).toEqual(packet);
    }
  });

  it('goes through every suite, alone and in a batch, and counts as long as it was', () => {
    for (const suite of SHAPES) {
      const packets = [0, 1, 5, 16, 300].map((octets) => packetOf(headers, PROTOCOL.ospf, octetsOf(octets)));
      const sas = [0, 1].map(() => outboundSa(suite, { ...transport, ...udpOf(inUdp) }));
      const batch = new PacketPool(ENGINE, { slots: 8, headroom: 96 }).createBatch(8);
      for (const packet of packets) batch.add(packet);
      expect(sas[1]?.sealBatch(NOW, batch)).toBe(packets.length);
      const sealed = packets.map((packet) => seal(sas[0] ?? expect.fail(), packet));
      expect(Array.from(batch, ({ octets }) => octets.slice())).toEqual(sealed);

      batch.clear();
      for (const packet of sealed) expect(batch.add(packet, 0, headOctets)).toBe(true);
      const inbound = inboundSa(suite, transport);
      expect(inbound.openBatch(NOW, batch)).toBe(packets.length);
      expect(Array.from(batch, ({ octets }) => octets.slice())).toEqual(packets);
      expect(batch.at(0).nextHeader).toBe(PROTOCOL.ospf);
      const octets = packets.reduce((sum, packet) => sum + packet.length, 0);
      for (const sa of [...sas, inbound]) expect(sa.counters).toMatchObject({ packets: packets.length, octets });
    }
  });
});

describe('lengths in transport mode', () => {
  it('follow one formula: every packet grows by no less and no more than overhead says, and innerMtu is tight', () => {
    for (const suite of SHAPES) {
      for (const udp of [false, true]) {
        for (const headers of HEADERS) {
          const form = { mode: 'transport', family: headers.family, udp } as const;
          const { least, most } = overhead(suite, form);
          const sa = outboundSa(suite, { ...transport, ...udpOf(udp) });
          const clear = headers.octets.length;
          const growths = Array.from({ length: suite.alignmentOctets }, (_, octets) => {
            const packet = packetOf(headers, PROTOCOL.ospf, octetsOf(octets));
            expect(sa.sealedOctets(packet.length)).toBe(packet.length + most);
            return seal(sa, packet).length - packet.length;
          });
          expect([Math.min(...growths), Math.max(...growths)]).toEqual([least, most]);
          for (const mtu of [576, 1279, 1280, 1400]) {
            const fitting = innerMtu(suite, form, mtu, clear);
            const sealedLength = (octets: number) =>
              seal(sa, packetOf(headers, PROTOCOL.ospf, octetsOf(octets - clear))).length;
            expect(sealedLength(fitting)).toBeLessThanOrEqual(mtu);
            expect(sealedLength(fitting + 1)).toBeGreaterThan(mtu);
          }
        }
      }
    }
  });

  it('end where a packet of IP ends', () => {
    for (const headers of HEADERS) {
      const form = { mode: 'transport', family: headers.family, udp: false } as const;
      const limit = headers.family === 4 ? 65_535 : 65_575;
      const most = innerMtu(NULL_SUITE, form, limit, headers.octets.length);
      const sa = outboundSa(NULL_SUITE, transport);
      const packetOfOctets = (octets: number) =>
        packetOf(headers, PROTOCOL.ospf, new Uint8Array(octets - headers.octets.length));
      expect(seal(sa, packetOfOctets(most)).length).toBeGreaterThan(limit - 4);
      const out = new Uint8Array(70_000);
      expect(sa.sealInto(NOW, packetOfOctets(most + 1), out)).toMatchObject({ reason: 'too-long' });
    }
  });
});

describe('what transport mode refuses', () => {
  const out = new Uint8Array(4000);
  const outbound = () => outboundSa(NULL_SUITE, transport);
  const refusal = (packet: Uint8Array) => outbound().sealInto(NOW, packet, out);

  it('fragments, on the way out and on the way in', () => {
    const fragments = [
      ...(fragmentIpv4(ipv4Packet(100), 68) ?? []),
      ...(fragmentIpv6(ipv6Packet(1400), 1280, 7) ?? []),
      encodeIpv6({ ...ipv6Fields(), nextHeader: 44, payload: concat(fromHex('1100000000000007'), octetsOf(20)) }),
    ];
    expect(fragments.length).toBeGreaterThan(4);
    for (const packet of fragments) expect(refusal(packet)).toMatchObject({ ok: false, reason: 'fragment' });

    const narrow = encodeIpv4({ ...ADDRESSES_4, protocol: 50, payload: octetsOf(100) });
    for (const piece of fragmentIpv4(narrow, 68) ?? expect.fail()) {
      expect(open(inboundSa(NULL_SUITE, transport), piece, 20)).toBe('fragment');
    }
    const wide = encodeIpv6({ ...ipv6Fields(), nextHeader: 50, payload: octetsOf(1400) });
    for (const piece of fragmentIpv6(wide, 1280, 7) ?? expect.fail()) {
      expect(open(inboundSa(NULL_SUITE, transport), piece, 48)).toBe('fragment');
    }
  });

  it('extension headers in no order, too many, or cut short', () => {
    const chain = (first: number, hex: string) =>
      encodeIpv6({ ...ipv6Fields(), nextHeader: first, payload: fromHex(hex) });
    const padding = '00010400000000';
    for (const packet of [
      chain(60, `00${padding}11${padding}`),
      chain(60, `3c${padding}`.repeat(9)),
      chain(43, '1105'),
      chain(0, '11ff010400000000'),
    ]) {
      expect(refusal(packet)).toMatchObject({ ok: false, reason: 'bad-inner' });
    }
  });

  it('what does not lead to the SPI', () => {
    const sealed = seal(outbound(), ipv4Packet(40));
    const inbound = inboundSa(NULL_SUITE, transport);
    for (const head of [0, 8, 19, 21, 24, 28]) expect(open(inbound, sealed, head), `${head}`).toBe('bad-outer');
    expect(open(inbound, sealed.subarray(0, -1), 20)).toBe('bad-outer');
    expect(open(inbound, concat(sealed, Uint8Array.of(0)), 20)).toBe('bad-outer');
    const other = sealed.slice();
    other[9] = PROTOCOL.tcp;
    expect(open(inbound, other, 20)).toBe('bad-outer');
    expect(open(inbound, sealed, 20)).toEqual(ipv4Packet(40));
    expect(() => open(inbound, sealed, sealed.length + 1)).toThrow(RangeError);
    expect(() => open(inbound, sealed, -1)).toThrow(RangeError);
  });

  it('headers in ESP that must come before it', () => {
    for (const nextHeader of [0, 44]) {
      const esp = sealRaw(NULL_SUITE, { sequence: 1, plaintext: withTrailer(NULL_SUITE, octetsOf(8), nextHeader) });
      const packet = encodeIpv6({ ...ipv6Fields(), nextHeader: 50, payload: esp });
      expect(open(inboundSa(NULL_SUITE, transport), packet, 40)).toBe('bad-next-header');
    }
  });

  it('options of the other mode, and a mode that is none', () => {
    const outer = { source: '10.1.15.1', destination: '10.1.15.2' };
    expect(() => outboundSa(NULL_SUITE, { ...transport, outer })).toThrow(TypeError);
    expect(() => outboundSa(NULL_SUITE, { udp: UDP })).toThrow(TypeError);
    expect(() => outboundSa(NULL_SUITE, { ...transport, udp: { ...UDP, sourcePort: 0 } })).toThrow(RangeError);
    expect(() => inboundSa(NULL_SUITE, { originalAddresses: 'unknown' })).toThrow(TypeError);
    expect(() => outbound().redirect(outer)).toThrow(TypeError);
    expect(() => outbound().redirectUdp(UDP)).toThrow(TypeError);
    expect(() => outboundSa(NULL_SUITE, { outer: { ...outer, udp: UDP } }).redirectUdp(UDP)).toThrow(TypeError);
    // @ts-expect-error there are two modes
    expect(() => outboundSa(NULL_SUITE, { mode: 'beet' })).toThrow(RangeError);
    // @ts-expect-error there are two modes
    expect(() => inboundSa(NULL_SUITE, { mode: 'beet' })).toThrow(RangeError);
  });
});

describe('transport mode', () => {
  it('seals destination options for the last host, and carries every protocol', () => {
    const options = fromHex('1100010400000000');
    const packet = encodeIpv6({ ...ipv6Fields(), nextHeader: 60, payload: concat(options, octetsOf(30)) });
    const sealed = seal(outboundSa(NULL_SUITE, transport), packet);
    expect(ip.protocol(sealed, 0, sealed.length)).toBe(PROTOCOL.esp);
    expect(ip.payloadAt(sealed, 0, sealed.length)).toBe(40);
    const result = inboundSa(NULL_SUITE, transport).openInto(NOW, sealed, new Uint8Array(200), 0, 40);
    expect(result.ok && [result.nextHeader, result.octets]).toEqual([60, packet]);

    for (const protocol of [1, 4, 6, 17, 41, 47, 50, 51, 89, 132]) {
      const inner = ipv4Packet(33, { protocol });
      expect(open(inboundSa(NULL_SUITE, transport), seal(outboundSa(NULL_SUITE, transport), inner), 20)).toEqual(inner);
    }
  });

  it('takes a dummy’s number and delivers nothing', () => {
    const esp = sealRaw(NULL_SUITE, { sequence: 5, plaintext: withTrailer(NULL_SUITE, octetsOf(8), PROTOCOL.none) });
    const inbound = inboundSa(NULL_SUITE, transport);
    expect(open(inbound, encodeIpv4({ ...ADDRESSES_4, protocol: 50, payload: esp }), 20)).toBe('dummy');
    expect(inbound.highestSequence).toBe(5n);
  });

  it('follows its peer to other ports', () => {
    const sa = outboundSa(NULL_SUITE, { ...transport, udp: UDP });
    sa.redirectUdp({ sourcePort: 4500, destinationPort: 1025 });
    expect(decodeUdp(seal(sa, ipv4Packet(9)).subarray(20))).toMatchObject({ destinationPort: 1025 });
  });

  it('needs no more than its pool’s head and tail room', () => {
    const suite = espSuite('aes-128-cbc/hmac-sha1-96');
    const sa = outboundSa(suite, { ...transport, udp: UDP });
    expect(sa.headOctets).toBe(32);
  });
});

describe('a NAT between the two ends (RFC 3948 §3.1.2)', () => {
  const original = { source: '10.0.0.7', destination: '192.0.2.9' };
  const seen = { source: '203.0.113.4', destination: '10.9.9.9' };
  const original6 = { source: 'fd00::7', destination: '2001:db8::9' };
  const seen6 = { source: '2001:db8:5::4', destination: '2001:db8:6::9' };
  const pair = ({ source, destination }: typeof original) => ({
    source: parseAddress(source),
    destination: parseAddress(destination),
  });

  /** A segment whose checksum is right between these addresses. */
  function segment(protocol: number, sumAt: number, octets: Uint8Array, addresses: typeof original): Uint8Array {
    const made = octets.slice();
    writeU16(made, sumAt, 0);
    const sum = checksum(made, 0, made.length, pseudoHeaderSum(pair(addresses), protocol, made.length));
    writeU16(made, sumAt, protocol === PROTOCOL.udp && sum === 0 ? 0xffff : sum);
    return made;
  }

  const packetBetween = (addresses: typeof original, protocol: number, payload: Uint8Array) =>
    pair(addresses).source.length === 4
      ? encodeIpv4({ ...pair(addresses), protocol, payload })
      : encodeIpv6({ ...ipv6Fields(), ...pair(addresses), nextHeader: protocol, payload });

  const PROTOCOLS = [
    { protocol: PROTOCOL.tcp, sumAt: 16 },
    { protocol: PROTOCOL.udp, sumAt: 6 },
    { protocol: PROTOCOL.icmpv6, sumAt: 2 },
  ];
  const FAMILIES = [
    { before: original, after: seen },
    { before: original6, after: seen6 },
    { before: original, after: original },
  ];

  it('TCP, UDP and ICMPv6 checksums are those between the addresses that the packet now has', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 20, maxLength: 90 }),
        fc.constantFrom(...PROTOCOLS),
        fc.constantFrom(...FAMILIES),
        fc.constantFrom('told', 'unknown'),
        (octets, { protocol, sumAt }, { before, after }, told) => {
          const sent = segment(protocol, sumAt, octets, before);
          const plaintext = withTrailer(NULL_SUITE, sent, protocol);
          const packet = packetBetween(after, PROTOCOL.esp, sealRaw(NULL_SUITE, { sequence: 1, plaintext }));
          const sa = inboundSa(NULL_SUITE, {
            ...transport,
            originalAddresses: told === 'told' ? before : 'unknown',
          });
          const wanted = segment(protocol, sumAt, octets, after);
          const hasNone = told === 'unknown' && protocol === PROTOCOL.udp && after !== seen6;
          if (hasNone) writeU16(wanted, sumAt, 0);
          const headOctets = packet.length - sealRaw(NULL_SUITE, { sequence: 1, plaintext }).length;
          expect(open(sa, packet, headOctets)).toEqual(packetBetween(after, protocol, wanted));
        },
      ),
    );
  });

  it('a UDP datagram without a checksum stays one, and what is too short or of no known protocol as it is', () => {
    for (const [protocol, payload] of [
      [PROTOCOL.udp, fromHex('1234567800080000')],
      [PROTOCOL.udp, fromHex('12345678000812')],
      [PROTOCOL.tcp, octetsOf(19)],
      [PROTOCOL.icmp, octetsOf(30)],
      [132, octetsOf(30)],
    ] as const) {
      const plaintext = withTrailer(NULL_SUITE, payload, protocol);
      const packet = packetBetween(seen, PROTOCOL.esp, sealRaw(NULL_SUITE, { sequence: 1, plaintext }));
      for (const originalAddresses of [original, 'unknown'] as const) {
        const sa = inboundSa(NULL_SUITE, { ...transport, originalAddresses });
        expect(open(sa, packet, 20)).toEqual(packetBetween(seen, protocol, payload));
      }
    }
  });

  it('without a NAT no checksum is touched', () => {
    const plaintext = withTrailer(NULL_SUITE, octetsOf(40), PROTOCOL.tcp);
    const packet = packetBetween(seen, PROTOCOL.esp, sealRaw(NULL_SUITE, { sequence: 1, plaintext, spi: SPI }));
    const opened = open(inboundSa(NULL_SUITE, transport), packet, 20);
    if (typeof opened === 'string') expect.fail(opened);
    expect(readU16(opened, 36)).toBe(readU16(octetsOf(40), 16));
  });

  it.each([
    [{ source: '10.0.0.1', destination: '2001:db8::1' }, RangeError],
    [{ source: 'somewhere', destination: '10.0.0.1' }, RangeError],
    [null, TypeError],
    ['none', TypeError],
  ])('addresses must be two of one family: %o', (originalAddresses, error) => {
    // @ts-expect-error what a caller in JavaScript can give
    expect(() => inboundSa(NULL_SUITE, { ...transport, originalAddresses })).toThrow(error);
  });
});

function ipv6Fields() {
  return { ...ADDRESSES_6, trafficClass: 0, flowLabel: 0, hopLimit: 64, payload: new Uint8Array(0) };
}
