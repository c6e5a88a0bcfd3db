import { createHash, randomFillSync } from 'node:crypto';
import type { Rng } from '@espalier/crypto';

/** Octets fetched at a time. */
const POOL_OCTETS = 4096;

/** Real randomness. */
export function systemRng(): Rng {
  return pooled((pool) => randomFillSync(pool));
}

/** The same octets for the same seed: for runs that can be repeated, never for keys that protect anything. */
export function seededRng(seed: string): Rng {
  let block = 0;
  return pooled((pool) => {
    for (let at = 0; at < pool.length; at += 32) {
      pool.set(createHash('sha256').update(`${seed}/${block++}`).digest(), at);
    }
  });
}

function pooled(refill: (pool: Uint8Array) => void): Rng {
  const pool = new Uint8Array(POOL_OCTETS);
  let used = POOL_OCTETS;
  return {
    fill(out) {
      for (let at = 0; at < out.length; ) {
        if (used === POOL_OCTETS) {
          refill(pool);
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
