import { espSuite } from '@espalier/crypto';
import { innerMtu, type OutboundSa, type OuterHeaderOptions, outerOctets } from '@espalier/esp';
import { decodeIpv4, decodeIpv6, decodeUdp, ip, ipv4, PROTOCOL, parseAddress, readU16 } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { ipv4Packet, ipv6Packet } from '../support/packets.ts';
import { inboundSa, NOW, NULL_SUITE, OUTER, open, outboundSa, poolOf, SHAPES, seal } from '../support/sas.ts';

const OUTER6 = { source: '2001:db8:15::1', destination: '2001:db8:15::2' };
const [ECT_0, CE] = [2, 3];

const tunnel = (options: Partial<OuterHeaderOptions> = {}) =>
  outboundSa(NULL_SUITE, { outer: { ...OUTER, ...options } });
const outerOf = (sa: OutboundSa, inner: Uint8Array) => decodeIpv4(seal(sa, inner));

describe('the outer IPv4 header (RFC 4301 §5.1.2)', () => {
  it('is whole and correct around every suite and size', () => {
    for (const suite of SHAPES) {
      const outbound = outboundSa(suite, { outer: OUTER });
      const inbound = inboundSa(suite);
      for (const octets of [0, 1, 7, 64, 555, 1400]) {
        const inner = ipv4Packet(octets);
        const outer = decodeIpv4(seal(outbound, inner));
        expect(outer).toMatchObject({ protocol: PROTOCOL.esp, ttl: 64, headerChecksumOk: true, moreFragments: false });
        expect(outer.source).toEqual(parseAddress(OUTER.source));
        expect(outer.destination).toEqual(parseAddress(OUTER.destination));
        expect(open(inbound, outer.payload)).toEqual(inner);
      }
    }
  });

  it('adds 50 to 57 octets with 3DES and SHA-1', () => {
    const outbound = outboundSa(espSuite('3des-cbc/hmac-sha1-96'), { outer: OUTER });
    const overheads = Array.from({ length: 200 }, (_, octets) => outbound.sealedOctets(octets) - octets);
    expect([Math.min(...overheads), Math.max(...overheads)]).toEqual([50, 57]);
  });

  it('takes Don’t Fragment from the policy, or from the inner packet', () => {
    const [may, mayNot] = [ipv4Packet(9), ipv4Packet(9, { dontFragment: true })];
    for (const [df, ofMay, ofMayNot, of6] of [
      ['clear', false, false, false],
      ['set', true, true, true],
      ['copy', false, true, true],
      [undefined, false, true, true],
    ] as const) {
      const sa = tunnel(df === undefined ? {} : { df });
      expect(outerOf(sa, may).dontFragment).toBe(ofMay);
      expect(outerOf(sa, mayNot).dontFragment).toBe(ofMayNot);
      expect(outerOf(sa, ipv6Packet(9)).dontFragment).toBe(of6);
    }
  });

  it('takes the DSCP from the policy or the inner packet, and the ECN field always from the inner packet', () => {
    for (let tos = 0; tos < 256; tos++) {
      for (const packet of [ipv4Packet(9, { tos }), ipv6Packet(9, { trafficClass: tos })]) {
        expect(outerOf(tunnel(), packet).tos).toBe(tos);
        expect(outerOf(tunnel({ dscp: 46 }), packet).tos).toBe((46 << 2) | (tos & 3));
        expect(outerOf(tunnel({ dscp: 0 }), packet).tos).toBe(tos & 3);
      }
    }
  });

  it('has a TTL of its own and leaves the inner one alone', () => {
    const inner = ipv4Packet(9, { ttl: 3 });
    const sealed = decodeIpv4(seal(tunnel({ ttl: 17 }), inner));
    expect(sealed.ttl).toBe(17);
    expect(open(inboundSa(NULL_SUITE), sealed.payload)).toEqual(inner);
  });

  it('counts its identification up by one a packet, from the first one given, over 65535', () => {
    const sa = tunnel({ identification: 65_534 });
    const identifications = Array.from({ length: 4 }, () => outerOf(sa, ipv4Packet(9)).identification);
    expect(identifications).toEqual([65_534, 65_535, 0, 1]);
  });

  it('is the same octets for a packet of a batch', () => {
    const batch = poolOf(4).createBatch(4);
    for (let tos = 0; tos < 4; tos++) batch.add(ipv4Packet(50 + tos, { tos, dontFragment: tos === 2 }));
    const [one, many] = [tunnel(), tunnel()];
    many.sealBatch(NOW, batch);
    for (const { index, octets } of batch) {
      expect(octets).toEqual(seal(one, ipv4Packet(50 + index, { tos: index, dontFragment: index === 2 })));
    }
  });

  it.each([
    { ttl: 0 },
    { ttl: 256 },
    { ttl: 1.5 },
    { dscp: 64 },
    { dscp: -1 },
    { identification: 65_536 },
    { source: 'somewhere' },
    { destination: '10.1.15.256' },
    { destination: '2001:db8::1' },
    { udp: { sourcePort: 0, destinationPort: 4500 } },
    { udp: { sourcePort: 4500, destinationPort: 65_536 } },
    { ...OUTER6, udp: { sourcePort: 0, destinationPort: 4500 } },
  ])('cannot be made from %o', (options) => {
    expect(() => tunnel(options)).toThrow(RangeError);
  });
});

