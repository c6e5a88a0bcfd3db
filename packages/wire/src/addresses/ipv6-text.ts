import { readU16, writeU16 } from '../integers.ts';
import type { OwnOctets } from '../octets.ts';
import { formatIpv4, IPV4_OCTETS, parseIpv4 } from './ipv4-text.ts';

/** Octets of an IPv6 address. */
export const IPV6_OCTETS = 16;
const GROUPS = 8;

/** The 16 octets of RFC 4291 §2.2 text, if it is such: groups, one `::`, a dotted quad at the end. */
export function parseIpv6(text: string): OwnOctets | undefined {
  const halves = text.split('::');
  const [headText = '', tailText] = halves;
  if (halves.length > 2) return undefined;

  const head = parseGroups(headText, tailText === undefined);
  const tail = parseGroups(tailText ?? '', true);
  if (head === undefined || tail === undefined) return undefined;
  const zeros = GROUPS - head.length - tail.length;
  if (tailText === undefined ? zeros !== 0 : zeros < 1) return undefined;

  const octets = new Uint8Array(IPV6_OCTETS);
  for (const [i, group] of head.entries()) writeU16(octets, 2 * i, group);
  for (const [i, group] of tail.entries()) writeU16(octets, 2 * (head.length + zeros + i), group);
  return octets;
}

/** RFC 5952 §4 and §5: lower case, no leading zeros, the longest run of zero groups as `::`, mapped IPv4 as a quad. */
export function formatIpv6(octets: Uint8Array): string {
  if (isIpv4Mapped(octets)) return `::ffff:${formatIpv4(octets.subarray(IPV6_OCTETS - IPV4_OCTETS))}`;
  const groups = Array.from({ length: GROUPS }, (_, i) => readU16(octets, 2 * i));
  const run = longestZeroRun(groups);
  if (run.length < 2) return hexGroups(groups);
  return `${hexGroups(groups.slice(0, run.start))}::${hexGroups(groups.slice(run.start + run.length))}`;
}

function parseGroups(text: string, quadAllowed: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    const quad = quadAllowed && i === parts.length - 1 ? parseIpv4(part) : undefined;
    if (quad !== undefined) groups.push(readU16(quad, 0), readU16(quad, 2));
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function isIpv4Mapped(octets: Uint8Array): boolean {
  return octets[10] === 0xff && octets[11] === 0xff && octets.subarray(0, 10).every((octet) => octet === 0);
}

function hexGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':');
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let longest = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i < groups.length; i++) {
    if (groups[i] !== 0) start = i + 1;
    else if (i + 1 - start > longest.length) longest = { start, length: i + 1 - start };
  }
  return longest;
}
