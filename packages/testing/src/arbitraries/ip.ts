import {
  type AddressPair,
  encodeIpv6,
  type Ipv4Option,
  type Ipv4Packet,
  type Ipv6Packet,
  type UdpDatagram,
} from '@espalier/wire';
import fc from 'fast-check';
import { list, octets, u8, u16 } from './octets.ts';

export const ipv4Address: fc.Arbitrary<Uint8Array> = octets(4);
export const ipv6Address: fc.Arbitrary<Uint8Array> = fc.oneof(
  octets(16),
  fc.array(fc.constantFrom(0, 0, 1, 0xff), { minLength: 16, maxLength: 16 }).map((values) => Uint8Array.from(values)),
  octets(4).map((quad) => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...quad)),
);

const ipv4Option: fc.Arbitrary<Ipv4Option> = fc.oneof(
  fc.constant({ type: 1, data: new Uint8Array(0) }),
  fc.record({ type: fc.integer({ min: 2, max: 0xff }), data: octets(0, 6) }),
);
/** At most 40 octets. */
export const ipv4Options: fc.Arbitrary<readonly Ipv4Option[]> = list(ipv4Option, 0, 5);

/** Header options as octets: whatever they say, they are padded. */
const rawOptions: fc.Arbitrary<Uint8Array> = fc.integer({ min: 0, max: 10 }).chain((words) => octets(4 * words));

export const ipv4Packet: fc.Arbitrary<Ipv4Packet> = fc.record({
  tos: u8,
  identification: u16,
  dontFragment: fc.boolean(),
  moreFragments: fc.boolean(),
  fragmentOffset: fc.integer({ min: 0, max: 0x1fff }).map((units) => 8 * units),
  ttl: u8,
  protocol: u8,
  source: ipv4Address,
  destination: ipv4Address,
  options: rawOptions,
  payload: octets(0, 100),
});

export const ipv6Packet: fc.Arbitrary<Ipv6Packet> = fc.record({
  trafficClass: u8,
  flowLabel: fc.integer({ min: 0, max: 0xfffff }),
  nextHeader: u8,
  hopLimit: u8,
  source: octets(16),
  destination: octets(16),
  payload: octets(0, 100),
});

/** An IPv6 packet with extension headers, and what they lead to. */
export interface ChainedPacket {
  readonly octets: Uint8Array;
  /** How many there are, but for one of a fragment. */
  readonly headers: number;
  /** Of the payload, and its octets; those of a later fragment begin behind its header. */
  readonly protocol: number;
  readonly payloadOctets: number;
}

/** Hop-by-hop options if any come first; then routing headers and destination options; a fragment header may be among them. */
export const chainedIpv6: fc.Arbitrary<ChainedPacket> = fc
  .record({
    packet: ipv6Packet,
    hopByHop: fc.boolean(),
    before: list(fc.constantFrom(43, 60), 0, 5),
    fragment: fc.option(fc.constantFrom(0, 1, 8, 9), { nil: undefined }),
    behind: list(fc.constantFrom(43, 60), 0, 5),
    units: fc.integer({ min: 0, max: 2 }),
    protocol: fc.constantFrom(6, 17, 50, 51, 58, 59),
  })
  .map(({ packet, hopByHop, before, fragment, behind, units, protocol }) => {
    const isLater = fragment !== undefined && fragment >= 8;
    const kinds = [
      ...(hopByHop ? [0] : []),
      ...before,
      ...(fragment === undefined ? [] : [44]),
      ...(isLater ? [] : behind),
    ];
    const headers = kinds.map((kind, i) => {
      const header = new Uint8Array(kind === 44 ? 8 : 8 * (units + 1));
      header[0] = kinds[i + 1] ?? protocol;
      header[1] = kind === 44 ? 0 : units;
      if (kind === 44) header[3] = fragment ?? 0;
      return header;
    });
    const payload = Uint8Array.from([...headers, packet.payload].flatMap((part) => [...part]));
    return {
      octets: encodeIpv6({ ...packet, nextHeader: kinds[0] ?? protocol, payload }),
      headers: kinds.filter((kind) => kind !== 44).length,
      protocol,
      payloadOctets: packet.payload.length,
    };
  });

export const addressPair: fc.Arbitrary<AddressPair> = fc.oneof(
  fc.record({ source: ipv4Address, destination: ipv4Address }),
  fc.record({ source: octets(16), destination: octets(16) }),
);

export const udpDatagram: fc.Arbitrary<UdpDatagram> = fc.record({
  sourcePort: u16,
  destinationPort: u16,
  payload: octets(0, 100),
});
