// ChaCha20 (RFC 8439 §2.3), eight blocks at a time, and Poly1305 in their shadow: the rounds wait for the vector units,
// while those of integers would have nothing to do.

import { add32, rotateLeft8, rotateLeft16, rotateLeft32, storeColumns } from '../vectors/vectors';
import { polyBlock } from './poly1305';

export const BLOCK_OCTETS: usize = 64;
/** Blocks of one call. */
export const BLOCKS: usize = 8;
/** A call takes as many blocks of Poly1305 in each double round, of which there are ten. */
export const POLY_BLOCKS: usize = 3;
export const DOUBLE_ROUNDS: usize = 10;

/** The 16 words of the first four blocks, one lane each, and of the other four: in memory, as eight blocks are too
 * many for the registers. */
const FIRST: usize = memory.data(512, 16);
const SECOND: usize = FIRST + 256;
/** What they began with: words 0 to 11 are the same for a key. */
const FIRST_INITIAL: usize = memory.data(512, 16);
const SECOND_INITIAL: usize = FIRST_INITIAL + 256;

/** Where, in a block that shall be made, stands the address of its key's 32 octets. */
export const KEY_AT: usize = 16;

/** The key whose words are what all eight blocks begin with, or 0. */
let current: u32 = 0;

/** Before the first of the calls for a batch: a key may have been replaced. */
export function chachaBegin(): void {
  current = 0;
  initialWord(0, i32x4.splat(0x61707865));
  initialWord(1, i32x4.splat(0x3320646e));
  initialWord(2, i32x4.splat(0x79622d32));
  initialWord(3, i32x4.splat(0x6b206574));
}

/**
 * Makes eight blocks where they shall lie: each place begins with the counter and the nonce of its block, then
 * the address of its key. Meanwhile `poly` takes three blocks of `message` in each of the first `polyRounds` double rounds.
 */
export function chachaBlocks(places: usize, poly: usize, message: usize, polyRounds: usize): void {
  loadKeys(places);
  loadColumns(FIRST_INITIAL + 192, places, places + 64, places + 128, places + 192);
  loadColumns(SECOND_INITIAL + 192, places + 256, places + 320, places + 384, places + 448);
  rounds(poly, message, polyRounds);
  storeBlocks(places, FIRST, FIRST_INITIAL);
  storeBlocks(places + 256, SECOND, SECOND_INITIAL);
}

export function forgetChachaBlocks(): void {
  current = 0;
  memory.fill(FIRST, 0, 512);
  memory.fill(FIRST_INITIAL, 0, 512);
}

function initialWord(word: usize, value: v128): void {
  v128.store(FIRST_INITIAL + 16 * word, value);
  v128.store(SECOND_INITIAL + 16 * word, value);
}

