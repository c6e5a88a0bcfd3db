// DES and 3DES (EDE) bitsliced: bit n of 128 blocks lies in one vector, so that one pass of logic encrypts 128 blocks.
// No branch and no address depends on a key or a block.

import { high8, high16, high32, high64, low8, low16, low32, low64 } from '../vectors/vectors';
import { s1, s2, s3, s4, s5, s6, s7, s8 } from './des-sboxes';
import { groupAt } from './des-table';

/** The schedules in use, one for each lane: a vector for each bit of theirs. */
const MASKS: usize = memory.data(3 * 16 * 48 * 16, 16);
const SCHEDULE: isize = 16 * 48 * 16;
const ROUND: isize = 48 * 16;

/** The groups of one round: eight octets of each lane. */
const GROUPS: usize = memory.data(8 * 128, 16);

const PLANES: usize = memory.data(64 * 16, 16);
const STATE: usize = memory.data(64 * 16, 16);

/** Initial permutation: bit i of the permuted block is this plane (8 x octet + bit from the low end). */
const IP: usize = memory.data<u8>([
  62, 54, 46, 38, 30, 22, 14, 6, 60, 52, 44, 36, 28, 20, 12, 4, 58, 50, 42, 34, 26, 18, 10, 2, 56, 48, 40, 32, 24, 16,
  8, 0, 63, 55, 47, 39, 31, 23, 15, 7, 61, 53, 45, 37, 29, 21, 13, 5, 59, 51, 43, 35, 27, 19, 11, 3, 57, 49, 41, 33, 25,
  17, 9, 1,
]);

/** Encrypts or decrypts 128 blocks at `blocks`, in place, under the schedules last given to `expand` or `expandLanes`. */
export function des128(blocks: usize, triple: bool, decrypt: bool): void {
  for (let g: usize = 0; g < 8; g++) transposeOctets(blocks + 128 * g, 16, PLANES + 16 * g, 128);
  for (let octet: usize = 0; octet < 8; octet++) transposeBits(PLANES + 128 * octet);
  for (let i: usize = 0; i < 64; i++) v128.store(STATE + 16 * i, v128.load(PLANES + 16 * <usize>load<u8>(IP + i)));

  const left = STATE;
  const right = STATE + 512;
  if (!triple) {
    sixteenRounds(left, right, 0, decrypt);
  } else {
    sixteenRounds(left, right, decrypt ? 2 : 0, decrypt);
    sixteenRounds(right, left, 1, !decrypt);
    sixteenRounds(left, right, decrypt ? 0 : 2, decrypt);
  }

  // The halves leave swapped; then the inverse of IP.
  for (let i: usize = 0; i < 64; i++) {
    v128.store(PLANES + 16 * <usize>load<u8>(IP + i), v128.load(STATE + 16 * (i ^ 32)));
  }
  for (let octet: usize = 0; octet < 8; octet++) transposeBits(PLANES + 128 * octet);
  for (let g: usize = 0; g < 8; g++) transposeOctets(PLANES + 16 * g, 128, blocks + 128 * g, 16);
}

/** Spreads a schedule in groups of six bits over vectors of ones and zeros, for all lanes. */
export function expand(groups: usize, triple: bool): void {
  const rounds = triple ? 48 : 16;
  let masks = MASKS;
  for (let round = 0; round < rounds; round++, groups += 8) {
    for (let box: usize = 0; box < 8; box++) {
      const bits = <u32>load<u8>(groups + groupAt(box));
      for (let bit: u32 = 6; bit > 0; masks += 16) {
        bit--;
        v128.store(masks, i32x4.splat(-(<i32>(bits >> bit) & 1)));
      }
    }
  }
}

/** Spreads the schedules at 128 pointers, in groups of six bits, over the bits of vectors. */
export function expandLanes(pointers: usize, triple: bool): void {
  const rounds: usize = triple ? 48 : 16;
  let masks = MASKS;
  for (let round: usize = 0; round < rounds; round++) {
    for (let lane: usize = 0; lane < 128; lane++) {
      store<u64>(GROUPS + 8 * lane, load<u64>(<usize>load<u32>(pointers + 4 * lane) + 8 * round));
    }
    for (let g: usize = 0; g < 8; g++) transposeOctets(GROUPS + 128 * g, 16, PLANES + 16 * g, 128);
    for (let box: usize = 0; box < 8; box++) {
      const planes = PLANES + 128 * groupAt(box);
      transposeBits(planes);
      for (let bit: usize = 0; bit < 6; bit++, masks += 16) v128.store(masks, v128.load(planes + 16 * (5 - bit)));
    }
  }
}

/** Overwrites the schedules and what is left of the last blocks. */
export function forgetBitsliced(): void {
  memory.fill(MASKS, 0, 3 * 16 * 48 * 16);
  memory.fill(GROUPS, 0, 8 * 128);
  memory.fill(PLANES, 0, 64 * 16);
  memory.fill(STATE, 0, 64 * 16);
}

/** Under the first, second or third key, whose round keys are taken backwards to decrypt. */
function sixteenRounds(l: usize, r: usize, key: isize, backwards: bool): void {
  let masks = MASKS + <usize>(key * SCHEDULE + (backwards ? SCHEDULE - ROUND : 0));
  const step = backwards ? -ROUND : ROUND;
  for (let i = 0; i < 8; i++) {
    round(l, r, masks);
    masks += step;
    round(r, l, masks);
    masks += step;
  }
}

