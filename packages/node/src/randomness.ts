import { randomFillSync } from 'node:crypto';
import type { Rng } from '@espalier/crypto';

/** Octets fetched at a time: one call costs as much as thousands of octets. */
const POOL_OCTETS = 4096;

/** The operating system's randomness, for keys, nonces, cookies, SPIs and IVs. What was handed out is overwritten. */
export function systemRng(): Rng {
  const pool = new Uint8Array(POOL_OCTETS);
  let used = POOL_OCTETS;
  return {
    fill(out) {
      for (let at = 0; at < out.length; ) {
        if (used === POOL_OCTETS) {
          randomFillSync(pool);
          used = 0;
        }
        const piece = pool.subarray(used, used + out.length - at);
        out.set(piece, at);
        piece.fill(0);
        used += piece.length;
        at += piece.length;
      }
    },
  };
}
