import { concat, encodeIpv4, encodeUdp, parseAddress, writeU16 } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { Observer } from '../../src/index.ts';
import { number, u8, u16, u32 } from '../support/files.ts';
import { ipv4, ipv6, observed, openedIn, ringOf, testSession } from '../support/session.ts';

const session = testSession();
const keys = ringOf(session);
const packets = session.sent.map(ipv4);
const packets6 = session.sent.map(ipv6);

const etherType = (packet: Uint8Array) => ((packet[0] ?? 0) >> 4 === 6 ? 0x86dd : 0x0800);
const macs = u8(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1);
const ethernet = (packet: Uint8Array, ...tags: readonly Uint8Array[]) =>
  concat(macs, ...tags, u16(etherType(packet)), packet);
const ppp = (packet: Uint8Array) => concat(u16(etherType(packet) === 0x0800 ? 0x0021 : 0x0057), packet);
const pppoe = (packet: Uint8Array) => concat(u8(0x11, 0), u16(7), u16(packet.length + 2), ppp(packet));
const cooked = (type: number, inside: Uint8Array) =>
  concat(u16(4), u16(1), u16(6), new Uint8Array(8), u16(type), inside);
const cooked2 = (type: number, inside: Uint8Array) => concat(u16(type), new Uint8Array(18), inside);
const tlv = (type: number, value: Uint8Array) =>
  concat(number(2, value.length + 4), number(2, type), value, new Uint8Array(-value.length & 3));
const label = (last: boolean) => u32((16 << 12) | (last ? 0x100 : 0) | 64);
const outer = (protocol: number, payload: Uint8Array) =>
  encodeIpv4({ source: parseAddress('198.51.100.7'), destination: parseAddress('198.51.100.8'), protocol, payload });
const juniper = (inside: Uint8Array) => concat(u8(0x4d, 0x47, 0x43, 0x80), u16(6), u8(1, 1, 0, 4, 1, 178), inside);

/** In UDP between the ends of a tunnel. */
const inUdp = (destinationPort: number, ...parts: readonly Uint8Array[]) =>
  outer(17, encodeUdp({ sourcePort: 5555, destinationPort, payload: concat(...parts) }));

