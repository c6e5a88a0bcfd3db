// GHASH (SP 800-38D §6.4) of sixteen messages at once, each under a key of its own: nothing that depends on one key can be
// looked up for all of them. A product is the sum, for each bit of a block, of the key moved by as many places: two steps of
// Karatsuba leave nine products of 32 by 32 bits.
import { transpose } from '../vectors/transpose';
import { reduceProducts } from './ghash-reduction';

const LANES: usize = 16;
const PARTS: usize = 9;
/** A part of a block: four octets. */
const PART_OCTETS: usize = 4 * 16;
/** A part of a key, moved by 0 to 7 places: five octets each time. */
const MOVED_OCTETS: usize = 5 * 16;
const KEY_PART_OCTETS: usize = 8 * 5 * 16;

const KEYS: usize = memory.data(9 * 8 * 5 * 16, 16);
/** Octet k of the sixteen sums, and of the next sixteen blocks. */
const SUMS: usize = memory.data(16 * 16, 16);
const COLUMNS: usize = memory.data(16 * 16, 16);
const BLOCK_PARTS: usize = memory.data(9 * 4 * 16, 16);
/** For each part eight octets of its product. */
const PRODUCTS: usize = memory.data(9 * 128, 16);
const SUM_POINTERS: usize = memory.data(4 * 16, 16);

/** Starts sixteen sums, under the hash keys at sixteen pointers. */
export function ghashLanesBegin(pointers: usize): void {
  transpose(pointers, 0, COLUMNS);
  split(COLUMNS);
  for (let part: usize = 0; part < PARTS; part++) {
    moveKey(BLOCK_PARTS + PART_OCTETS * part, KEYS + KEY_PART_OCTETS * part);
  }
  memory.fill(SUMS, 0, 16 * LANES);
}

/** Takes the next `blocks` blocks of every lane, which lie one behind the other at its pointer. */
export function ghashLanesUpdate(pointers: usize, blocks: u32): void {
  for (let i: u32 = 0; i < blocks; i++) {
    transpose(pointers, 16 * <usize>i, COLUMNS);
    for (let k: usize = 0; k < 256; k += 16) {
      v128.store(COLUMNS + k, v128.xor(v128.load(COLUMNS + k), v128.load(SUMS + k)));
    }
    split(COLUMNS);
    for (let part: usize = 0; part < PARTS; part++) {
      multiply(BLOCK_PARTS + PART_OCTETS * part, KEYS + KEY_PART_OCTETS * part, PRODUCTS + 128 * part);
    }
    reduceProducts(PRODUCTS, SUMS);
  }
}

/** Writes the sixteen sums, one behind the other. */
export function ghashLanesFinish(sums: usize): void {
  for (let i: usize = 0; i < LANES; i++) store<u32>(SUM_POINTERS + 4 * i, <u32>(SUMS + 16 * i));
  transpose(SUM_POINTERS, 0, sums);
}

export function forgetGhashLanes(): void {
  memory.fill(KEYS, 0, 9 * 8 * 5 * 16);
  memory.fill(SUMS, 0, 256);
  memory.fill(COLUMNS, 0, 256);
  memory.fill(BLOCK_PARTS, 0, 9 * 64);
  memory.fill(PRODUCTS, 0, 9 * 128);
}

/** The four words that blocks consist of, and the sums of two or of all of them that Karatsuba multiplies. */
function split(columns: usize): void {
  for (let i: usize = 0; i < PART_OCTETS; i += 16) {
    const a = v128.load(columns + i);
    const b = v128.load(columns + i, 64);
    const c = v128.load(columns + i, 128);
    const d = v128.load(columns + i, 192);
    const to = BLOCK_PARTS + i;
    const ac = v128.xor(a, c);
    const bd = v128.xor(b, d);
    v128.store(to, a);
    v128.store(to, b, 64);
    v128.store(to, c, 128);
    v128.store(to, d, 192);
    v128.store(to, v128.xor(a, b), 256);
    v128.store(to, v128.xor(c, d), 320);
    v128.store(to, ac, 384);
    v128.store(to, bd, 448);
    v128.store(to, v128.xor(ac, bd), 512);
  }
}