describe('in UDP (RFC 3948 §2.1)', () => {
  const udp = { sourcePort: 4500, destinationPort: 40_001 };

  it('the packet lies between its ports without a checksum, around every suite and size', () => {
    for (const suite of SHAPES) {
      const outbound = outboundSa(suite, { outer: { ...OUTER, udp } });
      const inbound = inboundSa(suite);
      for (const octets of [0, 1, 7, 64, 555, 1400]) {
        const inner = ipv4Packet(octets, { tos: octets & 0xff, dontFragment: octets === 64 });
        const sealed = seal(outbound, inner);
        expect(sealed.length).toBe(outbound.sealedOctets(inner.length));
        const outer = decodeIpv4(sealed);
        expect(outer).toMatchObject({ protocol: PROTOCOL.udp, headerChecksumOk: true, tos: octets & 0xff });
        expect(outer.dontFragment).toBe(octets === 64);
        const datagram = decodeUdp(outer.payload);
        expect(datagram).toMatchObject({ ...udp, checksum: 'absent' });
        expect(open(inbound, datagram.payload)).toEqual(inner);
      }
    }
  });

  it('costs 8 octets more than without', () => {
    const outer = { ...OUTER, udp };
    expect(outboundSa(NULL_SUITE, { outer }).sealedOctets(100)).toBe(tunnel().sealedOctets(100) + 8);
    expect(outboundSa(NULL_SUITE, { outer }).headOctets).toBe(tunnel().headOctets + 8);
  });
});

describe('an SA whose other end is to be reached elsewhere', () => {
  const udp = { sourcePort: 4500, destinationPort: 40_001 };
  const elsewhere = { ...OUTER, destination: '192.0.2.9', udp: { ...udp, destinationPort: 40_777 } };

  it('sends there from its next packet on, with the sequence numbers that follow', () => {
    const sa = outboundSa(NULL_SUITE, { outer: { ...OUTER, udp } });
    const inbound = inboundSa(NULL_SUITE);
    expect(open(inbound, seal(sa, ipv4Packet(9)).subarray(28))).toEqual(ipv4Packet(9));
    sa.redirect(elsewhere);
    const outer = outerOf(sa, ipv4Packet(10));
    expect(outer.destination).toEqual(parseAddress('192.0.2.9'));
    const datagram = decodeUdp(outer.payload);
    expect(datagram.destinationPort).toBe(40_777);
    expect(datagram.payload[7]).toBe(2);
    expect(open(inbound, datagram.payload)).toEqual(ipv4Packet(10));
  });

  it('keeps the form of its header: another length, or a header where there was none, is the caller’s mistake', () => {
    const sa = tunnel({ identification: 7 });
    for (const outer of [elsewhere, OUTER6, { ...OUTER, ttl: 0 }]) expect(() => sa.redirect(outer)).toThrow(RangeError);
    expect(outerOf(sa, ipv4Packet(9)).destination).toEqual(parseAddress(OUTER.destination));
    expect(() => outboundSa(NULL_SUITE).redirect(OUTER)).toThrow(TypeError);
  });
});

describe('the outer IPv6 header', () => {
  it('carries either family, with hop limit, traffic class and payload length', () => {
    const outbound = outboundSa(NULL_SUITE, { outer: { ...OUTER6, ttl: 9 } });
    const inbound = inboundSa(NULL_SUITE);
    for (let tos = 0; tos < 256; tos++) {
      for (const inner of [ipv4Packet(tos, { tos }), ipv6Packet(tos, { trafficClass: tos })]) {
        const sealed = seal(outbound, inner);
        expect(sealed.length).toBe(outbound.sealedOctets(inner.length));
        const outer = decodeIpv6(sealed);
        expect(outer).toMatchObject({ hopLimit: 9, nextHeader: PROTOCOL.esp, trafficClass: tos, flowLabel: 0 });
        expect(outer.source).toEqual(parseAddress(OUTER6.source));
        expect(outer.destination).toEqual(parseAddress(OUTER6.destination));
        expect(open(inbound, outer.payload)).toEqual(inner);
      }
    }
  });
});

