import { type OwnOctets, requireOctets } from '../octets.ts';
import { formatIpv4, IPV4_OCTETS, parseIpv4 } from './ipv4-text.ts';
import { formatIpv6, IPV6_OCTETS, parseIpv6 } from './ipv6-text.ts';

/**
 * The 4 or 16 octets of an address in text.
 * @throws RangeError unless `text` is a dotted quad without leading zeros, or RFC 4291 §2.2 text without a zone.
 * @throws TypeError unless it is a string.
 */
export function parseAddress(text: string): OwnOctets {
  if (typeof text !== 'string') throw new TypeError('text must be a string');
  const octets = parseIpv4(text) ?? parseIpv6(text);
  if (octets === undefined) throw new RangeError(`parseAddress: text is not an IP address: ${JSON.stringify(text)}`);
  return octets;
}

/**
 * The canonical text of 4 or 16 octets (RFC 5952).
 * @throws RangeError for any other length.
 */
export function formatAddress(octets: Uint8Array): string {
  requireOctets('octets', octets);
  if (octets.length === IPV4_OCTETS) return formatIpv4(octets);
  if (octets.length === IPV6_OCTETS) return formatIpv6(octets);
  throw new RangeError('formatAddress: octets must be 4 or 16');
}

/**
 * Negative, zero or positive as `a` comes before, is, or comes after `b`: two addresses of one family.
 * @throws TypeError unless both are a Uint8Array.
 */
export function compareAddresses(a: Uint8Array, b: Uint8Array): number {
  requireOctets('a', a);
  requireOctets('b', b);
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
