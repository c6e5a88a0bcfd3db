/**
 * An IP packet of either family in place: it starts at octet `at` and must end by `end`. Nothing here allocates but what
 * says so, and nothing throws, whatever the octets are; ask `packetOctets` once, then read.
 *
 * RFC 791 §3.1, RFC 8200 §3 and §4.
 */
import { IPV4_OCTETS } from '../addresses/ipv4-text.ts';
import { IPV6_OCTETS } from '../addresses/ipv6-text.ts';
import { readU16, writeU16 } from '../integers.ts';
import { updateChecksum } from './checksum.ts';
import * as ipv4 from './ipv4-view.ts';
import { PROTOCOL } from './protocol.ts';

/** Extension headers of one packet that are walked, not counting one of a fragment: RFC 8200 §4.1 knows of fewer. */
export const EXTENSION_HEADERS_LIMIT = 8;

/** The longest packet of either family: an IPv6 header, and behind it all that its length can say. */
export const MAX_PACKET_OCTETS = 65_575;

// V8 folds a module's own constants into its code; what is imported it loads, and checks, at every use.
const IPV4_HEADER_OCTETS = 20;
const IPV4_PROTOCOL_AT = 9;
const IPV4_CHECKSUM_AT = 10;
const IPV6_HEADER_OCTETS = 40;
const IPV6_LENGTH_AT = 4;
const IPV6_NEXT_HEADER_AT = 6;
const IPV6_HOP_LIMIT_AT = 7;

/** RFC 8200 §4.3 to §4.6. */
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const DESTINATION_OPTIONS = 60;
/** Extension headers are whole units of this; so are fragments but the last. */
const UNIT_OCTETS = 8;
const FRAGMENT_OFFSET = 0xfff8;
const MORE_FRAGMENTS = 1;

/** 4, 6, or whatever else the first octet says. */
export function version(octets: Uint8Array, at: number): number {
  return (octets[at] ?? 0) >> 4;
}

/** Octets of the packet at `at` by its own header; -1 unless it is one of IPv4 or IPv6 that ends by `end`. */
export function packetOctets(octets: Uint8Array, at: number, end: number): number {
  const most = end - at;
  const first = octets[at] ?? 0;
  if (most < IPV4_HEADER_OCTETS || first >> 4 !== 4) return ipv6Octets(octets, at, most);
  const header = (first & 15) << 2;
  const total = ((octets[at + 2] ?? 0) << 8) | (octets[at + 3] ?? 0);
  return header >= IPV4_HEADER_OCTETS && total >= header && total <= most ? total : -1;
}

/** The flag of IPv4 that must be clear. IPv6 has none. */
export function reservedFlag(octets: Uint8Array, at: number): boolean {
  return version(octets, at) === 4 && ipv4.reservedFlag(octets, at);
}

/** Whether the header sums up to what it must (RFC 791 §3.1). That of IPv6 has no checksum. */
export function headerChecksumOk(octets: Uint8Array, at: number): boolean {
  return version(octets, at) !== 4 || ipv4.headerChecksumOk(octets, at);
}

/**
 * Gives the packet another length, in octets from its first, where no other field says one. The checksum of an IPv4
 * header follows, and stays wrong if it was wrong.
 */
export function setPacketOctets(octets: Uint8Array, at: number, value: number): void {
  if (version(octets, at) !== 4) {
    writeU16(octets, at + IPV6_LENGTH_AT, value - IPV6_HEADER_OCTETS);
    return;
  }
  const sum = updateChecksum(ipv4.headerChecksum(octets, at), ipv4.totalLength(octets, at), value);
  ipv4.setTotalLength(octets, at, value);
  writeU16(octets, at + IPV4_CHECKSUM_AT, sum);
}

/**
 * Writes `value` where `nextHeaderAt` says. The checksum of an IPv4 header follows, and stays wrong if it was wrong.
 */
export function setNextHeader(octets: Uint8Array, at: number, nextHeaderAt: number, value: number): void {
  if (version(octets, at) !== 4) {
    octets[nextHeaderAt] = value;
    return;
  }
  const wordAt = nextHeaderAt - 1;
  const before = readU16(octets, wordAt);
  octets[nextHeaderAt] = value;
  const sum = updateChecksum(ipv4.headerChecksum(octets, at), before, readU16(octets, wordAt));
  writeU16(octets, at + IPV4_CHECKSUM_AT, sum);
}

/** TOS octet of IPv4, traffic class of IPv6: DSCP in the upper six bits, ECN in the lower two. */
export function tos(octets: Uint8Array, at: number): number {
  return version(octets, at) === 4 ? ipv4.tos(octets, at) : (readU16(octets, at) >> 4) & 0xff;
}

/** The checksum of an IPv4 header follows, and stays wrong if it was wrong. */
export function setTos(octets: Uint8Array, at: number, value: number): void {
  const before = readU16(octets, at);
  if (before >> 12 !== 4) {
    writeU16(octets, at, (before & 0xf00f) | (value << 4));
    return;
  }
  ipv4.setTos(octets, at, value);
  const sum = updateChecksum(ipv4.headerChecksum(octets, at), before, readU16(octets, at));
  writeU16(octets, at + IPV4_CHECKSUM_AT, sum);
}

