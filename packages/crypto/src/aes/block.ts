import { word } from '../memory.ts';
import { DECRYPTION, ENCRYPTION, INVERSE_S, S } from './boxes.ts';

/** CIPHER (FIPS 197 §5.1) on the block at `at`, in place. */
export function encryptAesBlock(schedule: Int32Array, view: DataView, at: number): void {
  const table = ENCRYPTION;
  const last = schedule.length - 4;
  let a = view.getInt32(at) ^ word(schedule, 0);
  let b = view.getInt32(at + 4) ^ word(schedule, 1);
  let c = view.getInt32(at + 8) ^ word(schedule, 2);
  let d = view.getInt32(at + 12) ^ word(schedule, 3);
  for (let k = 4; k < last; k += 4) {
    const p = mix(table, a, b, c, d) ^ word(schedule, k);
    const q = mix(table, b, c, d, a) ^ word(schedule, k + 1);
    const r = mix(table, c, d, a, b) ^ word(schedule, k + 2);
    d = mix(table, d, a, b, c) ^ word(schedule, k + 3);
    a = p;
    b = q;
    c = r;
  }
  view.setInt32(at, substitute(S, a, b, c, d) ^ word(schedule, last));
  view.setInt32(at + 4, substitute(S, b, c, d, a) ^ word(schedule, last + 1));
  view.setInt32(at + 8, substitute(S, c, d, a, b) ^ word(schedule, last + 2));
  view.setInt32(at + 12, substitute(S, d, a, b, c) ^ word(schedule, last + 3));
}

/** EQINVCIPHER (FIPS 197 §5.3.5): the rows shift the other way. */
export function decryptAesBlock(schedule: Int32Array, view: DataView, at: number): void {
  const table = DECRYPTION;
  const last = schedule.length - 4;
  let a = view.getInt32(at) ^ word(schedule, 0);
  let b = view.getInt32(at + 4) ^ word(schedule, 1);
  let c = view.getInt32(at + 8) ^ word(schedule, 2);
  let d = view.getInt32(at + 12) ^ word(schedule, 3);
  for (let k = 4; k < last; k += 4) {
    const p = mix(table, a, d, c, b) ^ word(schedule, k);
    const q = mix(table, b, a, d, c) ^ word(schedule, k + 1);
    const r = mix(table, c, b, a, d) ^ word(schedule, k + 2);
    d = mix(table, d, c, b, a) ^ word(schedule, k + 3);
    a = p;
    b = q;
    c = r;
  }
  view.setInt32(at, substitute(INVERSE_S, a, d, c, b) ^ word(schedule, last));
  view.setInt32(at + 4, substitute(INVERSE_S, b, a, d, c) ^ word(schedule, last + 1));
  view.setInt32(at + 8, substitute(INVERSE_S, c, b, a, d) ^ word(schedule, last + 2));
  view.setInt32(at + 12, substitute(INVERSE_S, d, c, b, a) ^ word(schedule, last + 3));
}

/** One column of a round before its key: the first octet of `p`, the second of `q`, and so on. */
function mix(table: Int32Array, p: number, q: number, r: number, s: number): number {
  return (
    word(table, p >>> 24) ^
    word(table, 256 | ((q >>> 16) & 255)) ^
    word(table, 512 | ((r >>> 8) & 255)) ^
    word(table, 768 | (s & 255))
  );
}

/** One column of the last round, which does not mix. */
function substitute(box: Uint8Array, p: number, q: number, r: number, s: number): number {
  return (
    ((box[p >>> 24] ?? 0) << 24) |
    ((box[(q >>> 16) & 255] ?? 0) << 16) |
    ((box[(r >>> 8) & 255] ?? 0) << 8) |
    (box[s & 255] ?? 0)
  );
}
