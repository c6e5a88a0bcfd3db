import { octetsView } from '@espalier/crypto';
import { IPV6_HEADER_OCTETS, ipv4, readU16 } from '@espalier/wire';

/**
 * What a caller hands in, as octets whose `slice` copies.
 * @throws TypeError naming the argument unless it is a `Uint8Array`.
 */
export function octetsOf(argument: string, value: Uint8Array): Uint8Array {
  return isPlain(value) ? value : octetsView(argument, value);
}

/** Asked first, since it costs a packet next to nothing. */
function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Uint8Array.prototype;
}

/**
 * The IP packet that `octets` begin with, without what a link added behind it; undefined when it is not whole, or its
 * header is wrong (RFC 1812 §5.2.2, RFC 8200 §3).
 */
export function wholePacket(octets: Uint8Array): Uint8Array | undefined {
  const length = packetOctets(octets);
  if (length < 0) return undefined;
  return length === octets.length ? octets : octets.subarray(0, length);
}

function packetOctets(octets: Uint8Array): number {
  if (isIpv6(octets)) {
    const length = octets.length < IPV6_HEADER_OCTETS ? -1 : IPV6_HEADER_OCTETS + readU16(octets, 4);
    return length > octets.length ? -1 : length;
  }
  if (ipv4.headerFault(octets, 0, octets.length) !== undefined) return -1;
  if (ipv4.reservedFlag(octets, 0) || !ipv4.headerChecksumOk(octets, 0)) return -1;
  return ipv4.totalLength(octets, 0);
}

/** Whether the packet at `at` is of IPv6. */
export function isIpv6(octets: Uint8Array, at = 0): boolean {
  return (octets[at] ?? 0) >>> 4 === 6;
}

/** 4 or 16. */
export function addressOctets(octets: Uint8Array, at = 0): number {
  return isIpv6(octets, at) ? 16 : 4;
}

/** Where the source address is of the packet at `at`. */
export function sourceAt(octets: Uint8Array, at = 0): number {
  return at + (isIpv6(octets, at) ? 8 : 12);
}

/** Where the destination address is of the packet at `at`. */
export function destinationAt(octets: Uint8Array, at = 0): number {
  return at + (isIpv6(octets, at) ? 24 : 16);
}

/** Whether `packet` has `address` (4 or 16 octets) at `at`. */
export function hasAddress(packet: Uint8Array, at: number, address: Uint8Array): boolean {
  if (address.length !== addressOctets(packet)) return false;
  for (let i = 0; i < address.length; i++) if (packet[at + i] !== address[i]) return false;
  return true;
}