/** L ^= P(S(E(R) ^ K)): bit j of the expansion is bit i of R. */
function round(l: usize, r: usize, k: usize): void {
  s1(e(r, 31, k, 0), e(r, 0, k, 1), e(r, 1, k, 2), e(r, 2, k, 3), e(r, 3, k, 4), e(r, 4, k, 5), l);
  s2(e(r, 3, k, 6), e(r, 4, k, 7), e(r, 5, k, 8), e(r, 6, k, 9), e(r, 7, k, 10), e(r, 8, k, 11), l);
  s3(e(r, 7, k, 12), e(r, 8, k, 13), e(r, 9, k, 14), e(r, 10, k, 15), e(r, 11, k, 16), e(r, 12, k, 17), l);
  s4(e(r, 11, k, 18), e(r, 12, k, 19), e(r, 13, k, 20), e(r, 14, k, 21), e(r, 15, k, 22), e(r, 16, k, 23), l);
  s5(e(r, 15, k, 24), e(r, 16, k, 25), e(r, 17, k, 26), e(r, 18, k, 27), e(r, 19, k, 28), e(r, 20, k, 29), l);
  s6(e(r, 19, k, 30), e(r, 20, k, 31), e(r, 21, k, 32), e(r, 22, k, 33), e(r, 23, k, 34), e(r, 24, k, 35), l);
  s7(e(r, 23, k, 36), e(r, 24, k, 37), e(r, 25, k, 38), e(r, 26, k, 39), e(r, 27, k, 40), e(r, 28, k, 41), l);
  s8(e(r, 27, k, 42), e(r, 28, k, 43), e(r, 29, k, 44), e(r, 30, k, 45), e(r, 31, k, 46), e(r, 0, k, 47), l);
}

function e(r: usize, i: i32, k: usize, j: i32): v128 {
  return v128.xor(v128.load(r + 16 * i), v128.load(k + 16 * j));
}

/**
 * Transposes 8 x 8 octets held in 8 vectors, two blocks in each: rows `inStep` apart in, `outStep` apart out. The same
 * again gives the blocks back.
 */
export function transposeOctets(source: usize, inStep: usize, target: usize, outStep: usize): void {
  const r0 = v128.load(source);
  const r1 = v128.load(source + inStep);
  const r2 = v128.load(source + 2 * inStep);
  const r3 = v128.load(source + 3 * inStep);
  const r4 = v128.load(source + 4 * inStep);
  const r5 = v128.load(source + 5 * inStep);
  const r6 = v128.load(source + 6 * inStep);
  const r7 = v128.load(source + 7 * inStep);
  const a0 = low8(r0, r1);
  const a1 = low8(r2, r3);
  const a2 = low8(r4, r5);
  const a3 = low8(r6, r7);
  const b0 = high8(r0, r1);
  const b1 = high8(r2, r3);
  const b2 = high8(r4, r5);
  const b3 = high8(r6, r7);
  const c0 = low16(a0, a1);
  const c1 = high16(a0, a1);
  const c2 = low16(a2, a3);
  const c3 = high16(a2, a3);
  const d0 = low16(b0, b1);
  const d1 = high16(b0, b1);
  const d2 = low16(b2, b3);
  const d3 = high16(b2, b3);
  const e0 = low32(c0, c2);
  const e1 = high32(c0, c2);
  const e2 = low32(c1, c3);
  const e3 = high32(c1, c3);
  const f0 = low32(d0, d2);
  const f1 = high32(d0, d2);
  const f2 = low32(d1, d3);
  const f3 = high32(d1, d3);
  v128.store(target, low64(e0, f0));
  v128.store(target + outStep, high64(e0, f0));
  v128.store(target + 2 * outStep, low64(e1, f1));
  v128.store(target + 3 * outStep, high64(e1, f1));
  v128.store(target + 4 * outStep, low64(e2, f2));
  v128.store(target + 5 * outStep, high64(e2, f2));
  v128.store(target + 6 * outStep, low64(e3, f3));
  v128.store(target + 7 * outStep, high64(e3, f3));
}

/** Transposes the 8 x 8 bits that each octet position of 8 vectors holds, in place. */
function transposeBits(p: usize): void {
  const nibbles = i8x16.splat(0x0f);
  const pairs = i8x16.splat(0x33);
  const bits = i8x16.splat(0x55);
  exchange(p, 0, 4, 4, nibbles);
  exchange(p, 1, 5, 4, nibbles);
  exchange(p, 2, 6, 4, nibbles);
  exchange(p, 3, 7, 4, nibbles);
  exchange(p, 0, 2, 2, pairs);
  exchange(p, 1, 3, 2, pairs);
  exchange(p, 4, 6, 2, pairs);
  exchange(p, 5, 7, 2, pairs);
  exchange(p, 0, 1, 1, bits);
  exchange(p, 2, 3, 1, bits);
  exchange(p, 4, 5, 1, bits);
  exchange(p, 6, 7, 1, bits);
}

/** Exchanges the bits of vector i under `mask << n` with those of vector j under `mask`. */
function exchange(p: usize, i: i32, j: i32, n: i32, mask: v128): void {
  const a = v128.load(p + 16 * i);
  const b = v128.load(p + 16 * j);
  const t = v128.and(v128.xor(v128.shr<u64>(a, n), b), mask);
  v128.store(p + 16 * j, v128.xor(b, t));
  v128.store(p + 16 * i, v128.xor(a, v128.shl<i64>(t, n)));
}
