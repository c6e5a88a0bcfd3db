// DES and 3DES of sixteen blocks at once: a nibble of each block lies in the octets of one vector, and the S-boxes are
// tables of 16 octets read by swizzle. No branch and no address depends on a key or a block.

import { highNibbles, lowNibbles } from '../vectors/swizzle';
import { transposeOctets } from './des-bitsliced';
import { ROWS, scatter } from './des-sboxes';
import { finalPermutation, GROUPS_OCTETS, groupAt, initialPermutation } from './des-table';

const OCTETS: usize = memory.data(8 * 16, 16);
/** The nibbles of the left half, the highest first, and of the right. */
const STATE: usize = memory.data(16 * 16, 16);

const SCHEDULE: isize = 16 * 8;
const ROUND: isize = 8;

/** Encrypts or decrypts 16 blocks at `blocks`, in place; `groups` is a schedule in groups of six bits. */
export function des16(blocks: usize, groups: usize, triple: bool, decrypt: bool): void {
  for (let i: usize = 0; i < 128; i += 8) {
    store<u64>(blocks + i, bswap<u64>(initialPermutation(bswap<u64>(load<u64>(blocks + i)))));
  }
  transposeOctets(blocks, 16, OCTETS, 16);
  for (let i: usize = 0; i < 128; i += 16) {
    const octets = v128.load(OCTETS + i);
    v128.store(STATE + 2 * i, highNibbles(octets));
    v128.store(STATE + 2 * i, lowNibbles(octets), 16);
  }

  const left = STATE;
  const right = STATE + 128;
  const last = groups + <usize>(SCHEDULE - ROUND);
  if (!triple) {
    if (decrypt) sixteenRounds(left, right, last, -ROUND);
    else sixteenRounds(left, right, groups, ROUND);
  } else if (!decrypt) {
    sixteenRounds(left, right, groups, ROUND);
    sixteenRounds(right, left, last + <usize>SCHEDULE, -ROUND);
    sixteenRounds(left, right, groups + <usize>(2 * SCHEDULE), ROUND);
  } else {
    sixteenRounds(left, right, groups + (GROUPS_OCTETS - <usize>ROUND), -ROUND);
    sixteenRounds(right, left, groups + <usize>SCHEDULE, ROUND);
    sixteenRounds(left, right, last, -ROUND);
  }

  // The halves leave swapped.
  for (let i: usize = 0; i < 128; i += 16) {
    const nibbles = STATE + ((2 * i) ^ 128);
    v128.store(OCTETS + i, v128.or(v128.shl<u16>(v128.load(nibbles), 4), v128.load(nibbles, 16)));
  }
  transposeOctets(OCTETS, 16, blocks, 16);
  for (let i: usize = 0; i < 128; i += 8) {
    store<u64>(blocks + i, bswap<u64>(finalPermutation(bswap<u64>(load<u64>(blocks + i)))));
  }
}

export function forgetSwizzled(): void {
  memory.fill(OCTETS, 0, 8 * 16);
  memory.fill(STATE, 0, 16 * 16);
}

function sixteenRounds(l: usize, r: usize, groups: usize, step: isize): void {
  for (let i = 0; i < 8; i++) {
    round(l, r, groups);
    groups += step;
    round(r, l, groups);
    groups += step;
  }
}

/** L ^= P(S(E(R) ^ K)). */
function round(l: usize, r: usize, k: usize): void {
  scatter(
    l,
    substitute(r, 112, 0, 16, k, 0),
    substitute(r, 0, 16, 32, k, 1),
    substitute(r, 16, 32, 48, k, 2),
    substitute(r, 32, 48, 64, k, 3),
    substitute(r, 48, 64, 80, k, 4),
    substitute(r, 64, 80, 96, k, 5),
    substitute(r, 80, 96, 112, k, 6),
    substitute(r, 96, 112, 0, k, 7),
  );
}

/** An S-box of the last bit of one nibble, the next nibble, and the first bit of the one after. */
function substitute(r: usize, before: usize, at: usize, after: usize, k: usize, box: usize): v128 {
  const first = v128.shl<u16>(v128.and(v128.load(r + before), i8x16.splat(1)), 5);
  const middle = v128.shl<u16>(v128.load(r + at), 1);
  const last = v128.shr<u16>(v128.and(v128.load(r + after), i8x16.splat(8)), 3);
  const input = v128.xor(v128.or(v128.or(first, middle), last), v128.load8_splat(k + groupAt(box)));
  const row = ROWS + 64 * box;
  // An index out of a row's range reads as 0, as i8x16.swizzle promises and its relaxed form does not.
  const low = v128.or(
    i8x16.swizzle(v128.load(row), input),
    i8x16.swizzle(v128.load(row, 16), v128.sub<i8>(input, i8x16.splat(16))),
  );
  const high = v128.or(
    i8x16.swizzle(v128.load(row, 32), v128.sub<i8>(input, i8x16.splat(32))),
    i8x16.swizzle(v128.load(row, 48), v128.sub<i8>(input, i8x16.splat(48))),
  );
  return v128.or(low, high);
}
