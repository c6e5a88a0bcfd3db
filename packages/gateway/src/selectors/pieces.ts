import { compareAddresses } from '@espalier/wire';
import { type AddressRange, type AddressSet, enclosingBits } from './address-set.ts';
import type { NumberRange, NumberSet } from './number-set.ts';
import type { PacketFields } from './packet-fields.ts';
import type { SelectorMatcher } from './selectors.ts';

/** What packets are told apart by, one after the other; the fifth is the other of the upper two. */
export const REMOTE = 0;
const LOCAL = 1;
const PROTOCOL = 2;
const UPPER_A = 3;
export const DIMENSIONS = 5;
const PROTOCOL_BITS = 8;
/** Of a port, a type or a code. */
const UPPER_BITS = 16;

/** A selector that takes everything, or what is not shown: asked for every packet. */
export const EVERY = -1;
/** Levels of IPv6 prefixes come behind those of IPv4. */
const IPV6_LEVELS = 64;

/** Everything, or what packets do not show as well. */
const EVERYTHING: Prefix = { level: EVERY, key: 0 };
const UNDIVIDED: Division = { prefixes: [EVERYTHING], enclosing: EVERYTHING };

/** Into so many pieces selectors are cut at most; then their widest lists are taken for what encloses them. */
const PIECES_MOST = 1024;

/** One prefix: how long it is, and a hash of it. Numbers have prefixes too: the range 1024-2047 is one of 6 bits. */
interface Prefix {
  readonly level: number;
  readonly key: number;
}

/** What is taken in one dimension, and the longest prefix that has all of it. */
interface Division {
  readonly prefixes: readonly Prefix[];
  readonly enclosing: Prefix;
}

/** A box of one prefix in each dimension. All packets of some selectors lie in their pieces, and a few others may. */
export type Piece = readonly Prefix[];

/** The pieces of what a matcher takes. */
export function piecesOf({ local, remote, upper }: SelectorMatcher): readonly Piece[] {
  let dimensions: readonly Division[] = [
    divideAddresses(remote),
    divideAddresses(local),
    divideNumbers(upper?.protocol, PROTOCOL_BITS),
    divideNumbers(upper?.a, UPPER_BITS),
    divideNumbers(upper?.b, UPPER_BITS),
  ];
  while (dimensions.reduce((product, { prefixes }) => product * prefixes.length, 1) > PIECES_MOST) {
    const widest = dimensions.reduce((a, b) => (b.prefixes.length > a.prefixes.length ? b : a));
    dimensions = dimensions.map((one) => (one === widest ? { ...one, prefixes: [one.enclosing] } : one));
  }
  return dimensions.reduce<readonly Piece[]>(
    (pieces, { prefixes }) =>
      prefixes.length === 1
        ? pieces.map((piece) => piece.concat(prefixes))
        : pieces.flatMap((piece) => prefixes.map((one) => piece.concat(one))),
    [[]],
  );
}

/** Where a packet is at a level of a dimension; undefined where it has nothing to do with that level. */
export function keyOf(fields: PacketFields, dimension: number, level: number): number | undefined {
  if (level === EVERY) return 0;
  switch (dimension) {
    case REMOTE:
      return addressKey(fields, fields.remoteAt, level);
    case LOCAL:
      return addressKey(fields, fields.localAt, level);
    case PROTOCOL:
      return numberKey(fields.protocol, PROTOCOL_BITS - level);
    case UPPER_A:
      return numberKey(fields.upperA, UPPER_BITS - level);
    default:
      return numberKey(fields.upperB, UPPER_BITS - level);
  }
}

/** No prefix has it. */
const NO_KEY = -1;

/** The key of the one prefix at a level of remote addresses that `range` lies in; undefined where it may have parts of several. */
export function keyAround(range: AddressRange, level: number): number | undefined {
  if (level === EVERY) return 0;
  if (level < IPV6_LEVELS !== (range.first.length === 4)) return NO_KEY;
  const bits = level < IPV6_LEVELS ? level : level - IPV6_LEVELS;
  return bits <= enclosingBits(range) ? hashOf(range.first, 0, bits) : undefined;
}