/** Link type, and what stands in front of a packet. */
const FORMS: readonly (readonly [string, number, (packet: Uint8Array) => Uint8Array])[] = [
  ['Ethernet', 1, (p) => ethernet(p)],
  ['Ethernet with padding behind', 1, (p) => concat(ethernet(p), new Uint8Array(6))],
  ['VLAN', 1, (p) => ethernet(p, u16(0x8100), u16(7))],
  ['QinQ', 1, (p) => ethernet(p, u16(0x88a8), u16(7), u16(0x8100), u16(8))],
  ['QinQ by 0x9200', 1, (p) => ethernet(p, u16(0x9200), u16(7), u16(0x8100), u16(8))],
  ['SNAP', 1, (p) => concat(macs, u16(p.length + 8), u8(0xaa, 0xaa, 3, 0, 0, 0), u16(etherType(p)), p)],
  ['PPPoE', 1, (p) => concat(macs, u16(0x8864), pppoe(p))],
  ['PPPoE in a VLAN', 1, (p) => concat(macs, u16(0x8100), u16(7), u16(0x8864), pppoe(p))],
  ['MPLS', 1, (p) => concat(macs, u16(0x8847), label(false), label(true), p)],
  ['Ethernet in MPLS', 1, (p) => concat(macs, u16(0x8847), label(true), u32(0), ethernet(p))],
  ['Linux cooked', 113, (p) => cooked(etherType(p), p)],
  ['VLAN in Linux cooked', 113, (p) => cooked(0x8100, concat(u16(100), u16(etherType(p)), p))],
  ['PPPoE in Linux cooked', 113, (p) => cooked(0x8864, pppoe(p))],
  ['SNAP in Linux cooked', 113, (p) => cooked(4, concat(u8(0xaa, 0xaa, 3, 0, 0, 0), u16(etherType(p)), p))],
  ['Linux cooked v2', 276, (p) => cooked2(etherType(p), p)],
  ['VLAN in Linux cooked v2', 276, (p) => cooked2(0x8100, concat(u16(100), u16(etherType(p)), p))],
  ['raw IP', 101, (p) => p],
  ['raw IP of BSD', 12, (p) => p],
  ['raw IP of OpenBSD', 14, (p) => p],
  ['IPv4 or IPv6 alone', 228, (p) => p],
  ['null, little-endian', 0, (p) => concat(number(4, etherType(p) === 0x0800 ? 2 : 30), p)],
  ['null, big-endian', 0, (p) => concat(u32(etherType(p) === 0x0800 ? 2 : 10), p)],
  ['loopback', 108, (p) => concat(u32(etherType(p) === 0x0800 ? 2 : 24), p)],
  ['PPP', 9, (p) => concat(u8(0xff, 3), ppp(p))],
  ['PPP of one octet', 9, (p) => concat(u8(etherType(p) === 0x0800 ? 0x21 : 0x57), p)],
  ['PPP in HDLC', 50, (p) => concat(u8(0xff, 3), ppp(p))],
  ['PPP with direction', 204, (p) => concat(u8(1, 0xff, 3), ppp(p))],
  ['PPPoE as a link', 51, pppoe],
  ['Cisco HDLC', 104, (p) => concat(u8(0x0f, 0), u16(etherType(p)), p)],
  ['NFLOG, little-endian', 239, (p) => concat(u8(2, 0, 0, 0), tlv(1, u8(8, 0, 1, 0)), tlv(9, p))],
  [
    'NFLOG, big-endian',
    239,
    (p) => concat(u8(2, 0, 0, 0), u16(8), u16(1), u8(8, 0, 1, 0), u16(p.length + 4), u16(9), p),
  ],
  ['OpenBSD enc', 109, (p) => concat(number(4, 2), u32(0x1234), u32(0), p)],
  ['OpenBSD pflog', 117, (p) => concat(u8(61, 2, 0, 0), new Uint8Array(60), p)],
  ['Juniper Ethernet', 178, (p) => juniper(ethernet(p))],
  ['Juniper PPP', 179, (p) => juniper(concat(u8(0xff, 3), ppp(p)))],
  ['Juniper services, by its shape', 136, (p) => juniper(concat(u8(9, 9, 9, 9), p))],
  ['PKTAP', 258, (p) => concat(number(4, 108), number(4, 1), number(4, 1), new Uint8Array(96), ethernet(p))],
  ['GRE', 101, (p) => outer(47, concat(u16(0), u16(etherType(p)), p))],
  [
    'GRE with all its options',
    101,
    (p) => outer(47, concat(u16(0xb000), u16(etherType(p)), u32(0), u32(7), u32(1), p)),
  ],
  ['Ethernet in GRE', 101, (p) => outer(47, concat(u16(0), u16(0x6558), ethernet(p)))],
  [
    'PPP in GRE of PPTP',
    101,
    (p) => outer(47, concat(u16(0x3081), u16(0x880b), u32(p.length + 4), u32(1), u32(1), u8(0xff, 3), ppp(p))),
  ],
  ['IP in IP, and 6in4', 101, (p) => outer(etherType(p) === 0x0800 ? 4 : 41, p)],
  ['VXLAN', 101, (p) => inUdp(4789, u8(8, 0, 0, 0), u32(42 << 8), ethernet(p))],
  ['Geneve', 101, (p) => inUdp(6081, u8(0, 0), u16(etherType(p)), u32(42 << 8), p)],
  ['Ethernet in Geneve with options', 101, (p) => inUdp(6081, u8(2, 0), u16(0x6558), new Uint8Array(12), ethernet(p))],
  ['GTP-U', 101, (p) => inUdp(2152, u8(0x30, 255), u16(p.length), u32(7), p)],
  [
    'GTP-U with a sequence number and an extension',
    101,
    (p) => inUdp(2152, u8(0x36, 255), u16(p.length + 8), u32(7), u16(1), u8(0, 0x85), u8(1, 0, 9, 0), p),
  ],
  ['L2TP', 101, (p) => inUdp(1701, u16(0x0002), u16(1), u16(2), u8(0xff, 3), ppp(p))],
  [
    'L2TP with all its options',
    101,
    (p) => inUdp(1701, u16(0x4a02), u16(p.length + 18), u16(1), u16(2), u32(9), u16(2), u16(0), u8(0xff, 3), ppp(p)),
  ],
  ['MPLS in IP', 101, (p) => outer(137, concat(label(true), p))],
  [
    'IP in IP in GRE in a VLAN',
    1,
    (p) =>
      ethernet(outer(47, concat(u16(0), u16(0x0800), outer(etherType(p) === 0x0800 ? 4 : 41, p))), u16(0x8100), u16(1)),
  ],
];

