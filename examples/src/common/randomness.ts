import { createHash } from 'node:crypto';
import type { Rng } from '@espalier/crypto';

/** The same octets for the same seed: for runs that can be repeated, never for keys that protect anything. */
export function seededRng(seed: string): Rng {
  let number = 0;
  let block = new Uint8Array(0);
  let used = 0;
  return {
    fill(out) {
      for (let at = 0; at < out.length; ) {
        if (used === block.length) {
          block = createHash('sha256').update(`${seed}/${number++}`).digest();
          used = 0;
        }
        const piece = block.subarray(used, used + out.length - at);
        out.set(piece, at);
        used += piece.length;
        at += piece.length;
      }
    },
  };
}