/** 20 bits (RFC 8200 §3); 0 for a packet of IPv4. */
export function flowLabel(octets: Uint8Array, at: number): number {
  return version(octets, at) === 4 ? 0 : ((octets[at + 1] ?? 0) & 15) * 0x10000 + readU16(octets, at + 2);
}

/** TTL of IPv4, hop limit of IPv6. */
export function hopLimit(octets: Uint8Array, at: number): number {
  return version(octets, at) === 4 ? ipv4.ttl(octets, at) : (octets[at + IPV6_HOP_LIMIT_AT] ?? 0);
}

/** What a forwarder does once (RFC 791 §3.1, RFC 8200 §3). The hop limit must not be 0. */
export function decrementHopLimit(octets: Uint8Array, at: number): void {
  if (version(octets, at) === 4) ipv4.decrementTtl(octets, at);
  else octets[at + IPV6_HOP_LIMIT_AT] = (octets[at + IPV6_HOP_LIMIT_AT] ?? 0) - 1;
}

/** Don't Fragment. IPv6 packets are never fragmented on their way (RFC 8200 §4.5): they count as having it set. */
export function dontFragment(octets: Uint8Array, at: number): boolean {
  return version(octets, at) !== 4 || ipv4.dontFragment(octets, at);
}

/** Octets of an address of the packet's family: 4 or 16. */
export function addressOctets(octets: Uint8Array, at: number): number {
  return version(octets, at) === 4 ? IPV4_OCTETS : IPV6_OCTETS;
}

/** Where the source address is. */
export function sourceAt(octets: Uint8Array, at: number): number {
  return at + (version(octets, at) === 4 ? 12 : 8);
}

/** Where the destination address is. */
export function destinationAt(octets: Uint8Array, at: number): number {
  return at + (version(octets, at) === 4 ? 16 : 24);
}

/** A view of 4 or 16 octets. */
export function sourceOctets(octets: Uint8Array, at: number): Uint8Array {
  const from = sourceAt(octets, at);
  return octets.subarray(from, from + addressOctets(octets, at));
}

/** A view of 4 or 16 octets. */
export function destinationOctets(octets: Uint8Array, at: number): Uint8Array {
  const from = destinationAt(octets, at);
  return octets.subarray(from, from + addressOctets(octets, at));
}

/** Whether the packet at `at` comes from `address`, 4 or 16 octets. */
export function isFrom(octets: Uint8Array, at: number, address: Uint8Array): boolean {
  return address.length === addressOctets(octets, at) && hasOctets(octets, sourceAt(octets, at), address);
}

/** Whether the packet at `at` goes to `address`, 4 or 16 octets. */
export function isTo(octets: Uint8Array, at: number, address: Uint8Array): boolean {
  return address.length === addressOctets(octets, at) && hasOctets(octets, destinationAt(octets, at), address);
}

/**
 * Where the payload of a packet begins that `packetOctets` has found good: behind the IPv4 header, or the extension
 * headers that RFC 4301 §4.4.1.1 passes over (hop-by-hop, routing, fragment, destination options). ESP, AH and what is
 * behind a later fragment's header are payload. -1 where the headers are cut short, more than
 * `EXTENSION_HEADERS_LIMIT`, out of their order, or two of fragments.
 */
export function payloadAt(octets: Uint8Array, at: number, end: number): number {
  if (version(octets, at) === 4) return at + ipv4.headerOctets(octets, at);
  const found = walk(octets, at, end);
  return found < 0 ? -1 : at + (found >>> 8);
}

/**
 * Which protocol that payload is of, one of `PROTOCOL` or another: the next layer protocol of RFC 4301 §4.4.1.1, `none`
 * where there is none. -1 as for `payloadAt`.
 */
export function protocol(octets: Uint8Array, at: number, end: number): number {
  if (version(octets, at) === 4) return ipv4.protocol(octets, at);
  const next = octets[at + IPV6_NEXT_HEADER_AT] ?? 0;
  if (next === PROTOCOL.esp || next === PROTOCOL.udp) return next;
  const found = walk(octets, at, end);
  return found < 0 ? -1 : found & 0xff;
}

/**
 * Where the octet is that says which protocol lies at `payloadAt`, which is where one of the packet's headers ends: the
 * protocol of IPv4, of IPv6 the next header of the header before.
 */
export function nextHeaderAt(octets: Uint8Array, at: number, payloadAt: number): number {
  if (version(octets, at) === 4) return at + IPV4_PROTOCOL_AT;
  let nextAt = at + IPV6_NEXT_HEADER_AT;
  for (let headerAt = at + IPV6_HEADER_OCTETS; headerAt < payloadAt; ) {
    const octetsOfHeader = octets[nextAt] === FRAGMENT ? UNIT_OCTETS : extensionOctets(octets, headerAt);
    nextAt = headerAt;
    headerAt += octetsOfHeader;
  }
  return nextAt;
}