/** In an octet the highest bit belongs to the lowest power: to multiply by x is to move to the right. */
function moveKey(part: usize, moved: usize): void {
  let a = v128.load(part);
  let b = v128.load(part, 16);
  let c = v128.load(part, 32);
  let d = v128.load(part, 48);
  let e = i32x4.splat(0);
  for (const end = moved + KEY_PART_OCTETS; moved < end; moved += MOVED_OCTETS) {
    v128.store(moved, a);
    v128.store(moved, b, 16);
    v128.store(moved, c, 32);
    v128.store(moved, d, 48);
    v128.store(moved, e, 64);
    e = v128.or(v128.shr<u8>(e, 1), v128.shl<u8>(d, 7));
    d = v128.or(v128.shr<u8>(d, 1), v128.shl<u8>(c, 7));
    c = v128.or(v128.shr<u8>(c, 1), v128.shl<u8>(b, 7));
    b = v128.or(v128.shr<u8>(b, 1), v128.shl<u8>(a, 7));
    a = v128.shr<u8>(a, 1);
  }
}

/** Four octets times four: each bit of the block is a mask for the key that has moved as far. */
function multiply(part: usize, moved: usize, product: usize): void {
  const zero = i32x4.splat(0);
  let x0 = v128.load(part);
  let x1 = v128.load(part, 16);
  let x2 = v128.load(part, 32);
  let x3 = v128.load(part, 48);
  let o0 = zero;
  let o1 = zero;
  let o2 = zero;
  let o3 = zero;
  let o4 = zero;
  let o5 = zero;
  let o6 = zero;
  let o7 = zero;
  for (const end = moved + KEY_PART_OCTETS; moved < end; moved += MOVED_OCTETS) {
    const m0 = v128.lt<i8>(x0, zero);
    x0 = v128.add<i8>(x0, x0);
    o0 = v128.xor(o0, v128.and(m0, v128.load(moved)));
    o1 = v128.xor(o1, v128.and(m0, v128.load(moved, 16)));
    o2 = v128.xor(o2, v128.and(m0, v128.load(moved, 32)));
    o3 = v128.xor(o3, v128.and(m0, v128.load(moved, 48)));
    o4 = v128.xor(o4, v128.and(m0, v128.load(moved, 64)));
    const m1 = v128.lt<i8>(x1, zero);
    x1 = v128.add<i8>(x1, x1);
    o1 = v128.xor(o1, v128.and(m1, v128.load(moved)));
    o2 = v128.xor(o2, v128.and(m1, v128.load(moved, 16)));
    o3 = v128.xor(o3, v128.and(m1, v128.load(moved, 32)));
    o4 = v128.xor(o4, v128.and(m1, v128.load(moved, 48)));
    o5 = v128.xor(o5, v128.and(m1, v128.load(moved, 64)));
    const m2 = v128.lt<i8>(x2, zero);
    x2 = v128.add<i8>(x2, x2);
    o2 = v128.xor(o2, v128.and(m2, v128.load(moved)));
    o3 = v128.xor(o3, v128.and(m2, v128.load(moved, 16)));
    o4 = v128.xor(o4, v128.and(m2, v128.load(moved, 32)));
    o5 = v128.xor(o5, v128.and(m2, v128.load(moved, 48)));
    o6 = v128.xor(o6, v128.and(m2, v128.load(moved, 64)));
    const m3 = v128.lt<i8>(x3, zero);
    x3 = v128.add<i8>(x3, x3);
    o3 = v128.xor(o3, v128.and(m3, v128.load(moved)));
    o4 = v128.xor(o4, v128.and(m3, v128.load(moved, 16)));
    o5 = v128.xor(o5, v128.and(m3, v128.load(moved, 32)));
    o6 = v128.xor(o6, v128.and(m3, v128.load(moved, 48)));
    o7 = v128.xor(o7, v128.and(m3, v128.load(moved, 64)));
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
