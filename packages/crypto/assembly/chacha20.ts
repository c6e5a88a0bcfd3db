// ChaCha20 (RFC 8439 §2.3), eight blocks at a time, and Poly1305 in their shadow: the rounds wait for the vector units,
// while those of integers would have nothing to do.
import { polyBlock } from './poly1305';
import { add32, high32, high64, low32, low64, rotateLeft32 } from './vectors';

export const BLOCK_OCTETS: usize = 64;
/** Blocks of one call. */
export const BLOCKS: usize = 8;
/** A call takes as many blocks of Poly1305 in each double round, of which there are ten. */
export const POLY_BLOCKS: usize = 3;
export const DOUBLE_ROUNDS: usize = 10;

/** Words 0 to 11, the same in each lane; words 12 to 15 of the first four blocks, then of the other four. */
const INITIAL: usize = memory.data(320, 16);
const COUNTERS: usize = INITIAL + 192;
/** The 16 words of the first four blocks, one lane each, and of the other four: in memory, as eight blocks are too
 * many for the registers. */
const FIRST: usize = memory.data(512, 16);
const SECOND: usize = FIRST + 256;

/** Takes the 32 octets of a key, for the calls that follow. */
export function chachaKey(key: usize): void {
  v128.store(INITIAL, i32x4.splat(0x61707865));
  v128.store(INITIAL, i32x4.splat(0x3320646e), 16);
  v128.store(INITIAL, i32x4.splat(0x79622d32), 32);
  v128.store(INITIAL, i32x4.splat(0x6b206574), 48);
  for (let word: usize = 0; word < 8; word++) v128.store(INITIAL + 16 * word, v128.load32_splat(key + 4 * word), 64);
}

/**
 * Makes eight blocks where they shall lie: each place begins with the counter and the nonce of its block. Meanwhile
 * `poly` takes three blocks of `message` in each of the first `polyRounds` double rounds.
 */
export function chachaBlocks(places: usize, poly: usize, message: usize, polyRounds: usize): void {
  loadCounters(COUNTERS, places);
  loadCounters(COUNTERS + 64, places + 256);
  for (let word: usize = 0; word < 12; word++) {
    const initial = v128.load(INITIAL + 16 * word);
    v128.store(FIRST + 16 * word, initial);
    v128.store(SECOND + 16 * word, initial);
  }
  for (let row: usize = 0; row < 64; row += 16) {
    v128.store(FIRST + row, v128.load(COUNTERS + row), 192);
    v128.store(SECOND + row, v128.load(COUNTERS + row, 64), 192);
  }
  rounds(poly, message, polyRounds);
  storeBlocks(places, FIRST, COUNTERS);
  storeBlocks(places + 256, SECOND, COUNTERS + 64);
}

export function forgetChachaBlocks(): void {
  memory.fill(INITIAL, 0, 320);
  memory.fill(FIRST, 0, 512);
}

