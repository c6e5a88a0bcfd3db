import { ESP_TRAILER_OCTETS } from './layout.ts';

// V8 folds a module's own constants into its code; what is imported it loads, and checks, at every use.
const TRAILER_OCTETS = ESP_TRAILER_OCTETS;

/** Writes padding 1, 2, 3, ..., pad length and next header from `at` on (RFC 4303 §2.4 to §2.6). */
export function writeTrailer(octets: Uint8Array, at: number, padOctets: number, nextHeader: number): void {
  for (let i = 1; i <= padOctets; i++) octets[at + i - 1] = i;
  octets[at + padOctets] = padOctets;
  octets[at + padOctets + 1] = nextHeader;
}

/**
 * Octets of the payload that lies from `start` to the trailer that ends before `end`; -1 for padding that is longer
 * than what there is, or not 1, 2, 3, ... (RFC 4303 §2.4). There are at least two octets.
 */
export function payloadOctets(octets: Uint8Array, start: number, end: number): number {
  const padOctets = octets[end - TRAILER_OCTETS] ?? 0;
  const padStart = end - TRAILER_OCTETS - padOctets;
  if (padStart < start) return -1;
  for (let i = 0; i < padOctets; i++) if (octets[padStart + i] !== i + 1) return -1;
  return padStart - start;
}
