import {
  addressPair,
  icmpMessage,
  icmpv6Message,
  ipv4Address,
  ipv4Options,
  ipv4Packet,
  ipv6Packet,
  mutated,
  octets,
  u16,
  udpDatagram,
} from '@espalier/testing/arbitraries';
import {
  checksum,
  DecodeError,
  decodeIcmp,
  decodeIcmpv6,
  decodeIpv4,
  decodeIpv4Options,
  decodeIpv6,
  decodeUdp,
  encodeIcmp,
  encodeIcmpv6,
  encodeIpv4,
  encodeIpv4Options,
  encodeIpv6,
  encodeUdp,
  fromHex,
  icmpOriginal,
  ipv4,
  onesSum,
  PROTOCOL,
  parseAddress,
  pseudoHeaderSum,
  toHex,
  updateChecksum,
  writeU16,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDecoder } from '../../../../test/support/decoders.ts';
import { describeCodec } from '../codec-laws.ts';

describeCodec('an IPv4 packet', {
  values: ipv4Packet,
  encode: encodeIpv4,
  decode: (octets) => {
    const { headerChecksumOk: _, ...packet } = decodeIpv4(octets);
    return packet;
  },
  repair: (octets) => {
    if (octets.length >= 4 * ((octets[0] ?? 0) & 15)) ipv4.setHeaderChecksum(octets, 0);
  },
});

describeDecoder({
  name: 'IPv4 options',
  values: ipv4Options,
  encode: encodeIpv4Options,
  decode: decodeIpv4Options,
  errors: [DecodeError],
  aliasing: 'views',
  // However much padding there was, as little is written.
  encoding: 'free',
  prefixes: 'may-be-whole',
});

