import { IPV6_HEADER_OCTETS, ipv4, PROTOCOL, readU16, updateChecksum, writeU16 } from '@espalier/wire';

/** Where the IPv4 header has its checksum (RFC 791 §3.1). */
const IPV4_CHECKSUM_AT = 10;

/** What the ESP trailer calls the packet at `at`: 4 or 41; 59 (none) when it is neither IPv4 nor IPv6. */
export function innerNextHeader(octets: Uint8Array, at: number): number {
  const version = ipv4.version(octets, at);
  if (version === 4) return PROTOCOL.ipip;
  return version === 6 ? PROTOCOL.ipv6 : PROTOCOL.none;
}

/**
 * Octets of the IP packet at `at` by its own header, which must end by `end`; -1 when it is not a whole packet of the
 * family that `nextHeader` says.
 */
export function innerOctets(octets: Uint8Array, at: number, end: number, nextHeader: number): number {
  if (nextHeader === PROTOCOL.ipip) {
    return ipv4.headerFault(octets, at, end) === undefined ? ipv4.totalLength(octets, at) : -1;
  }
  if (end - at < IPV6_HEADER_OCTETS || ipv4.version(octets, at) !== 6) return -1;
  const total = IPV6_HEADER_OCTETS + readU16(octets, at + 4);
  return total <= end - at ? total : -1;
}

/** Whether the octets from `at` to `end` are one IP packet, no less and no more. */
export function isWholePacket(octets: Uint8Array, at: number, end: number): boolean {
  return end > at && innerOctets(octets, at, end, innerNextHeader(octets, at)) === end - at;
}

/** TOS octet of IPv4, traffic class of IPv6. */
export function innerTos(octets: Uint8Array, at: number): number {
  return ipv4.version(octets, at) === 4 ? ipv4.tos(octets, at) : (readU16(octets, at) >> 4) & 0xff;
}

/** The checksum of an IPv4 header follows, and stays wrong if it was wrong. */
export function setInnerTos(octets: Uint8Array, at: number, tos: number): void {
  if (ipv4.version(octets, at) === 6) {
    writeU16(octets, at, (readU16(octets, at) & 0xf00f) | (tos << 4));
    return;
  }
  const before = readU16(octets, at);
  ipv4.setTos(octets, at, tos);
  const sum = updateChecksum(ipv4.headerChecksum(octets, at), before, readU16(octets, at));
  writeU16(octets, at + IPV4_CHECKSUM_AT, sum);
}

/** Don't Fragment. IPv6 packets are never fragmented on their way: they count as having it set. */
export function innerDontFragment(octets: Uint8Array, at: number): boolean {
  return ipv4.version(octets, at) === 6 || ipv4.dontFragment(octets, at);
}
