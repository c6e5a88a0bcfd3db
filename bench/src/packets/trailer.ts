import type { EspSuite } from '@espalier/crypto';

const TRAILER_OCTETS = 2;
const NEXT_HEADER_IPV4 = 4;

/** Octets of payload, padding and trailer (RFC 4303 §2.4). */
export function paddedOctets(suite: EspSuite, innerOctets: number): number {
  return Math.ceil((innerOctets + TRAILER_OCTETS) / suite.alignmentOctets) * suite.alignmentOctets;
}

/** Writes the inner packet and its trailer at `at`; returns where they end. */
export function writePadded(suite: EspSuite, inner: Uint8Array, out: Uint8Array, at: number): number {
  const end = at + paddedOctets(suite, inner.length);
  out.set(inner, at);
  const padOctets = end - at - inner.length - TRAILER_OCTETS;
  for (let i = 1; i <= padOctets; i++) out[at + inner.length + i - 1] = i;
  out[end - 2] = padOctets;
  out[end - 1] = NEXT_HEADER_IPV4;
  return end;
}

/** The inner packet of a payload; undefined where its padding is not 1, 2, 3, ... */
export function withoutTrailer(padded: Uint8Array): Uint8Array | undefined {
  const padOctets = padded[padded.length - TRAILER_OCTETS] ?? 0;
  const end = padded.length - TRAILER_OCTETS - padOctets;
  if (end < 0) return undefined;
  for (let i = 0; i < padOctets; i++) if (padded[end + i] !== i + 1) return undefined;
  return padded.subarray(0, end);
}
