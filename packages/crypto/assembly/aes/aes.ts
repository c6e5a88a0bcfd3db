// AES (FIPS 197) by byte permutation: every look-up is an i8x16 swizzle in a table of 16 octets that lies in a register,
// so that no address depends on a secret. A block is kept in the representation of scripts/aes-tables.mjs between its
// first and its last round.

import { highNibbles, look, lowNibbles } from '../vectors/swizzle';
import {
  FORWARD1_T,
  FORWARD1_U,
  FORWARD2_T,
  FORWARD2_U,
  INVERSE,
  PLAIN_HIGH,
  PLAIN_LOW,
  QUOTIENT,
  SUBSTITUTE_T,
  SUBSTITUTE_U,
  TOWER_HIGH,
  TOWER_LOW,
} from './aes-tables';

/** Where four blocks are put for `encrypt4`. */
export const FOUR: usize = memory.data(64, 16);
/** Where the round keys of each are. */
const KEYS: usize = memory.data(16, 16);

export function setKeys(lane: i32, keys: usize): void {
  store<u32>(KEYS + 4 * lane, <u32>keys);
}

export function encrypt1(block: v128, keys: usize, rounds: usize): v128 {
  const last = keys + 16 * rounds;
  let x = v128.xor(toTower(block), v128.load(keys));
  for (keys += 16; keys < last; keys += 16) x = encryptRound(x, v128.load(keys));
  return v128.xor(lastRound(x), v128.load(last));
}

/** Encrypts the blocks of FOUR, each under its own keys. */
export function encrypt4(rounds: usize): void {
  for (let lane = 0; lane < 4; lane++) {
    const at = FOUR + 16 * lane;
    v128.store(at, v128.xor(toTower(v128.load(at)), v128.load(keysOf(lane))));
  }
  let aKey = keysOf(0);
  let bKey = keysOf(1);
  let cKey = keysOf(2);
  let dKey = keysOf(3);
  const end = aKey + 16 * (rounds - 1);
  let a = v128.load(FOUR);
  let b = v128.load(FOUR, 16);
  let c = v128.load(FOUR, 32);
  let d = v128.load(FOUR, 48);
  while (aKey !== end) {
    aKey += 16;
    bKey += 16;
    cKey += 16;
    dKey += 16;
    a = encryptRound(a, v128.load(aKey));
    b = encryptRound(b, v128.load(bKey));
    c = encryptRound(c, v128.load(cKey));
    d = encryptRound(d, v128.load(dKey));
  }
  v128.store(FOUR, a);
  v128.store(FOUR, b, 16);
  v128.store(FOUR, c, 32);
  v128.store(FOUR, d, 48);
  for (let lane = 0; lane < 4; lane++) {
    const at = FOUR + 16 * lane;
    v128.store(at, v128.xor(lastRound(v128.load(at)), v128.load(keysOf(lane) + 16 * rounds)));
  }
}

/** The keys of lanes never set are those of a context that may be gone: whatever they read, nobody sees. */
export function forgetAes(): void {
  memory.fill(FOUR, 0, 64);
}

function keysOf(lane: i32): usize {
  return <usize>load<u32>(KEYS + 4 * lane);
}

/** SubBytes (FIPS 197 §5.1.1) of 16 octets. */
export function substitute(x: v128): v128 {
  const y = toTower(x);
  const io = indexU(y);
  return v128.xor(v128.xor(look(SUBSTITUTE_U, io), look(SUBSTITUTE_T, indexT(y))), i8x16.splat(0x63));
}

/** Octets as they are kept between the rounds of encryption. */
export function toTower(x: v128): v128 {
  return v128.xor(look(TOWER_LOW, lowNibbles(x)), look(TOWER_HIGH, highNibbles(x)));
}

/** The inverse of `toTower`. */
export function plain(x: v128): v128 {
  return v128.xor(look(PLAIN_LOW, lowNibbles(x)), look(PLAIN_HIGH, highNibbles(x)));
}

/** SubBytes, ShiftRows, MixColumns, AddRoundKey. */
function encryptRound(x: v128, key: v128): v128 {
  const io = indexU(x);
  const jo = indexT(x);
  const once = v128.xor(look(FORWARD1_U, io), look(FORWARD1_T, jo));
  const twice = v128.xor(look(FORWARD2_U, io), look(FORWARD2_T, jo));
  // Row r of the result is 2 a(r) + 3 a(r+1) + a(r+2) + a(r+3).
  const sum = v128.xor(shiftRows(twice), shiftRows1(once));
  return v128.xor(v128.xor(sum, v128.xor(rotateColumns(sum), shiftRows3(once))), key);
}

function lastRound(x: v128): v128 {
  return shiftRows(v128.xor(look(SUBSTITUTE_U, indexU(x)), look(SUBSTITUTE_T, indexT(x))));
}

/** 1 / (1/i + A/k) + j, with i the high nibble, k the low one, and j their sum. */
function indexU(x: v128): v128 {
  const k = lowNibbles(x);
  const i = highNibbles(x);
  return v128.xor(look(INVERSE, v128.xor(look(INVERSE, i), look(QUOTIENT, k))), v128.xor(i, k));
}

/** 1 / (1/j + A/k) + i. */
function indexT(x: v128): v128 {
  const k = lowNibbles(x);
  const i = highNibbles(x);
  return v128.xor(look(INVERSE, v128.xor(look(INVERSE, v128.xor(i, k)), look(QUOTIENT, k))), i);
}

function shiftRows(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11));
}

/** ShiftRows, then each column rotated up by one row. */
function shiftRows1(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(5, 10, 15, 0, 9, 14, 3, 4, 13, 2, 7, 8, 1, 6, 11, 12));
}

function shiftRows3(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(15, 0, 5, 10, 3, 4, 9, 14, 7, 8, 13, 2, 11, 12, 1, 6));
}

/** Each column rotated up by one row. */
function rotateColumns(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12));
}
