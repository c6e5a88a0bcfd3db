import { requireOctets } from '../octets.ts';

/** The addresses of the IP packet around a payload: 4 or 16 octets, both the same. */
export interface AddressPair {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

/**
 * The one's complement sum of `octets[from..to)` as 16-bit words, folded into 16 bits. An odd last octet counts as the
 * high half of a word, so only the last part of what is summed may be odd. RFC 1071 §1.
 */
export function onesSum(octets: Uint8Array, from: number, to: number, initial = 0): number {
  let sum = initial;
  let at = from;
  for (; at + 1 < to; at += 2) sum += ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
  if (at < to) sum += (octets[at] ?? 0) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum;
}

/**
 * The Internet checksum of `octets[from..to)`; `initial` is an `onesSum` to start from, of a pseudo-header for example.
 * Once a packet, so that nothing is checked here: what is no Uint8Array, and what lies outside, counts as zeros.
 */
export function checksum(octets: Uint8Array, from: number, to: number, initial = 0): number {
  return ~onesSum(octets, from, to, initial) & 0xffff;
}

/** The checksum after one 16-bit word that it covers went from `before` to `after`: RFC 1624 §3, equation 3. */
export function updateChecksum(sum: number, before: number, after: number): number {
  let updated = (~sum & 0xffff) + (~before & 0xffff) + after;
  updated = (updated & 0xffff) + (updated >>> 16);
  updated = (updated & 0xffff) + (updated >>> 16);
  return ~updated & 0xffff;
}

/**
 * The sum of the pseudo-header around `length` octets of a protocol. That of IPv4 (RFC 768) and that of IPv6
 * (RFC 8200 §8.1) have the same form.
 * @throws RangeError for addresses of other lengths, or of two families.
 */
export function pseudoHeaderSum({ source, destination }: AddressPair, protocol: number, length: number): number {
  requireOctets('addresses.source', source);
  requireOctets('addresses.destination', destination);
  if (source.length !== destination.length || !(source.length === 4 || source.length === 16)) {
    throw new RangeError('addresses must be two of 4 or two of 16 octets');
  }
  return onesSum(destination, 0, destination.length, onesSum(source, 0, source.length, protocol + length));
}
