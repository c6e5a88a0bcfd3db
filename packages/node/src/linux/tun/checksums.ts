import { ip, onesSum, PROTOCOL } from '@espalier/wire';

/** One's complement sums (RFC 1071) over kilobytes. */

const HALF = 0x1_0000;

/** Memory by its octets, and by halves of words from its first octet on, as this machine reads them: little-endian. */
export interface Summed {
  readonly octets: Uint8Array;
  readonly halves: Uint16Array;
}

/**
 * The sum of `length` octets from `from` on as 16-bit words, folded; up to 64 KiB. `from` is to be even. An odd last octet counts
 * as the high half of a word.
 */
export function sumOf({ octets, halves }: Summed, from: number, length: number): number {
  const last = (from + length) >>> 1;
  let at = from >>> 1;
  let sum = 0;
  for (; at + 4 <= last; at += 4) {
    sum += (halves[at] ?? 0) + (halves[at + 1] ?? 0) + (halves[at + 2] ?? 0) + (halves[at + 3] ?? 0);
  }
  for (; at < last; at++) sum += halves[at] ?? 0;
  // The high half of the last word, as the network has it, is the low one here.
  if (length & 1) sum += octets[from + length - 1] ?? 0;
  return swapped(folded(sum));
}

/** The sum of the pseudo-header (RFC 9293 §3.1, RFC 768, RFC 8200 §8.1) of the packet of `length` octets at `from`, folded. */
export function pseudoSum(octets: Uint8Array, from: number, upperAt: number, protocol: number, length: number): number {
  const first = ip.sourceAt(octets, from);
  const last = first + 2 * ip.addressOctets(octets, from);
  return onesSum(octets, first, last, protocol + length - upperAt);
}

/** Of TCP `tcpAt` octets behind `from`; where that is odd nobody knows. */
export function isChecksumGood(memory: Summed, from: number, tcpAt: number, length: number): boolean {
  const start = from + tcpAt;
  if (start & 1) return false;
  const sum = sumOf(memory, start, length - tcpAt) + pseudoSum(memory.octets, from, tcpAt, PROTOCOL.tcp, length);
  return folded(sum) === 0xffff;
}

function folded(sum: number): number {
  let left = sum;
  while (left >= HALF) left = (left & 0xffff) + (left >>> 16);
  return left;
}

/** The sum of words with their octets exchanged is the sum with its octets exchanged (RFC 1071 §2 B). */
function swapped(sum: number): number {
  return ((sum & 0xff) << 8) | (sum >>> 8);
}
