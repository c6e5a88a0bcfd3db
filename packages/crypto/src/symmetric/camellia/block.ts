import { word } from '../../memory.ts';
import { camelliaF, type Halves } from './f.ts';

/** Words of the subkeys of six rounds, and of FL and FLINV behind them. */
const GRAND_ROUND_WORDS = 16;

/** Every block is done before the next begins. */
const OUT: Halves = { left: 0, right: 0 };

/**
 * Camellia (RFC 3713 §2.3) on the block at `at`, in place; the schedule says in which direction. Secrets are looked up in
 * tables: not in constant time.
 */
export function camelliaBlock(schedule: Int32Array, view: DataView, at: number): void {
  const out = OUT;
  const last = schedule.length - 4;
  let a = view.getInt32(at) ^ word(schedule, 0);
  let b = view.getInt32(at + 4) ^ word(schedule, 1);
  let c = view.getInt32(at + 8) ^ word(schedule, 2);
  let d = view.getInt32(at + 12) ^ word(schedule, 3);
  for (let k = 4; k < last; k += GRAND_ROUND_WORDS) {
    for (let round = k; round < k + 12; round += 4) {
      camelliaF(a ^ word(schedule, round), b ^ word(schedule, round + 1), out);
      c ^= out.left;
      d ^= out.right;
      camelliaF(c ^ word(schedule, round + 2), d ^ word(schedule, round + 3), out);
      a ^= out.left;
      b ^= out.right;
    }
    if (k + 12 >= last) break;
    // FL (§2.4.2)
    b ^= rotateOne(a & word(schedule, k + 12));
    a ^= b | word(schedule, k + 13);
    // FLINV (§2.4.3)
    c ^= d | word(schedule, k + 15);
    d ^= rotateOne(c & word(schedule, k + 14));
  }
  view.setInt32(at, c ^ word(schedule, last));
  view.setInt32(at + 4, d ^ word(schedule, last + 1));
  view.setInt32(at + 8, a ^ word(schedule, last + 2));
  view.setInt32(at + 12, b ^ word(schedule, last + 3));
  out.left = 0;
  out.right = 0;
}

function rotateOne(value: number): number {
  return (value << 1) | (value >>> 31);
}
