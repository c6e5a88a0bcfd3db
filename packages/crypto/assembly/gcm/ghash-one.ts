// GHASH of one message (SP 800-38D §6.4), four blocks before a reduction: every look-up is for the sixteen octets of a block
// at once, by swizzle, so that no address depends on a secret.

import { highNibbles, look, lowNibbles } from '../vectors/swizzle';

/** Blocks that are taken together: they are multiplied by H^4 to H^1. */
export const GROUP: usize = 4;
/** For each of these octets of a product, and each power from the highest on: of it with a high nibble, and with a low one. */
export const PRODUCT_OCTETS: usize = 17;
export const TABLE_OCTETS: usize = 32 * GROUP;

const SUM: usize = memory.data(16, 16);
/** Blocks that do not lie together. */
const BLOCKS: usize = memory.data(16 * 4, 16);

let tables: usize = 0;
let waiting: usize = 0;

/** Starts a sum over `blocks` blocks, under the hash key with these tables. */
export function ghashOneBegin(keyTables: usize, blocks: usize): void {
  tables = keyTables;
  const zero = i32x4.splat(0);
  v128.store(SUM, zero);
  v128.store(BLOCKS, zero);
  v128.store(BLOCKS, zero, 16);
  v128.store(BLOCKS, zero, 32);
  // Zeros in front leave a sum of zero as it is.
  waiting = (0 - blocks) & (GROUP - 1);
}

/** Takes the next blocks, which lie together. */
export function ghashOneUpdate(from: usize, blocks: usize): void {
  while (blocks > 0) {
    let group = from;
    if (waiting === 0 && blocks >= GROUP) {
      from += 16 * GROUP;
      blocks -= GROUP;
    } else {
      v128.store(BLOCKS + 16 * waiting, v128.load(from));
      from += 16;
      blocks--;
      if (++waiting < GROUP) continue;
      group = BLOCKS;
      waiting = 0;
    }
    addGroup(group, SUM, tables);
  }
}

export function ghashOneSum(): v128 {
  return v128.load(SUM);
}

export function forgetGhashOne(): void {
  tables = 0;
  waiting = 0;
  v128.store(SUM, i32x4.splat(0));
  memory.fill(BLOCKS, 0, 16 * GROUP);
}

/** sum = (sum + block 0) H^4 + block 1 H^3 + block 2 H^2 + block 3 H. */
// @inline
export function addGroup(blocks: usize, sum: usize, keyTables: usize): void {
  const a = v128.xor(v128.load(blocks), v128.load(sum));
  const b = v128.load(blocks, 16);
  const c = v128.load(blocks, 32);
  const d = v128.load(blocks, 48);
  multiply(
    highNibbles(a),
    lowNibbles(a),
    highNibbles(b),
    lowNibbles(b),
    highNibbles(c),
    lowNibbles(c),
    highNibbles(d),
    lowNibbles(d),
    sum,
    keyTables,
  );
}

/** Nibbles are arguments: if they were computed here, V8 would compute them in each turn of the loop. */
function multiply(
  a0: v128,
  a1: v128,
  b0: v128,
  b1: v128,
  c0: v128,
  c1: v128,
  d0: v128,
  d1: v128,
  sum: usize,
  keyTables: usize,
): void {
  const zero = i32x4.splat(0);
  // Octets 0 to 15 and 16 to 31: those of products move on by one in each turn.
  let low = zero;
  let high = zero;
  for (let at = keyTables + (PRODUCT_OCTETS - 1) * TABLE_OCTETS; at >= keyTables; at -= TABLE_OCTETS) {
    let octets = v128.xor(look(v128.load(at), a0), look(v128.load(at, 16), a1));
    octets = v128.xor(octets, v128.xor(look(v128.load(at, 32), b0), look(v128.load(at, 48), b1)));
    octets = v128.xor(octets, v128.xor(look(v128.load(at, 64), c0), look(v128.load(at, 80), c1)));
    octets = v128.xor(octets, v128.xor(look(v128.load(at, 96), d0), look(v128.load(at, 112), d1)));
    high = nextOctet(low, high);
    low = v128.xor(nextOctet(zero, low), octets);
  }
  // Modulo x^128 + x^7 + x^2 + x + 1; in an octet the highest bit belongs to the lowest power.
  high = v128.xor(high, nextOctet(beyondOctet(high), zero));
  v128.store(sum, v128.xor(v128.xor(low, withinOctet(high)), nextOctet(zero, beyondOctet(high))));
}

/** `x`, each octet in the place after its own, behind the last octet of `before`. */
function nextOctet(before: v128, x: v128): v128 {
  return v128.shuffle<u8>(before, x, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
}

/** x times 1 + x + x^2 + x^7, as far as it stays in the octet. */
export function withinOctet(x: v128): v128 {
  const by1 = v128.and(v128.shr<u16>(x, 1), i8x16.splat(0x7f));
  const by2 = v128.and(v128.shr<u16>(x, 2), i8x16.splat(0x3f));
  const by7 = v128.and(v128.shr<u16>(x, 7), i8x16.splat(0x01));
  return v128.xor(v128.xor(x, by1), v128.xor(by2, by7));
}

/** What of it goes on in the next one. */
export function beyondOctet(x: v128): v128 {
  const by7 = v128.and(v128.shl<u16>(x, 7), i8x16.splat(-128));
  const by6 = v128.and(v128.shl<u16>(x, 6), i8x16.splat(-64));
  return v128.xor(v128.xor(by7, by6), v128.add<i8>(x, x));
}