describe.each(FORMS)('behind %s', (_, linkType, wrap) => {
  it.each([
    ['IPv4', packets],
    ['IPv6', packets6],
  ])('all of a session over %s is opened', (_, all) => {
    const { observations, observer } = observed(all.map(wrap), { keys, linkType });
    expect(observations.length).toBe(all.length);
    expect(openedIn(observations)).toBe(session.encrypted);
    expect(observer.report().unread).toEqual([]);
  });

  it('where it lies in the frame is told', () => {
    for (const packet of packets) {
      const octets = wrap(packet);
      const [observation] = new Observer().push({ number: 1, time: 0, linkType, octets });
      if (observation?.kind !== 'isakmp' && observation?.kind !== 'esp') return expect.unreachable();
      const at = observation.at ?? -1;
      expect(octets.subarray(at, at + observation.octets.length)).toEqual(observation.octets);
      for (const layer of observation.layers) expect(layer.at).toBeLessThan(at);
    }
  });

  it('every cut is told, or gives what is there of it', () => {
    const octets = wrap(packets[4] ?? u8());
    for (let length = 0; length < octets.length - 6; length++) {
      const observer = new Observer();
      const observations = observer.push({
        number: 1,
        time: 0,
        linkType,
        octets: octets.subarray(0, length),
        originalOctets: octets.length,
      });
      const [observation] = observations;
      expect(observer.report().unread).toContainEqual(expect.objectContaining({ kind: 'cut', frames: 1 }));
      if (observation !== undefined) expect(observation.missing).toBeGreaterThan(0);
    }
  });
});

describe('IP as it is captured', () => {
  const extension = (packet: Uint8Array, type: number, header: (next: number) => Uint8Array) => {
    const changed = concat(packet.subarray(0, 40), header(packet[6] ?? 0), packet.subarray(40));
    changed[6] = type;
    writeU16(changed, 4, changed.length - 40);
    return changed;
  };
  const options = (next: number) => u8(next, 0, 1, 4, 0, 0, 0, 0);
  const fragment = (packet: Uint8Array, id: number, offset: number, piece: Uint8Array, more: number) =>
    extension(concat(packet.subarray(0, 4), u16(piece.length), packet.subarray(6, 40), piece), 44, (next) =>
      concat(u8(next, 0), u16(offset | more), u32(id)),
    );
  const inTwo = (packet: Uint8Array, i: number) => {
    const body = packet.subarray(40);
    return [fragment(packet, i + 1, 0, body.subarray(0, 40), 1), fragment(packet, i + 1, 40, body.subarray(40), 0)];
  };

  it.each([
    ['destination options', packets6.map((p) => extension(p, 60, options))],
    ['hop-by-hop options', packets6.map((p) => extension(p, 0, options))],
    [
      'atomic fragments (RFC 6946)',
      packets6.map((p, i) => extension(p, 44, (next) => concat(u8(next, 0, 0, 0), u32(i + 1)))),
    ],
    ['two fragments', packets6.flatMap(inTwo)],
    ['two fragments, the last one first', packets6.flatMap((p, i) => inTwo(p, i).reverse())],
  ])('is put together from %s', (_, all) => {
    const { observations, observer } = observed(all, { keys });
    expect(openedIn(observations)).toBe(session.encrypted);
    expect(observer.report().unread).toEqual([]);
  });

  it('tells of fragments that were not captured', () => {
    const { observations, observer } = observed(
      packets6.flatMap((p, i) => inTwo(p, i).slice(0, 1)),
      { keys },
    );
    expect(observations).toEqual([]);
    const why = 'datagrams of which fragments were not captured';
    expect(observer.report().unread).toEqual([
      { kind: 'incomplete', why, frames: packets6.length, octets: 0, firstFrame: 0 },
    ]);
  });

  it.each<readonly [string, RegExp, (packet: Uint8Array) => Uint8Array]>([
    ['a header checksum of 0', /checksum of its IP header/, (p) => changed(p, (q) => writeU16(q, 10, 0))],
    ['a total length of 0', /its length is 0/, (p) => changed(p, (q) => writeU16(q, 2, 0))],
    [
      'a wrong UDP checksum',
      /UDP checksum is wrong/,
      (p) => (p[9] === 17 ? changed(p, (q) => writeU16(q, 26, 0x1234)) : p),
    ],
    [
      'octets behind UDP',
      /^$/,
      (p) =>
        p[9] === 17
          ? encodeIpv4({
              source: p.subarray(12, 16),
              destination: p.subarray(16, 20),
              protocol: 17,
              payload: concat(p.subarray(20), new Uint8Array(6)),
            })
          : p,
    ],
    [
      'a UDP length of 0',
      /length of its UDP header is 0/,
      (p) => (p[9] === 17 ? changed(p, (q) => writeU16(q, 24, 0)) : p),
    ],
  ])('is read with %s, and that is told', (_, note, change) => {
    const { observations } = observed(packets.map(change), { keys });
    expect(openedIn(observations)).toBe(session.encrypted);
    const [first] = observations;
    expect(first?.notes.join()).toMatch(note);
  });

  it('of version 5, or with lengths that contradict each other, is malformed', () => {
    const [packet = u8()] = packets;
    const wrong = [
      changed(packet, (q) => q.fill(0x55, 0, 1)),
      changed(packet, (q) => q.fill(0x4f, 0, 1) && writeU16(q, 2, 30)),
    ];
    const { observations, observer } = observed(wrong);
    expect(observations).toEqual([]);
    expect(observer.report().unread.map(({ kind }) => kind)).toEqual(['malformed', 'malformed']);
  });
});

