import {
  type AddressPrefix,
  equalOctets,
  formatAddress,
  formatPrefix,
  parseAddress,
  parsePrefix,
  prefixNetwork,
} from '@espalier/wire';
import { alternatives, ruledOut, unexpected, unsupported } from '../text/error.ts';
import type { Word } from '../text/tokenizer.ts';
import type { Value } from './block.ts';

/** Any word. */
export const text: Value<string> = (word) => word.text;

/** A whole number in decimal. */
export function integer(least: number, most: number): Value<number> {
  return (word) => {
    const number = /^\d{1,10}$/.test(word.text) ? Number(word.text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw unexpected(word.position, `a number from ${least} to ${most}`, `"${word.text}"`);
  };
}

/**
 * One of the keys of `values`. The keys of `notYet` are Junos too but cannot be carried out yet, and those of `never`
 * will not be; each says what it is, and `others` what everything else is, if it is Junos.
 */
export function choice<const T>(
  values: Readonly<Record<string, T>>,
  {
    notYet = {},
    never = {},
    others,
  }: {
    readonly notYet?: Readonly<Record<string, string>>;
    readonly never?: Readonly<Record<string, string>>;
    readonly others?: string;
  } = {},
): Value<T> {
  const known = new Map(Object.entries(values));
  const later = new Map(Object.entries(notYet));
  const out = new Map(Object.entries(never));
  const expected = alternatives([...known.keys()]);
  return (word) => {
    const value = known.get(word.text);
    if (value !== undefined) return value;
    const reason = out.get(word.text);
    if (reason !== undefined) throw ruledOut(word.position, reason, expected);
    const what = later.get(word.text) ?? others;
    if (what !== undefined) throw unsupported(word.position, what, expected);
    throw unexpected(word.position, expected, `"${word.text}"`);
  };
}

/** An IPv4 address in dotted decimal. */
export const ipv4Address: Value<string> = (word) => {
  const expected = 'an IPv4 address';
  const address = parsed(word, expected, parseAddress);
  refuseIpv6(word, address, expected);
  return formatAddress(address);
};

/** An address of IPv4 or IPv6, the latter in its canonical form (RFC 5952). */
const anyAddress: Value<string> = (word) => formatAddress(parsed(word, 'an IPv4 or IPv6 address', parseAddress));

/** The address of a host, of either family: not `0.0.0.0`. */
export const hostAddress: Value<string> = (word) => {
  const address = anyAddress(word);
  if (!parseAddress(address).every((octet) => octet === 0)) return address;
  throw unexpected(word.position, 'the address of a host', `"${word.text}"`);
};

/** An IPv4 address and the length of its prefix, as interfaces have it: `10.1.12.2/30`. An address alone has 32 bits. */
export const interfaceAddress: Value<string> = (word) =>
  formatPrefix(prefix(word, 'an IPv4 address and prefix length'));

/** An IPv4 prefix without bits behind its length: `10.1.12.0/24`. An address alone has 32 bits. */
export const ipv4Prefix: Value<string> = (word) => {
  const expected = 'an IPv4 prefix without bits behind its length';
  const read = prefix(word, expected);
  if (equalOctets(read.address, prefixNetwork(read))) return formatPrefix(read);
  throw unexpected(word.position, expected, `"${word.text}"`);
};

function prefix(word: Word, expected: string): AddressPrefix {
  const read = parsed(word, expected, parsePrefix);
  refuseIpv6(word, read.address, expected);
  return read;
}

function refuseIpv6(word: Word, address: Uint8Array, expected: string): void {
  if (address.length !== 4) throw unsupported(word.position, 'IPv6 addresses', expected);
}

function parsed<T>(word: Word, expected: string, parse: (text: string) => T): T {
  try {
    return parse(word.text);
  } catch {
    throw unexpected(word.position, expected, `"${word.text}"`);
  }
}

/** An IPv4 or IPv6 prefix without bits behind its length. */
export const anyPrefix: Value<string> = (word) => {
  const expected = 'a prefix without bits behind its length';
  const read = parsed(word, expected, parsePrefix);
  if (equalOctets(read.address, prefixNetwork(read))) return formatPrefix(read);
  throw unexpected(word.position, expected, `"${word.text}"`);
};

/** An area of OSPF, as a number or in dotted decimal; in dotted decimal. */
export const area: Value<string> = (word) => {
  if (!/^\d+$/.test(word.text)) return ipv4Address(word);
  const number = integer(0, 0xffffffff)(word);
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.');
};

/** A name of Junos: it begins with a letter or digit and has letters, digits, dashes and underscores. */
export function identifier(most: number): Value<string> {
  return (word) => {
    if (/^[A-Za-z0-9][\w-]*$/.test(word.text) && word.text.length <= most) return word.text;
    const expected = `a name of at most ${most} letters, digits, dashes and underscores, the first a letter or digit`;
    throw unexpected(word.position, expected, `"${word.text}"`);
  };
}