/** The second words of each quarter round are in locals, as many as leave registers for one quarter round. */
function rounds(poly: usize, message: usize, polyRounds: usize): void {
  let a4 = v128.load(FIRST_INITIAL, 64);
  let a5 = v128.load(FIRST_INITIAL, 80);
  let a6 = v128.load(FIRST_INITIAL, 96);
  let a7 = v128.load(FIRST_INITIAL, 112);
  let b4 = v128.load(SECOND_INITIAL, 64);
  let b5 = v128.load(SECOND_INITIAL, 80);
  let b6 = v128.load(SECOND_INITIAL, 96);
  let b7 = v128.load(SECOND_INITIAL, 112);
  let first = FIRST_INITIAL;
  let second = SECOND_INITIAL;
  let left: usize = DOUBLE_ROUNDS;
  const last = left - polyRounds;
  do {
    a4 = quarterRound(FIRST, first, 0, a4, 8, 12);
    a5 = quarterRound(FIRST, first, 1, a5, 9, 13);
    a6 = quarterRound(FIRST, first, 2, a6, 10, 14);
    a7 = quarterRound(FIRST, first, 3, a7, 11, 15);
    b4 = quarterRound(SECOND, second, 0, b4, 8, 12);
    if (left > last) polyBlock(poly, message);
    b5 = quarterRound(SECOND, second, 1, b5, 9, 13);
    b6 = quarterRound(SECOND, second, 2, b6, 10, 14);
    b7 = quarterRound(SECOND, second, 3, b7, 11, 15);
    a5 = quarterRound(FIRST, FIRST, 0, a5, 10, 15);
    a6 = quarterRound(FIRST, FIRST, 1, a6, 11, 12);
    if (left > last) polyBlock(poly, message + 16);
    a7 = quarterRound(FIRST, FIRST, 2, a7, 8, 13);
    a4 = quarterRound(FIRST, FIRST, 3, a4, 9, 14);
    b5 = quarterRound(SECOND, SECOND, 0, b5, 10, 15);
    b6 = quarterRound(SECOND, SECOND, 1, b6, 11, 12);
    b7 = quarterRound(SECOND, SECOND, 2, b7, 8, 13);
    b4 = quarterRound(SECOND, SECOND, 3, b4, 9, 14);
    if (left > last) polyBlock(poly, message + 32);
    message += 16 * POLY_BLOCKS;
    first = FIRST;
    second = SECOND;
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

/** RFC 8439 §2.1 of words a, c and d, read at `from` and written at `to`; takes b and returns it. */
// @inline
function quarterRound(to: usize, from: usize, a: usize, xb: v128, c: usize, d: usize): v128 {
  let xa = add32(v128.load(from + 16 * a), xb);
  let xd = rotateLeft16(v128.xor(v128.load(from + 16 * d), xa));
  let xc = add32(v128.load(from + 16 * c), xd);
  xb = rotateLeft32(v128.xor(xb, xc), 12);
  xa = add32(xa, xb);
  xd = rotateLeft8(v128.xor(xd, xa));
  xc = add32(xc, xd);
  v128.store(to + 16 * a, xa);
  v128.store(to + 16 * c, xc);
  v128.store(to + 16 * d, xd);
  return rotateLeft32(v128.xor(xb, xc), 7);
}

/** Words 4 to 11 of eight blocks, unless they are there. */
function loadKeys(places: usize): void {
  const key = load<u32>(places, KEY_AT);
  let isOne = true;
  for (let at = places + 64; at < places + 512; at += 64) isOne = isOne && load<u32>(at, KEY_AT) === key;
  if (isOne) {
    if (key === current) return;
    current = key;
    for (let word: usize = 0; word < 8; word++) initialWord(4 + word, v128.load32_splat(<usize>key + 4 * word));
    return;
  }
  current = 0;
  loadFourKeys(FIRST_INITIAL + 64, places);
  loadFourKeys(SECOND_INITIAL + 64, places + 256);
}

function loadFourKeys(to: usize, places: usize): void {
  const a = <usize>load<u32>(places, KEY_AT);
  const b = <usize>load<u32>(places, KEY_AT + 64);
  const c = <usize>load<u32>(places, KEY_AT + 128);
  const d = <usize>load<u32>(places, KEY_AT + 192);
  loadColumns(to, a, b, c, d);
  loadColumns(to + 64, a + 16, b + 16, c + 16, d + 16);
}

/** Four words of each of four blocks. */
function loadColumns(to: usize, a: usize, b: usize, c: usize, d: usize): void {
  storeColumns(to, 16, v128.load(a), v128.load(b), v128.load(c), v128.load(d));
}

/** Adds what they began with to the words of four blocks: lanes become rows, 64 octets apart. */
function storeBlocks(to: usize, words: usize, initial: usize): void {
  for (let row: usize = 0; row < 4; row++) storeRows(to + 16 * row, words + 64 * row, initial + 64 * row);
}

function storeRows(to: usize, words: usize, initial: usize): void {
  const a = add32(v128.load(words), v128.load(initial));
  const b = add32(v128.load(words, 16), v128.load(initial, 16));
  const c = add32(v128.load(words, 32), v128.load(initial, 32));
  const d = add32(v128.load(words, 48), v128.load(initial, 48));
  storeColumns(to, BLOCK_OCTETS, a, b, c, d);
}