/** The second words of each quarter round are in locals, as many as leave registers for one quarter round. */
function rounds(poly: usize, message: usize, polyRounds: usize): void {
  let a4 = v128.load(FIRST, 64);
  let a5 = v128.load(FIRST, 80);
  let a6 = v128.load(FIRST, 96);
  let a7 = v128.load(FIRST, 112);
  let b4 = v128.load(SECOND, 64);
  let b5 = v128.load(SECOND, 80);
  let b6 = v128.load(SECOND, 96);
  let b7 = v128.load(SECOND, 112);
  let left: usize = DOUBLE_ROUNDS;
  const last = left - polyRounds;
  do {
    a4 = quarterRound(FIRST, 0, a4, 8, 12);
    a5 = quarterRound(FIRST, 1, a5, 9, 13);
    a6 = quarterRound(FIRST, 2, a6, 10, 14);
    a7 = quarterRound(FIRST, 3, a7, 11, 15);
    b4 = quarterRound(SECOND, 0, b4, 8, 12);
    if (left > last) polyBlock(poly, message);
    b5 = quarterRound(SECOND, 1, b5, 9, 13);
    b6 = quarterRound(SECOND, 2, b6, 10, 14);
    b7 = quarterRound(SECOND, 3, b7, 11, 15);
    a5 = quarterRound(FIRST, 0, a5, 10, 15);
    a6 = quarterRound(FIRST, 1, a6, 11, 12);
    if (left > last) polyBlock(poly, message + 16);
    a7 = quarterRound(FIRST, 2, a7, 8, 13);
    a4 = quarterRound(FIRST, 3, a4, 9, 14);
    b5 = quarterRound(SECOND, 0, b5, 10, 15);
    b6 = quarterRound(SECOND, 1, b6, 11, 12);
    b7 = quarterRound(SECOND, 2, b7, 8, 13);
    b4 = quarterRound(SECOND, 3, b4, 9, 14);
    if (left > last) polyBlock(poly, message + 32);
    message += 16 * POLY_BLOCKS;
  } while (--left > 0);
  v128.store(FIRST, a4, 64);
  v128.store(FIRST, a5, 80);
  v128.store(FIRST, a6, 96);
  v128.store(FIRST, a7, 112);
  v128.store(SECOND, b4, 64);
  v128.store(SECOND, b5, 80);
  v128.store(SECOND, b6, 96);
  v128.store(SECOND, b7, 112);
}

/** RFC 8439 §2.1 of words a, c and d in memory; takes b and returns it. */
// @ts-expect-error: decorator
// @inline
function quarterRound(words: usize, a: usize, xb: v128, c: usize, d: usize): v128 {
  let xa = add32(v128.load(words + 16 * a), xb);
  let xd = rotateLeft16(v128.xor(v128.load(words + 16 * d), xa));
  let xc = add32(v128.load(words + 16 * c), xd);
  xb = rotateLeft32(v128.xor(xb, xc), 12);
  xa = add32(xa, xb);
  xd = rotateLeft8(v128.xor(xd, xa));
  xc = add32(xc, xd);
  v128.store(words + 16 * a, xa);
  v128.store(words + 16 * c, xc);
  v128.store(words + 16 * d, xd);
  return rotateLeft32(v128.xor(xb, xc), 7);
}

// As swizzles, which V8 compiles to one instruction with the octets' places in a register; for a shuffle it takes two,
// or loads the places anew each time.

function rotateLeft16(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
}

function rotateLeft8(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14));
}

/** Words 12 to 15 of four blocks from their places. */
function loadCounters(to: usize, places: usize): void {
  const a = v128.load(places);
  const b = v128.load(places, 64);
  const c = v128.load(places, 128);
  const d = v128.load(places, 192);
  const l0 = low32(a, b);
  const h0 = high32(a, b);
  const l1 = low32(c, d);
  const h1 = high32(c, d);
  v128.store(to, low64(l0, l1));
  v128.store(to, high64(l0, l1), 16);
  v128.store(to, low64(h0, h1), 32);
  v128.store(to, high64(h0, h1), 48);
}

/** Adds what they began with to the words of four blocks: lanes become rows, 64 octets apart. */
function storeBlocks(to: usize, words: usize, counters: usize): void {
  storeRows(to, words, INITIAL);
  storeRows(to + 16, words + 64, INITIAL + 64);
  storeRows(to + 32, words + 128, INITIAL + 128);
  storeRows(to + 48, words + 192, counters);
}

function storeRows(to: usize, words: usize, initial: usize): void {
  const a = add32(v128.load(words), v128.load(initial));
  const b = add32(v128.load(words, 16), v128.load(initial, 16));
  const c = add32(v128.load(words, 32), v128.load(initial, 32));
  const d = add32(v128.load(words, 48), v128.load(initial, 48));
  const l0 = low32(a, b);
  const h0 = high32(a, b);
  const l1 = low32(c, d);
  const h1 = high32(c, d);
  v128.store(to, low64(l0, l1));
  v128.store(to, high64(l0, l1), 64);
  v128.store(to, low64(h0, h1), 128);
  v128.store(to, high64(h0, h1), 192);
}
