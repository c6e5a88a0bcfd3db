import {
  encodeIcmp,
  encodeIcmpv6,
  encodeIpv4,
  encodeIpv4Options,
  encodeIpv6,
  encodeMessage,
  encodePayloadBody,
  encodeUdp,
  fragmentMessage,
} from '@espalier/wire';
import fc from 'fast-check';
import { icmpMessage, icmpv6Message } from './icmp.ts';
import { chainedIpv6, ipv4Options, ipv4Packet, ipv6Packet, udpDatagram } from './ip.ts';
import { ahPacket, espPacket, ipcompPacket, tcpFrame, tcpStream, udpEncapsulated } from './ipsec.ts';
import { exchangeMessage } from './isakmp/exchanges.ts';
import { identification } from './isakmp/identification.ts';
import { message } from './isakmp/message.ts';
import { ikeSa } from './isakmp/phase-1.ts';
import { ipsecSa } from './isakmp/phase-2.ts';
import { u16 } from './octets.ts';

/** Everything that comes as octets of its own. */
export const STRUCTURES = [
  'ipv4-packet',
  'ipv4-options',
  'ipv6-packet',
  'ipv6-chain',
  'udp-datagram',
  'icmp-message',
  'icmpv6-message',
  'esp-packet',
  'ah-packet',
  'ipcomp-packet',
  'udp-encapsulated',
  'tcp-frame',
  'tcp-stream',
  'isakmp-message',
  'isakmp-exchange',
  'isakmp-fragment',
  'identification',
  'ike-sa',
  'ipsec-sa',
] as const;

/** One of `STRUCTURES`. */
export type StructureName = (typeof STRUCTURES)[number];

/** Good octets of one structure. */
export interface Structure {
  /** For people. */
  readonly what: string;
  readonly clause: string;
  /** Valid by construction. */
  readonly octets: fc.Arbitrary<Uint8Array>;
}

/** The ends between which the checksum of `icmpv6-message` is right: `2001:db8::1` and `2001:db8::2`. */
export const ICMPV6_ENDS: { readonly source: Uint8Array; readonly destination: Uint8Array } = {
  source: Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
  destination: Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2),
};

/** Nobody has use for more; some, this library too, take no more. */
const MOST_EXTENSION_HEADERS = 8;
const MOST_FRAGMENT_OCTETS = 500;

const fragment: fc.Arbitrary<Uint8Array> = fc
  .record({ message, id: u16, which: fc.nat() })
  .map(({ message: { fields, payloads }, id, which }) => {
    const fragments = fragmentMessage(encodeMessage(fields, payloads), id, MOST_FRAGMENT_OCTETS);
    return fragments[which % fragments.length] ?? new Uint8Array(0);
  });

const CATALOGUE: Readonly<Record<StructureName, Structure>> = {
  'ipv4-packet': {
    what: 'An IPv4 packet, or a fragment of one, with options',
    clause: 'RFC 791 §3.1',
    octets: ipv4Packet.map(encodeIpv4),
  },
  'ipv4-options': {
    what: 'The options of an IPv4 header',
    clause: 'RFC 791 §3.1',
    octets: ipv4Options.map(encodeIpv4Options),
  },
  'ipv6-packet': {
    what: 'An IPv6 packet, whatever its next header',
    clause: 'RFC 8200 §3',
    octets: ipv6Packet.map(encodeIpv6),
  },
  'ipv6-chain': {
    what: 'An IPv6 packet with up to eight extension headers, perhaps a fragment',
    clause: 'RFC 8200 §4',
    octets: chainedIpv6.filter(({ headers }) => headers <= MOST_EXTENSION_HEADERS).map(({ octets }) => octets),
  },
  'udp-datagram': {
    what: 'A UDP datagram without a checksum',
    clause: 'RFC 768',
    octets: udpDatagram.map((datagram) => encodeUdp(datagram)),
  },
  'icmp-message': { what: 'An ICMP message', clause: 'RFC 792', octets: icmpMessage.map(encodeIcmp) },
  'icmpv6-message': {
    what: 'An ICMPv6 message between `ICMPV6_ENDS`',
    clause: 'RFC 4443 §2.1',
    octets: icmpv6Message.map((message) => encodeIcmpv6(message, ICMPV6_ENDS)),
  },
  'esp-packet': { what: 'ESP as one sees it without keys', clause: 'RFC 4303 §2', octets: espPacket },
  'ah-packet': { what: 'AH and what it protects, with any ICV', clause: 'RFC 4302 §2', octets: ahPacket },
  'ipcomp-packet': { what: 'The IPComp header and any octets', clause: 'RFC 3173 §3.3', octets: ipcompPacket },
  'udp-encapsulated': {
    what: 'The payload of a datagram on port 4500: keepalive, IKE or ESP',
    clause: 'RFC 3948 §2',
    octets: udpEncapsulated,
  },
  'tcp-frame': { what: 'One frame of IKE or ESP in TCP', clause: 'RFC 9329 §3', octets: tcpFrame },
  'tcp-stream': { what: 'All that an originator sends over TCP', clause: 'RFC 9329 §4', octets: tcpStream },
  'isakmp-message': {
    what: 'An ISAKMP message in clear: any exchange, any payloads',
    clause: 'RFC 2408 §3',
    octets: message.map(({ fields, payloads }) => encodeMessage(fields, payloads)),
  },
  'isakmp-exchange': {
    what: 'An ISAKMP message in clear as it is met: Main, Aggressive, Informational',
    clause: 'RFC 2409 §5',
    octets: exchangeMessage.map(({ fields, payloads }) => encodeMessage(fields, payloads)),
  },
  'isakmp-fragment': {
    what: 'A piece of an ISAKMP message in a message of its own',
    clause: "Cisco's fragmentation",
    octets: fragment,
  },
  identification: {
    what: 'The body of an identification payload whose data fit its type',
    clause: 'RFC 2407 §4.6.2',
    octets: identification.map((id) => encodePayloadBody({ kind: 'id', ...id })),
  },
  'ike-sa': {
    what: 'The body of the SA payload of phase 1',
    clause: 'RFC 2409 §5, Appendix A',
    octets: ikeSa.map((sa) => encodePayloadBody(sa)),
  },
  'ipsec-sa': {
    what: 'The body of the SA payload of phase 2',
    clause: 'RFC 2407 §4.5',
    octets: ipsecSa.map((sa) => encodePayloadBody(sa)),
  },
};

/** What there is of a structure. @throws RangeError for a name that is none of `STRUCTURES`. */
export function structure(name: StructureName): Structure {
  if (!Object.hasOwn(CATALOGUE, name)) throw new RangeError(`name must be one of STRUCTURES: ${String(name)}`);
  return CATALOGUE[name];
}