describe('what holds no IPsec', () => {
  const plain = (protocol: number, payload: Uint8Array) => outer(protocol, payload);
  it.each([
    ['a link that is not read', 105, u8(1, 2, 3), 'not-understood', 'link type 105 (IEEE 802.11)'],
    ['a link that nobody knows', 4711, u8(1, 2, 3), 'not-understood', 'link type 4711'],
    ['ARP', 1, concat(macs, u16(0x0806), new Uint8Array(28)), 'other', 'EtherType 0x0806 (ARP)'],
    [
      'an EtherType that nobody knows',
      1,
      concat(macs, u16(0x1234), new Uint8Array(28)),
      'not-understood',
      'EtherType 0x1234',
    ],
    [
      'spanning tree',
      1,
      concat(macs, u16(38), u8(0x42, 0x42, 3), new Uint8Array(35)),
      'other',
      'IEEE 802.2 without SNAP',
    ],
    ['TCP', 101, plain(6, new Uint8Array(20)), 'other', 'IP protocol 6 (TCP)'],
    ['OSPF', 101, plain(89, new Uint8Array(20)), 'other', 'IP protocol 89 (OSPF)'],
    ['a ping', 101, plain(1, new Uint8Array(20)), 'other', 'IP protocol 1 (ICMP)'],
    [
      'DNS',
      101,
      plain(17, encodeUdp({ sourcePort: 40_000, destinationPort: 53, payload: new Uint8Array(20) })),
      'other',
      'UDP port 53 (DNS)',
    ],
    [
      'other UDP',
      101,
      plain(17, encodeUdp({ sourcePort: 40_000, destinationPort: 40_001, payload: new Uint8Array(20) })),
      'other',
      'UDP between other ports',
    ],
    ['GRE of version 2', 101, plain(47, concat(u16(2), u16(0x0800), new Uint8Array(20))), 'other', 'GRE of version 2'],
    ['PPPoE discovery', 51, u8(0x11, 9, 0, 0, 0, 0), 'other', 'PPPoE discovery'],
  ])('is told: %s', (_, linkType, octets, kind, why) => {
    const observer = new Observer();
    expect(observer.push({ number: 7, time: 0, linkType, octets })).toEqual([]);
    expect(observer.report().unread).toEqual([{ kind, why, frames: 1, octets: octets.length, firstFrame: 7 }]);
  });

  it('is a datagram of IKE at another port, until that is asked for', () => {
    const moved = session.sent.map((one) => ipv4({ ...one, ports: one.ports && [10_500, 10_500] }));
    const silent = observed(moved, { keys });
    expect(silent.observer.report().unread[0]?.why).toBe(
      'UDP port 10500, with what looks like ISAKMP: ask for that port',
    );
    expect(openedIn(observed(moved, { keys, ports: [10_500] }).observations)).toBe(session.encrypted);
  });

  it('bounds the kinds that it counts, and says how many there were beyond', () => {
    const observer = new Observer({ limits: { unread: 8 } });
    for (let i = 0; i < 20; i++) observer.push({ number: i + 1, time: 0, linkType: 1000 + i, octets: u8(1) });
    expect(observer.report().unread.length).toBe(8);
    expect(observer.report().beyondLimits).toEqual({ unread: 12 });
  });

  it('is not followed for ever', () => {
    let packet = packets[0] ?? u8();
    for (let i = 0; i < 40; i++) packet = outer(4, packet);
    const observer = new Observer();
    expect(observer.push({ number: 1, time: 0, linkType: 101, octets: packet })).toEqual([]);
    expect(observer.report().unread[0]?.why).toBe('more than 32 headers');
  });
});

function changed(packet: Uint8Array, change: (copy: Uint8Array) => unknown): Uint8Array {
  const copy = packet.slice();
  change(copy);
  return copy;
}
