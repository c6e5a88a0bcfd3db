import { IPV6_HEADER_OCTETS, ipv4, PROTOCOL, readU16, updateChecksum, writeU16 } from '@espalier/wire';
import { decapsulatedTos } from './ecn.ts';

// V8 folds a module's own constants into its code; what is imported it loads, and checks, at every use.
const IPV4_HEADER_OCTETS = ipv4.HEADER_OCTETS;
const IPIP = PROTOCOL.ipip;
const IPV6 = PROTOCOL.ipv6;

/** Where the IPv4 header has its checksum (RFC 791 §3.1). */
const IPV4_CHECKSUM_AT = 10;

/** What the ESP trailer calls the IP packet at `at`: 4 or 41. */
export function innerNextHeader(octets: Uint8Array, at: number): number {
  return (octets[at] ?? 0) >> 4 === 4 ? IPIP : IPV6;
}

/** Octets of the IP packet at `at` by its own header; -1 unless it is one of IPv4 or IPv6 that ends by `end`. */
export function innerOctets(octets: Uint8Array, at: number, end: number): number {
  const most = end - at;
  const first = octets[at] ?? 0;
  if (most < IPV4_HEADER_OCTETS || first >> 4 !== 4) return ipv6Octets(octets, at, most);
  const header = (first & 15) << 2;
  const total = ((octets[at + 2] ?? 0) << 8) | (octets[at + 3] ?? 0);
  return header >= IPV4_HEADER_OCTETS && total >= header && total <= most ? total : -1;
}

function ipv6Octets(octets: Uint8Array, at: number, most: number): number {
  if (most < IPV6_HEADER_OCTETS || ipv4.version(octets, at) !== 6) return -1;
  const total = IPV6_HEADER_OCTETS + readU16(octets, at + 4);
  return total <= most ? total : -1;
}

/** TOS octet of IPv4, traffic class of IPv6. */
export function innerTos(octets: Uint8Array, at: number): number {
  return ipv4.version(octets, at) === 4 ? ipv4.tos(octets, at) : (readU16(octets, at) >> 4) & 0xff;
}

/** Gives the packet at `at` the TOS or traffic class that RFC 6040 §4.2 asks for, which there must be. */
export function decapsulateTos(octets: Uint8Array, at: number, outerTos: number): void {
  const before = innerTos(octets, at);
  const after = decapsulatedTos(before, outerTos);
  if (after !== before) setInnerTos(octets, at, after);
}

/** The checksum of an IPv4 header follows, and stays wrong if it was wrong. */
function setInnerTos(octets: Uint8Array, at: number, tos: number): void {
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
