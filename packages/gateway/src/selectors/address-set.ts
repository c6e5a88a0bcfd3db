import { compareAddresses, formatAddress, parseAddress, parsePrefix, prefixMask, prefixNetwork } from '@espalier/wire';
import type { Addresses } from '../config.ts';

/** Addresses of one family, both ends within. */
export interface AddressRange {
  /** 4 or 16 octets. */
  readonly first: Uint8Array;
  readonly last: Uint8Array;
  /** Length of the prefix that the range is; -1 where it is none. */
  readonly bits: number;
}

/** A prefix as the octets that it begins with, a signed number of 32 bits, and those of them that count. */
export interface Ipv4Prefix {
  readonly word: number;
  readonly mask: number;
}

/** A list of ranges of addresses (RFC 4301 §4.4.1.1), made ready for packets: a look-up allocates nothing. */
export class AddressSet {
  readonly ranges: readonly AddressRange[];
  /** Octets of an address: 4 or 16. */
  readonly octets: number;
  /** Of one IPv4 prefix alone, the commonest. */
  readonly prefix: Ipv4Prefix | undefined;

  /** @throws RangeError for what is no address, prefix or range, for two families in one list, and for an empty one. */
  constructor(addresses: Addresses) {
    this.ranges = (typeof addresses === 'string' ? [addresses] : addresses).map(readAddressRange);
    const [first] = this.ranges;
    if (first === undefined) throw new RangeError('a list of addresses must not be empty');
    this.octets = first.first.length;
    if (this.ranges.some((range) => range.first.length !== this.octets)) {
      throw new RangeError('addresses must be of one family');
    }
    const isPrefix = this.octets === 4 && this.ranges.length === 1 && first.bits >= 0;
    this.prefix = isPrefix
      ? { word: wordAt(first.first, 0), mask: first.bits > 0 ? -1 << (32 - first.bits) : 0 }
      : undefined;
  }

  /** Whether the address of `addressOctets` octets at `at` is one of these. */
  holds(octets: Uint8Array, at: number, addressOctets: number): boolean {
    if (addressOctets !== this.octets) return false;
    for (const range of this.ranges) if (holds(range, octets, at)) return true;
    return false;
  }

  /** Whether the two have an address in common. */
  meets(other: AddressSet): boolean {
    return this.ranges.some((a) => other.ranges.some((b) => meet(a, b)));
  }
}

/** The addresses of `text`: one, a prefix, or `first-last`. @throws RangeError for anything else. */
export function readAddressRange(text: string): AddressRange {
  const [start = '', ...ends] = text.split('-');
  if (ends.length === 0) return prefixRange(text);
  const first = parseAddress(start.trim());
  const last = parseAddress(ends.join('-').trim());
  if (first.length !== last.length) throw new RangeError(`a range of two families: ${JSON.stringify(text)}`);
  if (compareAddresses(first, last) > 0) throw new RangeError(`a range that ends before it begins: ${text}`);
  return { first, last, bits: commonBits(first, last, true) };
}

/** In the shortest form that `readAddressRange` reads. */
export function formatAddressRange({ first, last, bits }: AddressRange): string {
  return bits < 0 ? `${formatAddress(first)}-${formatAddress(last)}` : `${formatAddress(first)}/${bits}`;
}

/** Length of the longest prefix that has all of the range. */
export function enclosingBits({ first, last, bits }: AddressRange): number {
  return bits >= 0 ? bits : commonBits(first, last, false);
}

/** The IPv4 address at `at`, as a signed number. */
export function wordAt(octets: Uint8Array, at: number): number {
  return (
    ((octets[at] ?? 0) << 24) | ((octets[at + 1] ?? 0) << 16) | ((octets[at + 2] ?? 0) << 8) | (octets[at + 3] ?? 0)
  );
}

function prefixRange(text: string): AddressRange {
  const prefix = parsePrefix(text);
  const first = prefixNetwork(prefix);
  const mask = prefixMask(prefix.length, first.length);
  return { first, last: first.map((octet, i) => octet | (~(mask[i] ?? 0) & 0xff)), bits: prefix.length };
}

/** Leading bits that both have; with `whole` -1 unless the rest of them is all zeros and all ones. */
function commonBits(first: Uint8Array, last: Uint8Array, whole: boolean): number {
  const octets = first.length;
  let at = 0;
  while (at < octets && first[at] === last[at]) at += 1;
  const bits = at === octets ? 8 * octets : 8 * at + Math.clz32((first[at] ?? 0) ^ (last[at] ?? 0)) - 24;
  if (!whole) return bits;
  const mask = prefixMask(bits, octets);
  const isWhole = mask.every((m, i) => ((first[i] ?? 0) & ~m) === 0 && ((last[i] ?? 0) | m) === 0xff);
  return isWhole ? bits : -1;
}

function holds({ first, last, bits }: AddressRange, octets: Uint8Array, at: number): boolean {
  if (bits < 0) return isFrom(octets, at, first) && isUpTo(octets, at, last);
  const whole = bits >>> 3;
  for (let i = 0; i < whole; i++) if (octets[at + i] !== first[i]) return false;
  const rest = bits & 7;
  return rest === 0 || (((octets[at + whole] ?? 0) ^ (first[whole] ?? 0)) & (0xff00 >> rest) & 0xff) === 0;
}

function isFrom(octets: Uint8Array, at: number, first: Uint8Array): boolean {
  for (let i = 0; i < first.length; i++) {
    const difference = (octets[at + i] ?? 0) - (first[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function isUpTo(octets: Uint8Array, at: number, last: Uint8Array): boolean {
  for (let i = 0; i < last.length; i++) {
    const difference = (octets[at + i] ?? 0) - (last[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

function meet(a: AddressRange, b: AddressRange): boolean {
  return (
    a.first.length === b.first.length &&
    compareAddresses(a.first, b.last) <= 0 &&
    compareAddresses(b.first, a.last) <= 0
  );
}
