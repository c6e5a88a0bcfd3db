// GHASH (SP 800-38D §6.4) of sixteen messages at once, four blocks of each before a reduction.

import { forgetTranspose, transpose } from '../vectors/transpose';
import { GROUP } from './ghash-one';
import { BLOCK_OCTETS, forgetProducts, multiplyGroup, splitBlock, useHashKey } from './ghash-products';
import { forgetReduction, reduceProducts } from './ghash-reduction';

export const GHASH_LANES: i32 = 16;

/** Octet k of the sixteen sums. */
const SUMS: usize = memory.data(16 * 16, 16);
/** The blocks of a group, in parts. */
const BLOCKS: usize = memory.data(4 * 2 * 9 * 64, 16);
/** Octet k of the next sixteen blocks. */
const COLUMNS: usize = memory.data(16 * 16, 16);
/** For each part of a block eight octets of its products. */
const PRODUCTS: usize = memory.data(9 * 128, 16);
const SUM_POINTERS: usize = memory.data(4 * 16, 16);

/** The first block of the group, and the next one. */
let first: usize = 0;
let next: usize = 0;

/** Starts sixteen sums, each over `blocks` blocks, under the hash key at `key`. */
export function ghashBegin(key: usize, blocks: u32): void {
  useHashKey(key);
  memory.fill(SUMS, 0, 256);
  first = <usize>-blocks & (GROUP - 1);
  next = first;
}

/** Takes the next `blocks` blocks of every lane, which lie one behind the other at its pointer. */
export function ghashUpdate(pointers: usize, blocks: u32): void {
  for (let i: u32 = 0; i < blocks; i++) {
    const parts = BLOCKS + BLOCK_OCTETS * next;
    transpose(pointers, 16 * <usize>i, COLUMNS);
    if (next === first) addSums(COLUMNS);
    splitBlock(COLUMNS, parts);
    if (++next < GROUP) continue;
    multiplyGroup(BLOCKS, first, PRODUCTS);
    reduceProducts(PRODUCTS, SUMS);
    first = 0;
    next = 0;
  }
}

/** Writes the sixteen sums, one behind the other. */
export function ghashFinish(sums: usize): void {
  for (let i: usize = 0; i < 16; i++) store<u32>(SUM_POINTERS + 4 * i, <u32>(SUMS + 16 * i));
  transpose(SUM_POINTERS, 0, sums);
}

export function forgetGhash(): void {
  forgetProducts();
  forgetReduction();
  forgetTranspose();
  memory.fill(SUMS, 0, 256);
  memory.fill(BLOCKS, 0, 4 * 2 * 9 * 64);
  memory.fill(COLUMNS, 0, 256);
  memory.fill(PRODUCTS, 0, 9 * 128);
}

function addSums(block: usize): void {
  for (let k: usize = 0; k < 256; k += 16) v128.store(block + k, v128.xor(v128.load(block + k), v128.load(SUMS + k)));
}
