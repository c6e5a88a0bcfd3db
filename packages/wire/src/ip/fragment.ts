import { readU16, writeU16 } from '../integers.ts';
import { copyOctets, toHex } from '../octets.ts';
import * as ip from './ip-view.ts';
import * as ipv4 from './ipv4-view.ts';
import { IPV6_HEADER_OCTETS } from './ipv6.ts';

/** A part of a datagram, in views of the packet that it came in. */
export interface Fragment {
  /** The same for all fragments of one datagram. */
  readonly datagram: string;
  /** Where its octets belong in the datagram: a multiple of 8. */
  readonly from: number;
  readonly octets: Uint8Array;
  readonly moreFragments: boolean;
  /** What the whole packet begins with if this is the first fragment, its lengths still to be written: a copy. */
  readonly header: Uint8Array;
  /** The longest packet of the family. */
  readonly mostOctets: number;
}

/** RFC 8200 §4.5. */
export const FRAGMENT_HEADER_OCTETS = 8;

const IPV6_LENGTH_AT = 4;
const IPV6_NEXT_HEADER_AT = 6;

/** Reads a packet that has a payload, as `ip.payloadAt` finds it, and for which `ip.isFragment` holds. */
export function readFragment(packet: Uint8Array): Fragment {
  return ip.version(packet, 0) === 4 ? readIpv4(packet) : readIpv6(packet);
}

/** The whole packet of a header that `readFragment` gave and all octets behind it. */
export function completePacket(packet: Uint8Array): Uint8Array {
  if (ip.version(packet, 0) === 4) {
    ipv4.setTotalLength(packet, 0, packet.length);
    ipv4.setFragmentation(packet, 0, ipv4.dontFragment(packet, 0), false, 0);
    ipv4.setHeaderChecksum(packet, 0);
  } else writeU16(packet, IPV6_LENGTH_AT, packet.length - IPV6_HEADER_OCTETS);
  return packet;
}

/** RFC 791 §3.2: fragments belong together by source, destination, protocol and identification. */
function readIpv4(packet: Uint8Array): Fragment {
  const headerOctets = ipv4.headerOctets(packet, 0);
  return {
    datagram: `${addresses(packet)} ${ipv4.protocol(packet, 0)} ${ipv4.identification(packet, 0)}`,
    from: ipv4.fragmentOffset(packet, 0),
    octets: packet.subarray(headerOctets),
    moreFragments: ipv4.moreFragments(packet, 0),
    header: copyOctets('packet', packet.subarray(0, headerOctets)),
    mostOctets: ipv4.MAX_PACKET_OCTETS,
  };
}

/**
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |  Next Header  |   Reserved    |      Fragment Offset    |Res|M|
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                         Identification                        |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * RFC 8200 §4.5: together by source, destination and identification. Of the first, `ip.payloadAt`
 * has seen all headers up to that of the upper layer (RFC 7112 §5), and no fragment header again.
 */
function readIpv6(packet: Uint8Array): Fragment {
  const headerAt = ip.fragmentHeaderAt(packet, 0, packet.length);
  const field = readU16(packet, headerAt + 2);
  const header = copyOctets('packet', packet.subarray(0, headerAt));
  header[nextHeaderAt(packet, headerAt)] = packet[headerAt] ?? 0;
  return {
    datagram: `${addresses(packet)} ${toHex(packet.subarray(headerAt + 4, headerAt + FRAGMENT_HEADER_OCTETS))}`,
    from: field & 0xfff8,
    octets: packet.subarray(headerAt + FRAGMENT_HEADER_OCTETS),
    moreFragments: (field & 1) !== 0,
    header,
    mostOctets: ip.MAX_PACKET_OCTETS,
  };
}

function addresses(packet: Uint8Array): string {
  return `${toHex(ip.sourceOctets(packet, 0))} ${toHex(ip.destinationOctets(packet, 0))}`;
}

/** Where the header in front of the one at `headerAt` of an IPv6 packet names it. */
export function nextHeaderAt(packet: Uint8Array, headerAt: number): number {
  let fieldAt = IPV6_NEXT_HEADER_AT;
  let at = IPV6_HEADER_OCTETS;
  while (at < headerAt) {
    fieldAt = at;
    at += ip.extensionOctets(packet, at);
  }
  return fieldAt;
}
