// DES and 3DES of two blocks at once by tables of S-box and P together: a look-up of the one in the time in which the other
// waits for its own. Addresses depend on secrets: this is not constant-time, and is only used where few packets are to be
// sealed at once and the caller has not asked for more.
import { fillTables, SP } from './des-sboxes';

/** Octets of the key schedule in this form: 3 x 16 rounds of eight groups of six bits. */
export const GROUPS_OCTETS: usize = 3 * 16 * 8;
const SCHEDULE: isize = 16 * 8;
const ROUND: isize = 8;

fillTables();

/** Where in a round's eight octets the group of an S-box is: those with even numbers make one word, the others another. */
export function groupAt(box: usize): usize {
  return 4 * (box & 1) + 3 - (box >> 1);
}

/**
 * Each block plus the one in front of it is encrypted in place, under its own schedule; both may be the same.
 */
export function sealTwoBlocks(a: usize, b: usize, groups: usize, groupsOfB: usize, triple: bool): void {
  const x = initialPermutation(chained(a));
  const y = initialPermutation(chained(b));
  let xl = <u32>(x >> 32);
  let xr = <u32>x;
  let yl = <u32>(y >> 32);
  let yr = <u32>y;
  let step = ROUND;
  for (let keys = triple ? 3 : 1; ; ) {
    for (let i = 0; i < 8; i++) {
      xl ^= f(xr, groups);
      yl ^= f(yr, groupsOfB);
      groups += step;
      groupsOfB += step;
      xr ^= f(xl, groups);
      yr ^= f(yl, groupsOfB);
      groups += step;
      groupsOfB += step;
    }
    // The halves leave swapped.
    let l = xl;
    xl = xr;
    xr = l;
    l = yl;
    yl = yr;
    yr = l;
    if (--keys === 0) break;
    // The second key is used backwards, the third as the first.
    groups += <usize>(SCHEDULE - step);
    groupsOfB += <usize>(SCHEDULE - step);
    step = -step;
  }
  store<u64>(a, bswap<u64>(finalPermutation(((<u64>xl) << 32) | xr)));
  store<u64>(b, bswap<u64>(finalPermutation(((<u64>yl) << 32) | yr)));
}

/** A block plus the one in front of it, its first octet the highest. */
function chained(block: usize): u64 {
  return bswap<u64>(load<u64>(block) ^ load<u64>(block - 8));
}

/** P(S(E(R) ^ K)): group n of E is bits 4n - 1 to 4n + 4 of R. */
function f(r: u32, k: usize): u32 {
  const even = rotr<u32>(r, 3) ^ load<u32>(k);
  const odd = rotl<u32>(r, 1) ^ load<u32>(k, 4);
  const s0 = load<u32>((even >> 22) & 252, SP) ^ load<u32>((odd >> 22) & 252, SP + 256);
  const s2 = load<u32>((even >> 14) & 252, SP + 512) ^ load<u32>((odd >> 14) & 252, SP + 768);
  const s4 = load<u32>((even >> 6) & 252, SP + 1024) ^ load<u32>((odd >> 6) & 252, SP + 1280);
  const s6 = load<u32>((even << 2) & 252, SP + 1536) ^ load<u32>((odd << 2) & 252, SP + 1792);
  return s0 ^ s2 ^ (s4 ^ s6);
}

export function initialPermutation(block: u64): u64 {
  let l = <u32>(block >> 32);
  let r = <u32>block;
  let t: u32;
  t = ((l >> 4) ^ r) & 0x0f0f0f0f;
  r ^= t;
  l ^= t << 4;
  t = ((l >> 16) ^ r) & 0x0000ffff;
  r ^= t;
  l ^= t << 16;
  t = ((r >> 2) ^ l) & 0x33333333;
  l ^= t;
  r ^= t << 2;
  t = ((r >> 8) ^ l) & 0x00ff00ff;
  l ^= t;
  r ^= t << 8;
  t = ((l >> 1) ^ r) & 0x55555555;
  r ^= t;
  l ^= t << 1;
  return ((<u64>l) << 32) | r;
}

export function finalPermutation(x: u64): u64 {
  let l = <u32>(x >> 32);
  let r = <u32>x;
  let t: u32;
  t = ((l >> 1) ^ r) & 0x55555555;
  r ^= t;
  l ^= t << 1;
  t = ((r >> 8) ^ l) & 0x00ff00ff;
  l ^= t;
  r ^= t << 8;
  t = ((r >> 2) ^ l) & 0x33333333;
  l ^= t;
  r ^= t << 2;
  t = ((l >> 16) ^ r) & 0x0000ffff;
  r ^= t;
  l ^= t << 16;
  t = ((l >> 4) ^ r) & 0x0f0f0f0f;
  r ^= t;
  l ^= t << 4;
  return ((<u64>l) << 32) | r;
}