function addressKey({ octets, addressOctets }: PacketFields, at: number, level: number): number | undefined {
  if (level < IPV6_LEVELS !== (addressOctets === 4)) return undefined;
  return hashOf(octets, at, level < IPV6_LEVELS ? level : level - IPV6_LEVELS);
}

function numberKey(value: number, behind: number): number | undefined {
  return value < 0 ? undefined : value >> behind;
}

function divideAddresses(set: AddressSet | undefined): Division {
  if (set === undefined) return UNDIVIDED;
  const { first, last } = set.ranges.reduce((a, b) => ({
    first: compareAddresses(a.first, b.first) < 0 ? a.first : b.first,
    last: compareAddresses(a.last, b.last) > 0 ? a.last : b.last,
    bits: -1,
  }));
  return {
    prefixes: distinct(
      set.ranges.flatMap((range) =>
        range.bits < 0 ? splitAddresses(range) : [addressPrefix(range.first, range.bits)],
      ),
    ),
    enclosing: addressPrefix(first, enclosingBits({ first, last, bits: -1 })),
  };
}

function addressPrefix(address: Uint8Array, bits: number): Prefix {
  return { level: address.length === 4 ? bits : IPV6_LEVELS + bits, key: hashOf(address, 0, bits) };
}

/** The prefixes that make up a range which is none itself: at most twice as many as an address has bits. */
function splitAddresses({ first, last }: AddressRange): readonly Prefix[] {
  const width = 8 * first.length;
  const end = toInteger(last);
  const prefixes: Prefix[] = [];
  for (let at = toInteger(first); at <= end; ) {
    let free = 0;
    while (free < width && (at & (1n << BigInt(free))) === 0n && at + (2n << BigInt(free)) - 1n <= end) free += 1;
    prefixes.push(addressPrefix(toOctets(at, first.length), width - free));
    at += 1n << BigInt(free);
  }
  return prefixes;
}

/** `width`: bits of such a number. */
function divideNumbers(set: NumberSet | undefined, width: number): Division {
  if (set === undefined || set.hasOpaque) return UNDIVIDED;
  const first = Math.min(...set.ranges.map((range) => range.first));
  const last = Math.max(...set.ranges.map((range) => range.last));
  const free = 32 - Math.clz32(first ^ last);
  return {
    prefixes: distinct(set.ranges.flatMap((range) => splitNumbers(range, width))),
    enclosing: { level: width - free, key: first >> free },
  };
}

function splitNumbers({ first, last }: NumberRange, width: number): readonly Prefix[] {
  const prefixes: Prefix[] = [];
  for (let at = first; at <= last; ) {
    let free = 0;
    while (free < width && (at & (1 << free)) === 0 && at + (2 << free) - 1 <= last) free += 1;
    prefixes.push({ level: width - free, key: at >> free });
    at += 1 << free;
  }
  return prefixes;
}

function distinct(prefixes: readonly Prefix[]): readonly Prefix[] {
  if (prefixes.length < 2) return prefixes;
  return [...new Map(prefixes.map((prefix) => [`${prefix.level} ${prefix.key}`, prefix])).values()];
}

function toInteger(octets: Uint8Array): bigint {
  return octets.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
}

function toOctets(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 0xffn));
}

/** FNV-1a of the first `bits` bits, kept to 30 bits, so that the key of a map needs no memory of its own. */
function hashOf(octets: Uint8Array, at: number, bits: number): number {
  let hash = 0x811c9dc5;
  const whole = bits >>> 3;
  for (let i = 0; i < whole; i++) hash = Math.imul(hash ^ (octets[at + i] ?? 0), 0x01000193);
  const rest = bits & 7;
  if (rest !== 0) hash = Math.imul(hash ^ ((octets[at + whole] ?? 0) & (0xff00 >>> rest) & 0xff), 0x01000193);
  return hash & 0x3fffffff;
}
