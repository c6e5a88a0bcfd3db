// Carry-less products of sixteen blocks at once with powers of the hash key, not yet reduced. Two steps of Karatsuba make
// nine products of 32 by 32 bits out of one of 128 by 128. Each is a look-up for each nibble, in tables of sixteen octets
// that are read by swizzle, so that no address depends on a secret.

import { highNibbles, look, lowNibbles } from '../vectors/swizzle';
import { powerOf } from './ghash-keys';
import { GROUP } from './ghash-one';

const PARTS: usize = 9;
/** Of a block, four vectors for each part: one for each octet, of high nibbles and then of low ones. */
export const BLOCK_OCTETS: usize = 2 * PARTS * 64;
const LOW_NIBBLES: usize = PARTS * 64;

/** Of each power and part of it: five octets of its product with a high nibble, then with a low one. */
const TABLES: usize = memory.data(4 * 9 * 160, 16);
const TABLE_OCTETS: usize = 160;

const POWER: usize = memory.data(16, 16);
/** Of which of a block's words each part is the sum. */
const WORDS: usize = memory.data<u8>([1, 2, 4, 8, 3, 12, 5, 10, 15], 16);

/** The hash key whose products are in the tables, or 0. */
let current: usize = 0;

/** Fills the tables for the hash key at `key`, unless they are. */
export function useHashKey(key: usize): void {
  if (current === key) return;
  current = key;
  for (let j: usize = 0; j < GROUP; j++) tabulatePower(powerOf(key, GROUP - j), TABLES + j * PARTS * TABLE_OCTETS);
}

export function forgetProducts(): void {
  current = 0;
  memory.fill(TABLES, 0, 4 * 9 * 160);
  memory.fill(POWER, 0, 16);
}

/** The last five parts of a block: sums of two or four of the first four, which are what it consists of. */
export function splitBlock(columns: usize, parts: usize): void {
  for (let i: usize = 0; i < 256; i += 16) {
    const octets = v128.load(columns + i);
    v128.store(parts + i, highNibbles(octets));
    v128.store(parts + i, lowNibbles(octets), 576);
  }
  addParts(parts);
  addParts(parts + 576);
}

function addParts(parts: usize): void {
  for (let at = parts; at < parts + 64; at += 16) {
    const a = v128.load(at);
    const b = v128.load(at, 64);
    const c = v128.load(at, 128);
    const d = v128.load(at, 192);
    const ac = v128.xor(a, c);
    const bd = v128.xor(b, d);
    v128.store(at, v128.xor(a, b), 256);
    v128.store(at, v128.xor(c, d), 320);
    v128.store(at, ac, 384);
    v128.store(at, bd, 448);
    v128.store(at, v128.xor(ac, bd), 512);
  }
}

/** Blocks `first` to 3 of a group, each times its power: their sum, eight octets for each part. */
export function multiplyGroup(blocks: usize, first: usize, products: usize): void {
  for (let part: usize = 0; part < PARTS; part++) {
    multiplyPart(blocks + 64 * part, TABLES + TABLE_OCTETS * part, first, products + 128 * part);
  }
}

function multiplyPart(blocks: usize, tables: usize, first: usize, product: usize): void {
  const zero = i32x4.splat(0);
  let o0 = zero;
  let o1 = zero;
  let o2 = zero;
  let o3 = zero;
  let o4 = zero;
  let o5 = zero;
  let o6 = zero;
  let o7 = zero;
  let table = tables + PARTS * TABLE_OCTETS * first;
  for (let at = blocks + BLOCK_OCTETS * first; at < blocks + BLOCK_OCTETS * GROUP; at += BLOCK_OCTETS) {
    for (let nibble = at; nibble <= at + LOW_NIBBLES; nibble += LOW_NIBBLES, table += 80) {
      const n0 = v128.load(nibble);
      const n1 = v128.load(nibble, 16);
      const n2 = v128.load(nibble, 32);
      const n3 = v128.load(nibble, 48);
      const t0 = v128.load(table);
      o0 = v128.xor(o0, look(t0, n0));
      o1 = v128.xor(o1, look(t0, n1));
      o2 = v128.xor(o2, look(t0, n2));
      o3 = v128.xor(o3, look(t0, n3));
      const t1 = v128.load(table, 16);
      o1 = v128.xor(o1, look(t1, n0));
      o2 = v128.xor(o2, look(t1, n1));
      o3 = v128.xor(o3, look(t1, n2));
      o4 = v128.xor(o4, look(t1, n3));
      const t2 = v128.load(table, 32);
      o2 = v128.xor(o2, look(t2, n0));
      o3 = v128.xor(o3, look(t2, n1));
      o4 = v128.xor(o4, look(t2, n2));
      o5 = v128.xor(o5, look(t2, n3));
      const t3 = v128.load(table, 48);
      o3 = v128.xor(o3, look(t3, n0));
      o4 = v128.xor(o4, look(t3, n1));
      o5 = v128.xor(o5, look(t3, n2));
      o6 = v128.xor(o6, look(t3, n3));
      const t4 = v128.load(table, 64);
      o4 = v128.xor(o4, look(t4, n0));
      o5 = v128.xor(o5, look(t4, n1));
      o6 = v128.xor(o6, look(t4, n2));
      o7 = v128.xor(o7, look(t4, n3));
    }
    table += (PARTS - 1) * TABLE_OCTETS;
  }
  v128.store(product, o0);
  v128.store(product, o1, 16);
  v128.store(product, o2, 32);
  v128.store(product, o3, 48);
  v128.store(product, o4, 64);
  v128.store(product, o5, 80);
  v128.store(product, o6, 96);
  v128.store(product, o7, 112);
}

/** The tables of all parts of a power. */
function tabulatePower(power: usize, tables: usize): void {
  for (let i: usize = 0; i < 16; i += 4) store<u32>(POWER + i, bswap<u32>(load<u32>(power + i)));
  for (let part: usize = 0; part < PARTS; part++, tables += TABLE_OCTETS) {
    const words = <u32>load<u8>(WORDS + part);
    let sum: u32 = 0;
    for (let word: u32 = 0; word < 4; word++) sum ^= load<u32>(POWER + 4 * word) & -((words >> word) & 1);
    tabulateNibble(tables, (<u64>sum) << 32);
    tabulateNibble(tables + 80, (<u64>sum) << 28);
  }
}

/** Of the products with the nibbles 0 to 15, octet k in vector k; the highest bit of a nibble is x^0. */
function tabulateNibble(table: usize, product: u64): void {
  for (let shift: u64 = 56; shift >= 24; shift -= 8, table += 16) {
    const eight = v128.and(i8x16.splat(<i8>(product >> shift)), i64x2(0, -1));
    const four = v128.and(i8x16.splat(<i8>((product >> 1) >> shift)), i32x4(0, -1, 0, -1));
    const two = v128.and(i8x16.splat(<i8>((product >> 2) >> shift)), i32x4.splat(0xffff0000));
    const one = v128.and(i8x16.splat(<i8>((product >> 3) >> shift)), i32x4.splat(0xff00ff00));
    v128.store(table, v128.xor(v128.xor(eight, four), v128.xor(two, one)));
  }
}
