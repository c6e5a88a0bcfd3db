import { word } from '../../memory.ts';
import { SP } from './boxes.ts';

/**
 * Transforms the block at `at` in place, under one schedule or under three in a row: the final permutation of a stage
 * and the initial one of the next cancel out. Between the permutations both halves are rotated left by one, which
 * brings the six bits for each S-box together: E is only a matter of where they are taken from.
 */
export function desBlock(schedule: Int32Array, view: DataView, at: number): void {
  const sp = SP;
  let left = view.getInt32(at);
  let right = view.getInt32(at + 4);
  let swap = 0;
  let odd = 0;
  let even = 0;

  // IP
  swap = ((left >>> 4) ^ right) & 0x0f0f0f0f;
  right ^= swap;
  left ^= swap << 4;
  swap = ((left >>> 16) ^ right) & 0x0000ffff;
  right ^= swap;
  left ^= swap << 16;
  swap = ((right >>> 2) ^ left) & 0x33333333;
  left ^= swap;
  right ^= swap << 2;
  swap = ((right >>> 8) ^ left) & 0x00ff00ff;
  left ^= swap;
  right ^= swap << 8;
  right = (right << 1) | (right >>> 31);
  swap = (left ^ right) & 0xaaaaaaaa;
  left ^= swap;
  right ^= swap;
  left = (left << 1) | (left >>> 31);

  for (let k = 0; k < schedule.length; ) {
    for (const end = k + 32; k < end; k += 4) {
      odd = ((right << 28) | (right >>> 4)) ^ word(schedule, k);
      even = right ^ word(schedule, k + 1);
      left ^= boxes(sp, odd, even);
      odd = ((left << 28) | (left >>> 4)) ^ word(schedule, k + 2);
      even = left ^ word(schedule, k + 3);
      right ^= boxes(sp, odd, even);
    }
    swap = left;
    left = right;
    right = swap;
  }

  // The inverse of IP, backwards
  left = (left << 31) | (left >>> 1);
  swap = (left ^ right) & 0xaaaaaaaa;
  left ^= swap;
  right ^= swap;
  right = (right << 31) | (right >>> 1);
  swap = ((right >>> 8) ^ left) & 0x00ff00ff;
  left ^= swap;
  right ^= swap << 8;
  swap = ((right >>> 2) ^ left) & 0x33333333;
  left ^= swap;
  right ^= swap << 2;
  swap = ((left >>> 16) ^ right) & 0x0000ffff;
  right ^= swap;
  left ^= swap << 16;
  swap = ((left >>> 4) ^ right) & 0x0f0f0f0f;
  right ^= swap;
  left ^= swap << 4;

  view.setInt32(at, left);
  view.setInt32(at + 4, right);
}

/** P(S(x)), x being its groups of six bits by turns from `odd` and `even`. In pairs, for each `|` waits for its operands. */
function boxes(sp: Int32Array, odd: number, even: number): number {
  const s12 = word(sp, (odd >>> 24) & 63) | word(sp, 64 | ((even >>> 24) & 63));
  const s34 = word(sp, 128 | ((odd >>> 16) & 63)) | word(sp, 192 | ((even >>> 16) & 63));
  const s56 = word(sp, 256 | ((odd >>> 8) & 63)) | word(sp, 320 | ((even >>> 8) & 63));
  const s78 = word(sp, 384 | (odd & 63)) | word(sp, 448 | (even & 63));
  return s12 | s34 | (s56 | s78);
}
