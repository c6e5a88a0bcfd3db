import { concat } from '@espalier/wire';
import { Inflate } from 'fflate';

/**
 * Octets that are taken at once: as DEFLATE makes at most 1032 of one, no more than half a megabyte is made before the
 * limit is looked at, however long the packet is.
 */
const STEP_OCTETS = 512;

/** What a raw stream of DEFLATE (RFC 1951), such as IPComp carries (RFC 2394 §2), becomes, if that is no more than `mostOctets`. */
export function inflate(compressed: Uint8Array, mostOctets: number): Uint8Array | 'bad-data' | 'too-long' {
  const pieces: Uint8Array[] = [];
  let octets = 0;
  const stream = new Inflate((piece) => {
    octets += piece.length;
    if (octets <= mostOctets) pieces.push(piece);
  });
  try {
    for (let at = 0; at < compressed.length && octets <= mostOctets; at += STEP_OCTETS) {
      const end = at + STEP_OCTETS;
      stream.push(compressed.subarray(at, end), end >= compressed.length);
    }
  } catch {
    return 'bad-data';
  }
  if (octets > mostOctets) return 'too-long';
  return compressed.length === 0 ? 'bad-data' : concat(...pieces);
}
