// What is computed once for a hash key: its powers, and their products with all nibbles. Of as many keys as there are slots,
// those whose SAs were made last keep theirs.

import { addGroup, GROUP, PRODUCT_OCTETS, TABLE_OCTETS } from './ghash-one';

const SLOTS: u32 = 256;
/** A slot: the tables, then H^4 to H. */
const POWERS_AT: usize = PRODUCT_OCTETS * TABLE_OCTETS;
const SLOT_OCTETS: usize = POWERS_AT + 16 * GROUP;
const TABLES: usize = memory.data(256 * (17 * 128 + 64), 16);
/** For each slot the hash key that it is for, or 0. */
const KEYS: usize = memory.data(4 * 256, 16);
/** A power times 1 to x^7: seventeen octets each. */
const MOVED: usize = memory.data(8 * 32, 16);
const BLOCKS: usize = memory.data(16 * 4, 16);

let next: u32 = 0;

/** Gives the hash key at `key` a slot, whose number is kept in the four octets in front of it. */
export function giveSlot(key: usize): void {
  store<u32>(key - 4, next);
  next = (next + 1) & (SLOTS - 1);
}

/** The tables of the hash key at `key`. */
export function tablesOf(key: usize): usize {
  const slot = <usize>load<u32>(key - 4);
  const tables = TABLES + SLOT_OCTETS * slot;
  if (<usize>load<u32>(KEYS + 4 * slot) !== key) fill(tables, key);
  store<u32>(KEYS + 4 * slot, <u32>key);
  return tables;
}

/** H to the power of `exponent`, 1 to 4. */
export function powerOf(key: usize, exponent: usize): usize {
  return tablesOf(key) + POWERS_AT + 16 * (GROUP - exponent);
}

export function forgetGhashKeys(): void {
  for (let slot: usize = 0; slot < SLOTS; slot++) {
    if (load<u32>(KEYS + 4 * slot) === 0) continue;
    memory.fill(TABLES + SLOT_OCTETS * slot, 0, SLOT_OCTETS);
    store<u32>(KEYS + 4 * slot, 0);
  }
  memory.fill(MOVED, 0, 8 * 32);
  memory.fill(BLOCKS, 0, 16 * GROUP);
}

function fill(tables: usize, key: usize): void {
  v128.store(BLOCKS + 48, v128.load(key));
  for (let place = GROUP - 1; ; place--) {
    const power = tables + POWERS_AT + 16 * place;
    v128.store(power, v128.load(BLOCKS + 48));
    tabulate(power, tables + 32 * place);
    if (place === 0) return;
    // Whatever tables of other powers hold, for zeros it is zero.
    v128.store(power - 16, i32x4.splat(0));
    addGroup(BLOCKS, power - 16, tables);
    v128.store(BLOCKS + 48, v128.load(power - 16));
  }
}

function tabulate(power: usize, tables: usize): void {
  const high = bswap<u64>(load<u64>(power));
  const low = bswap<u64>(load<u64>(power, 8));
  store<u64>(MOVED, load<u64>(power));
  store<u64>(MOVED, load<u64>(power, 8), 8);
  store<u8>(MOVED, 0, 16);
  for (let bits: u64 = 1; bits < 8; bits++) {
    const moved = MOVED + 32 * <usize>bits;
    store<u64>(moved, bswap<u64>(high >> bits));
    store<u64>(moved, bswap<u64>((low >> bits) | (high << (64 - bits))), 8);
    store<u8>(moved, <u8>(low << (8 - bits)), 16);
  }
  for (let octet: usize = 0; octet < PRODUCT_OCTETS; octet++, tables += TABLE_OCTETS) {
    for (let half: usize = 0; half < 2; half++) {
      v128.store(tables + 16 * half, nibbleProducts(MOVED + 128 * half + octet));
    }
  }
}

/** One octet of the products with the nibbles 0 to 15; the highest bit of a nibble is x^0. */
function nibbleProducts(moved: usize): v128 {
  const eight = v128.and(v128.load_splat<u8>(moved), i64x2(0, -1));
  const four = v128.and(v128.load_splat<u8>(moved, 32), i32x4(0, -1, 0, -1));
  const two = v128.and(v128.load_splat<u8>(moved, 64), i32x4.splat(0xffff0000));
  const one = v128.and(v128.load_splat<u8>(moved, 96), i32x4.splat(0xff00ff00));
  return v128.xor(v128.xor(eight, four), v128.xor(two, one));
}