/** Where the fragment header of an IPv6 packet is; -1 for one of IPv4, or where there is none to be found. */
export function fragmentHeaderAt(octets: Uint8Array, at: number, end: number): number {
  if (version(octets, at) === 4) return -1;
  let next = octets[at + IPV6_NEXT_HEADER_AT] ?? 0;
  let headerAt = at + IPV6_HEADER_OCTETS;
  for (let walked = 0; walked <= EXTENSION_HEADERS_LIMIT && headerAt + UNIT_OCTETS <= end; walked++) {
    if (next === FRAGMENT) return headerAt;
    if (!isExtension(next) || !isInPlace(next, headerAt - at)) return -1;
    next = octets[headerAt] ?? 0;
    headerAt += extensionOctets(octets, headerAt);
  }
  return -1;
}

/**
 * Octets of an IPv6 packet that each of its fragments begins with: the header, and the extension headers up to the last
 * that routers read, hop-by-hop options and routing (RFC 8200 §4.5). -1 for a fragment, or where `payloadAt` is.
 */
export function perFragmentOctets(octets: Uint8Array, at: number, end: number): number {
  const payload = payloadAt(octets, at, end);
  if (payload < 0 || fragmentHeaderAt(octets, at, end) >= 0) return -1;
  let last = at + IPV6_HEADER_OCTETS;
  let next = octets[at + IPV6_NEXT_HEADER_AT] ?? 0;
  for (let headerAt = last; headerAt < payload; ) {
    const isForRouters = next === HOP_BY_HOP || next === ROUTING;
    next = octets[headerAt] ?? 0;
    headerAt += extensionOctets(octets, headerAt);
    if (isForRouters) last = headerAt;
  }
  return last - at;
}

/** In octets; 0 for what is no fragment. */
export function fragmentOffset(octets: Uint8Array, at: number, end: number): number {
  if (version(octets, at) === 4) return ipv4.fragmentOffset(octets, at);
  const header = fragmentHeaderAt(octets, at, end);
  return header < 0 ? 0 : readU16(octets, header + 2) & FRAGMENT_OFFSET;
}

/**
 * Whether the packet is a part of a larger one. One of IPv6 that has a fragment header and is whole for all that is none
 * (RFC 6946 §4).
 */
export function isFragment(octets: Uint8Array, at: number, end: number): boolean {
  if (version(octets, at) === 4) return ipv4.isFragment(octets, at);
  const next = octets[at + IPV6_NEXT_HEADER_AT] ?? 0;
  if (next === PROTOCOL.esp || next === PROTOCOL.udp) return false;
  const header = fragmentHeaderAt(octets, at, end);
  return header >= 0 && (readU16(octets, header + 2) & (FRAGMENT_OFFSET | MORE_FRAGMENTS)) !== 0;
}

function ipv6Octets(octets: Uint8Array, at: number, most: number): number {
  if (most < IPV6_HEADER_OCTETS || version(octets, at) !== 6) return -1;
  const total = IPV6_HEADER_OCTETS + readU16(octets, at + IPV6_LENGTH_AT);
  return total <= most ? total : -1;
}

/** Octets from the packet's start to its payload in the upper bits, the payload's protocol in the lower eight; -1. */
function walk(octets: Uint8Array, at: number, end: number): number {
  let next = octets[at + IPV6_NEXT_HEADER_AT] ?? 0;
  let headerAt = at + IPV6_HEADER_OCTETS;
  let hasFragmentHeader = false;
  for (let walked = 0; walked <= EXTENSION_HEADERS_LIMIT; ) {
    if (next !== FRAGMENT && !isExtension(next)) return headerAt > end ? -1 : ((headerAt - at) << 8) | next;
    if (headerAt + UNIT_OCTETS > end) return -1;
    if (next === FRAGMENT) {
      if (hasFragmentHeader) return -1;
      hasFragmentHeader = true;
      const isLater = (readU16(octets, headerAt + 2) & FRAGMENT_OFFSET) !== 0;
      next = octets[headerAt] ?? 0;
      headerAt += UNIT_OCTETS;
      if (isLater) return ((headerAt - at) << 8) | next;
    } else {
      if (!isInPlace(next, headerAt - at)) return -1;
      next = octets[headerAt] ?? 0;
      headerAt += extensionOctets(octets, headerAt);
      walked += 1;
    }
  }
  return -1;
}

function isExtension(next: number): boolean {
  return next === HOP_BY_HOP || next === ROUTING || next === DESTINATION_OPTIONS;
}

/** Hop-by-hop options follow the IPv6 header and nothing else (RFC 8200 §4.1). */
function isInPlace(next: number, headerOffset: number): boolean {
  return next !== HOP_BY_HOP || headerOffset === IPV6_HEADER_OCTETS;
}

/** Octets of the extension header at `headerAt`, which is no fragment header: units of 8, not counting the first (RFC 8200 §4.3). */
export function extensionOctets(octets: Uint8Array, headerAt: number): number {
  return ((octets[headerAt + 1] ?? 0) + 1) * UNIT_OCTETS;
}

function hasOctets(octets: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (octets[at + i] !== wanted[i]) return false;
  return true;
}