describe('IPv4 options', () => {
  it('encode as they were decoded, but for superfluous padding, or are refused with a DecodeError', () => {
    fc.assert(
      fc.property(fc.oneof(mutated(ipv4Options.map(encodeIpv4Options)), octets(0, 48)), (input) => {
        try {
          const again = encodeIpv4Options(decodeIpv4Options(input));
          expect(again).toEqual(input.subarray(0, again.length));
          expect(input.subarray(again.length).every((octet) => octet === 0)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describeCodec('an IPv6 packet', { values: ipv6Packet, encode: encodeIpv6, decode: decodeIpv6 });

describeCodec('a UDP datagram', {
  values: udpDatagram,
  encode: (datagram) => encodeUdp(datagram),
  decode: (octets) => {
    const { checksum: _, ...datagram } = decodeUdp(octets);
    return datagram;
  },
  repair: (octets) => octets.fill(0, 6, 8),
});

describeCodec('an ICMP message', {
  values: icmpMessage,
  encode: encodeIcmp,
  decode: decodeIcmp,
  refusesPrefixes: false,
  repair: (octets) => {
    if (octets.length < 4) return;
    writeU16(octets, 2, 0);
    writeU16(octets, 2, checksum(octets, 0, octets.length));
  },
});

const BETWEEN = { source: parseAddress('2001:db8::1'), destination: parseAddress('2001:db8::2') };

describeCodec('an ICMPv6 message', {
  values: icmpv6Message,
  encode: (message) => encodeIcmpv6(message, BETWEEN),
  decode: (octets) => decodeIcmpv6(octets, BETWEEN),
  refusesPrefixes: false,
  repair: (octets) => {
    if (octets.length < 4) return;
    writeU16(octets, 2, 0);
    const initial = pseudoHeaderSum(BETWEEN, PROTOCOL.icmpv6, octets.length);
    writeU16(octets, 2, checksum(octets, 0, octets.length, initial));
  },
});

describe('the Internet checksum (RFC 1071)', () => {
  /** The definition: 16-bit words, an odd octet padded with zero, carries added at the end. */
  function naive(data: Uint8Array): number {
    let sum = 0n;
    for (let at = 0; at < data.length; at += 2) sum += BigInt((data[at] ?? 0) * 256 + (data[at + 1] ?? 0));
    while (sum > 0xffffn) sum = (sum >> 16n) + (sum & 0xffffn);
    return Number(sum);
  }

  it('is the folded sum of all words, for odd lengths too', () => {
    fc.assert(
      fc.property(octets(0, 101), (data) => {
        expect(onesSum(data, 0, data.length)).toBe(naive(data));
      }),
    );
    const longest = new Uint8Array(65535).fill(0xff);
    expect(onesSum(longest, 0, longest.length)).toBe(naive(longest));
  });

  it('is the sum of RFC 1071 §3 for its example', () => {
    expect(onesSum(fromHex('0001f203f4f5f6f7'), 0, 8)).toBe(0xddf2);
  });

  it('may be taken in parts when all but the last are even', () => {
    fc.assert(
      fc.property(octets(0, 40), octets(0, 41), (head, tail) => {
        const even = head.subarray(0, head.length - (head.length % 2));
        const whole = Uint8Array.of(...even, ...tail);
        expect(onesSum(tail, 0, tail.length, onesSum(even, 0, even.length))).toBe(onesSum(whole, 0, whole.length));
      }),
    );
  });

  it('makes the data that carry it sum to nothing', () => {
    fc.assert(
      fc.property(octets(2, 60), (data) => {
        writeU16(data, 0, 0);
        writeU16(data, 0, checksum(data, 0, data.length));
        expect(checksum(data, 0, data.length)).toBe(0);
      }),
    );
  });

  it('follows a changed word without a second look at the rest (RFC 1624)', () => {
    fc.assert(
      fc.property(octets(4, 40), u16, (data, value) => {
        writeU16(data, 0, 0);
        const before = checksum(data, 0, data.length);
        const word = ((data[2] ?? 0) << 8) | (data[3] ?? 0);
        writeU16(data, 2, value);
        writeU16(data, 0, updateChecksum(before, word, value));
        expect(onesSum(data, 0, data.length) % 0xffff).toBe(0);
      }),
    );
  });
});

describe('the IPv4 header in place', () => {
  it('shows at any offset what the decoder finds', () => {
    fc.assert(
      fc.property(ipv4Packet, fc.integer({ min: 0, max: 9 }), (packet, at) => {
        const encoded = encodeIpv4(packet);
        const arena = new Uint8Array(at + encoded.length + 5).fill(0xa5);
        arena.set(encoded, at);
        expect({
          tos: ipv4.tos(arena, at),
          identification: ipv4.identification(arena, at),
          dontFragment: ipv4.dontFragment(arena, at),
          moreFragments: ipv4.moreFragments(arena, at),
          fragmentOffset: ipv4.fragmentOffset(arena, at),
          ttl: ipv4.ttl(arena, at),
          protocol: ipv4.protocol(arena, at),
          source: ipv4.sourceOctets(arena, at),
          destination: ipv4.destinationOctets(arena, at),
          options: arena.subarray(at + ipv4.HEADER_OCTETS, at + ipv4.headerOctets(arena, at)),
          payload: arena.subarray(at + ipv4.headerOctets(arena, at), at + ipv4.totalLength(arena, at)),
        }).toEqual(packet);
        expect(ipv4.headerFault(arena, at, arena.length)).toBeUndefined();
        expect(ipv4.headerFault(arena, at, at + encoded.length - 1)).toBe('truncated');
        expect(ipv4.headerChecksumOk(arena, at)).toBe(true);
        expect(ipv4.isFragment(arena, at)).toBe(packet.moreFragments || packet.fragmentOffset > 0);
      }),
    );
  });

  it('writes in place what the encoder writes', () => {
    fc.assert(
      fc.property(ipv4Packet, (packet) => {
        const encoded = encodeIpv4(packet);
        const rebuilt = encodeIpv4({
          protocol: 0,
          source: new Uint8Array(4),
          destination: new Uint8Array(4),
          payload: Uint8Array.of(...packet.options, ...packet.payload),
        });
        ipv4.setVersionAndHeader(rebuilt, 0, ipv4.HEADER_OCTETS + packet.options.length);
        ipv4.setTos(rebuilt, 0, packet.tos);
        ipv4.setTotalLength(rebuilt, 0, rebuilt.length);
        ipv4.setIdentification(rebuilt, 0, packet.identification);
        ipv4.setFragmentation(rebuilt, 0, packet.dontFragment, packet.moreFragments, packet.fragmentOffset);
        ipv4.setTtl(rebuilt, 0, packet.ttl);
        ipv4.setProtocol(rebuilt, 0, packet.protocol);
        ipv4.setSource(rebuilt, 0, ipv4.source(encoded, 0));
        ipv4.setDestination(rebuilt, 0, ipv4.destination(encoded, 0));
        ipv4.setHeaderChecksum(rebuilt, 0);
        expect(rebuilt).toEqual(encoded);
      }),
    );
  });

  it('keeps a right header checksum right as the TTL falls', () => {
    fc.assert(
      fc.property(
        ipv4Packet.filter((packet) => packet.ttl > 0),
        (packet) => {
          const encoded = encodeIpv4(packet);
          ipv4.decrementTtl(encoded, 0);
          expect(ipv4.ttl(encoded, 0)).toBe(packet.ttl - 1);
          expect(ipv4.headerChecksumOk(encoded, 0)).toBe(true);
        },
      ),
    );
  });

  it('tells a wrong checksum and does not refuse it', () => {
    const packet = encodeIpv4({
      protocol: PROTOCOL.udp,
      source: parseAddress('10.1.15.1'),
      destination: parseAddress('10.1.15.2'),
      payload: new Uint8Array(3),
    });
    expect(decodeIpv4(packet).headerChecksumOk).toBe(true);
    ipv4.setTtl(packet, 0, 1);
    expect(decodeIpv4(packet).headerChecksumOk).toBe(false);
  });

  it.each([
    ['truncated', ''],
    ['truncated', '4500001400000000400100007f0000017f0000'],
    ['value', '6500001400000000400100007f0000017f000001'],
    ['length', '4400001400000000400100007f0000017f000001'],
    ['length', '4500001300000000400100007f0000017f000001'],
    ['length', '4600001400000000400100007f0000017f00000100000000'],
    ['truncated', '4500001500000000400100007f0000017f000001'],
    ['leftover', '4500001400000000400100007f0000017f00000100'],
    ['reserved', '4500001400008000400100007f0000017f000001'],
  ])('refuses as %s: %s', (fault, hex) => {
    expect(() => decodeIpv4(fromHex(hex))).toThrow(expect.objectContaining({ name: 'DecodeError', fault }));
  });
});

describe('UDP checksums', () => {
  it('are good over the addresses that they were made for, IPv4 and IPv6, and over no other length', () => {
    fc.assert(
      fc.property(udpDatagram, addressPair, (datagram, addresses) => {
        const encoded = encodeUdp(datagram, addresses);
        expect(decodeUdp(encoded, addresses).checksum).toBe('good');
        expect(decodeUdp(encoded).checksum).toBe('unverified');
        expect(decodeUdp(encodeUdp(datagram), addresses).checksum).toBe('absent');
      }),
    );
  });

  it('are bad when one octet differs', () => {
    fc.assert(
      fc.property(udpDatagram, ipv4Address, ipv4Address, (datagram, source, destination) => {
        const encoded = encodeUdp(datagram, { source, destination });
        encoded[0] = (encoded[0] ?? 0) ^ 1;
        expect(decodeUdp(encoded, { source, destination }).checksum).toBe('bad');
      }),
    );
  });

  it('are never sent as zero, which would mean none (RFC 768)', () => {
    const zero = { source: new Uint8Array(4), destination: new Uint8Array(4) };
    const payload = new Uint8Array(2);
    // 17 + 10 + 10 and the ports sum to 0xffff.
    const encoded = encodeUdp({ sourcePort: 0xffff - 17 - 20, destinationPort: 0, payload }, zero);
    expect(toHex(encoded.subarray(6, 8))).toBe('ffff');
    expect(decodeUdp(encoded, zero).checksum).toBe('good');
  });

  it.each([
    ['truncated', '0035'],
    ['length', '003500350007000000'],
    ['truncated', '0035003500090000'],
    ['leftover', '003500350008000000'],
  ])('go with a length that must be exact: %s', (fault, hex) => {
    expect(() => decodeUdp(fromHex(hex))).toThrow(expect.objectContaining({ name: 'DecodeError', fault }));
  });
});

describe('ICMP', () => {
  it('refuses a wrong checksum', () => {
    const echo = encodeIcmp({ kind: 'echo-request', identifier: 1, sequence: 2, data: new Uint8Array(56) });
    echo[9] = 1;
    expect(() => decodeIcmp(echo)).toThrow(expect.objectContaining({ fault: 'checksum' }));
  });

  it('carries the next-hop MTU in fragmentation needed (RFC 1191 §4)', () => {
    const original = icmpOriginal(new Uint8Array(1500));
    const encoded = encodeIcmp({ kind: 'destination-unreachable', code: 4, nextHopMtu: 1446, original });
    expect(toHex(encoded.subarray(0, 2))).toBe('0304');
    expect(toHex(encoded.subarray(4, 8))).toBe('000005a6');
    expect(encoded.length + ipv4.HEADER_OCTETS).toBe(576);
  });

  it('passes what it has no form for by its numbers, RFC 4884 extensions for example', () => {
    const extended = encodeIcmp({ kind: 'other', type: 11, code: 0, rest: 0x00200000, data: new Uint8Array(128) });
    expect(decodeIcmp(extended).kind).toBe('other');
  });
});
