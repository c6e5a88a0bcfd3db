// GHASH (SP 800-38D §6.4) of sixteen messages at once: multiplication by H through tables of 16 octets that are read by
// swizzle, so that no address depends on a secret.

import { highNibbles, look, lowNibbles } from './swizzle';
import { high8, low8 } from './vectors';

export const GHASH_LANES: i32 = 16;

/** At 16 * (16 * j + k): octet k of n * H * x^(4j), for the sixteen values n of nibble j. */
const PRODUCTS: usize = memory.data(32 * 16 * 16, 16);
/** Octet k of the sixteen accumulators. */
const SUMS: usize = memory.data(16 * 16, 16);
const ROWS: usize = memory.data(16 * 16, 16);
const SCRATCH: usize = memory.data(16 * 16, 16);
const NIBBLES: usize = memory.data(32 * 16, 16);

/** The hash key whose products are in the tables, or 0. */
let current: usize = 0;

/** Starts sixteen sums under the hash key at `key`. */
export function ghashBegin(key: usize): void {
  if (current !== key) tabulate(key);
  current = key;
  memory.fill(SUMS, 0, 256);
}

/** Takes `blocks` blocks of every lane: from its pointer, and on by its stride. */
export function ghashUpdate(pointers: usize, strides: usize, blocks: i32): void {
  for (let i = 0; i < blocks; i++) {
    for (let lane: usize = 0; lane < 16; lane++) {
      const pointer = load<u32>(pointers + 4 * lane);
      v128.store(ROWS + 16 * lane, v128.load(<usize>pointer));
      store<u32>(pointers + 4 * lane, pointer + load<u32>(strides + 4 * lane));
    }
    transpose();
    for (let k: usize = 0; k < 256; k += 16) {
      const octets = v128.xor(v128.load(SUMS + k), v128.load(ROWS + k));
      v128.store(NIBBLES + 2 * k, lowNibbles(octets));
      v128.store(NIBBLES + 2 * k, highNibbles(octets), 16);
    }
    multiplyHalf(PRODUCTS, SUMS);
    multiplyHalf(PRODUCTS + 128, SUMS + 128);
  }
}

/** Writes the sixteen sums, one behind the other. */
export function ghashFinish(sums: usize): void {
  memory.copy(ROWS, SUMS, 256);
  transpose();
  memory.copy(sums, ROWS, 256);
}

export function forgetGhash(): void {
  current = 0;
  memory.fill(PRODUCTS, 0, 32 * 16 * 16);
  memory.fill(SUMS, 0, 256);
  memory.fill(ROWS, 0, 256);
  memory.fill(SCRATCH, 0, 256);
  memory.fill(NIBBLES, 0, 512);
}

/** Eight octets of all products: for each, the sum of a look-up for each of 32 nibbles. */
function multiplyHalf(products: usize, sums: usize): void {
  const zero = i32x4.splat(0);
  let o0 = zero;
  let o1 = zero;
  let o2 = zero;
  let o3 = zero;
  let o4 = zero;
  let o5 = zero;
  let o6 = zero;
  let o7 = zero;
  for (let at = NIBBLES; at < NIBBLES + 512; at += 16, products += 256) {
    const n = v128.load(at);
    o0 = v128.xor(o0, look(v128.load(products), n));
    o1 = v128.xor(o1, look(v128.load(products, 16), n));
    o2 = v128.xor(o2, look(v128.load(products, 32), n));
    o3 = v128.xor(o3, look(v128.load(products, 48), n));
    o4 = v128.xor(o4, look(v128.load(products, 64), n));
    o5 = v128.xor(o5, look(v128.load(products, 80), n));
    o6 = v128.xor(o6, look(v128.load(products, 96), n));
    o7 = v128.xor(o7, look(v128.load(products, 112), n));
  }
  v128.store(sums, o0);
  v128.store(sums, o1, 16);
  v128.store(sums, o2, 32);
  v128.store(sums, o3, 48);
  v128.store(sums, o4, 64);
  v128.store(sums, o5, 80);
  v128.store(sums, o6, 96);
  v128.store(sums, o7, 112);
}

/** Fills PRODUCTS. The first bit of a block is the coefficient of x^0: the highest of its first octet. */
function tabulate(key: usize): void {
  let high = bswap<u64>(load<u64>(key));
  let low = bswap<u64>(load<u64>(key, 8));
  for (let octet: usize = 0; octet < 16; octet++) {
    for (let n: usize = 0; n < 2; n++) {
      for (let row: usize = 8; row > 0; row >>= 1) {
        store<u64>(ROWS + 16 * row, bswap<u64>(high));
        store<u64>(ROWS + 16 * row, bswap<u64>(low), 8);
        const reduction = (0 - (low & 1)) & 0xe100000000000000;
        low = (low >> 1) | (high << 63);
        high = (high >> 1) ^ reduction;
      }
      // The high nibble comes first, and is the second of its octet in NIBBLES.
      tabulateNibble(PRODUCTS + 256 * (2 * octet + 1 - n));
    }
  }
}

/** From rows 1, 2, 4 and 8 all sixteen, and those by octets. */
function tabulateNibble(products: usize): void {
  v128.store(ROWS, i32x4.splat(0));
  for (let top: usize = 2; top < 16; top <<= 1) {
    const x = v128.load(ROWS + 16 * top);
    for (let row: usize = 1; row < top; row++) {
      v128.store(ROWS + 16 * (top + row), v128.xor(x, v128.load(ROWS + 16 * row)));
    }
  }
  transpose();
  memory.copy(products, ROWS, 256);
}

/** The 16 x 16 octets of ROWS, in place. */
function transpose(): void {
  interleave(ROWS, SCRATCH);
  interleave(SCRATCH, ROWS);
  interleave(ROWS, SCRATCH);
  interleave(SCRATCH, ROWS);
}

function interleave(from: usize, to: usize): void {
  for (let i: usize = 0; i < 128; i += 16) {
    const a = v128.load(from + i);
    const b = v128.load(from + i, 128);
    v128.store(to + 2 * i, low8(a, b));
    v128.store(to + 2 * i, high8(a, b), 16);
  }
}