describe('inside and outside, each of either family', () => {
  const udp = { sourcePort: 4500, destinationPort: 40_001 };
  const inners = [ipv4Packet, ipv6Packet];
  const forms = [OUTER, { ...OUTER, udp }, OUTER6, { ...OUTER6, udp }] as const;

  /** What lies behind the outer headers, which are found right on the way. */
  function espOf(sealed: Uint8Array, form: (typeof forms)[number]): Uint8Array {
    const is6 = ip.version(sealed, 0) === 6;
    const { source, destination, payload } = is6 ? decodeIpv6(sealed) : decodeIpv4(sealed);
    expect([source, destination]).toEqual([parseAddress(form.source), parseAddress(form.destination)]);
    expect(ip.headerChecksumOk(sealed, 0)).toBe(true);
    const isUdp = ip.protocol(sealed, 0, sealed.length) === PROTOCOL.udp;
    expect(isUdp).toBe('udp' in form);
    if (!isUdp) return payload;
    const datagram = decodeUdp(payload, { source, destination });
    // None over IPv4 (RFC 3948 §2.1), a right one over IPv6 (RFC 8200 §8.1).
    expect(datagram).toMatchObject({ ...udp, checksum: is6 ? 'good' : 'absent' });
    return datagram.payload;
  }

  it('is sealed in headers that are right in every field, for every suite and size, alone and in a batch', () => {
    for (const form of forms) {
      for (const suite of SHAPES) {
        const outbound = outboundSa(suite, { outer: form });
        const inbound = inboundSa(suite);
        const batch = poolOf(16).createBatch(16);
        const packets = [0, 1, 7, 64, 555, 1400].flatMap((octets) => inners.map((inner) => inner(octets)));
        for (const inner of packets) {
          expect(open(inbound, espOf(seal(outbound, inner), form))).toEqual(inner);
          batch.add(inner);
        }
        outbound.sealBatch(NOW, batch);
        for (const { index, octets } of batch) expect(open(inbound, espOf(octets, form))).toEqual(packets[index]);
        expect(outbound.sealedOctets(1)).toBe(
          outerOctets({ family: form.source.includes(':') ? 6 : 4, udp: 'udp' in form }) +
            outboundSa(suite).sealedOctets(1),
        );
      }
    }
  });

  it('is as long as the outer packet can be, and one octet more is refused', () => {
    const out = new Uint8Array(70_000);
    for (const form of forms) {
      for (const suite of [NULL_SUITE, espSuite('3des-cbc/hmac-sha1-96')]) {
        const family = form.source.includes(':') ? 6 : 4;
        const most = family === 6 ? ip.MAX_PACKET_OCTETS : ipv4.MAX_PACKET_OCTETS;
        const largest = innerMtu(suite, { family, udp: 'udp' in form }, most);
        const outbound = outboundSa(suite, { outer: form });
        const result = outbound.sealInto(NOW, ipv4Packet(largest - 20), out);
        if (!result.ok) expect.fail(result.reason);
        expect(open(inboundSa(suite), espOf(result.octets, form))).toEqual(ipv4Packet(largest - 20));
        expect(outbound.sealedOctets(largest)).toBeLessThanOrEqual(most);
        // The longest IPv4 packet may fit IPv6.
        if (largest === 65_535) continue;
        expect(outbound.sealInto(NOW, ipv4Packet(largest - 19), out)).toMatchObject({ ok: false, reason: 'too-long' });
      }
    }
  });

  it('has a UDP checksum of all ones over IPv6 where it would be zero, which says none (RFC 768)', () => {
    const checksumFrom = (sourcePort: number) =>
      readU16(seal(outboundSa(NULL_SUITE, { outer: { ...OUTER6, udp: { ...udp, sourcePort } } }), ipv6Packet(0)), 46);
    // A port that is larger by the checksum makes the sum all ones: ports are not under the ICV.
    const larger = udp.sourcePort + checksumFrom(udp.sourcePort);
    expect(checksumFrom(larger > 0xffff ? larger - 0xffff : larger)).toBe(0xffff);
  });
});

describe('without an outer header', () => {
  it('a packet begins at its SPI, and is never longer than UDP can carry', () => {
    const outbound = outboundSa(NULL_SUITE);
    expect(outbound.headOctets).toBe(8);
    expect([...seal(outbound, ipv4Packet(9)).subarray(0, 8)]).toEqual([0x12, 0x34, 0x56, 0x78, 0, 0, 0, 1]);
    const out = new Uint8Array(70_000);
    const most = 65_535 - 20 - 8;
    let largest = most;
    while (outbound.sealedOctets(largest) > most) largest -= 1;
    expect(outbound.sealInto(NOW, ipv4Packet(largest - 20), out)).toMatchObject({ ok: true });
    expect(outbound.sealInto(NOW, ipv4Packet(largest - 19), out)).toMatchObject({ ok: false, reason: 'too-long' });
  });
});

describe('the ECN field of an opened packet', () => {
  it('changes with its checksum, which stays wrong if it was wrong', () => {
    const packet = ipv4Packet(30, { tos: ECT_0 });
    packet[11] = (packet[11] ?? 0) ^ 1;
    const opened = open(inboundSa(NULL_SUITE), seal(outboundSa(NULL_SUITE), packet), CE);
    if (typeof opened === 'string') expect.fail(opened);
    expect(ipv4.tos(opened, 0)).toBe(CE);
    expect(ipv4.headerChecksumOk(opened, 0)).toBe(false);
  });
});
