// DES and 3DES of one block by tables of S-box and P together. Addresses depend on secrets: this is not constant-time,
// and is only used where few blocks are to be encrypted at once and the caller has not asked for more.
import { SP } from './des-sboxes';

/** Octets of the key schedule in this form: 3 x 16 rounds of eight groups of six bits. */
export const GROUPS_OCTETS: usize = 3 * 16 * 8;
const SCHEDULE: isize = 16 * 8;
const ROUND: isize = 8;

/** One block as a number, its first octet the highest. */
export function encryptBlock(block: u64, groups: usize, triple: bool): u64 {
  let x = initialPermutation(block);
  x = sixteenRounds(x, groups, ROUND);
  if (triple) {
    x = sixteenRounds(x, groups + <usize>(2 * SCHEDULE - ROUND), -ROUND);
    x = sixteenRounds(x, groups + <usize>(2 * SCHEDULE), ROUND);
  }
  return finalPermutation(x);
}

/** Sixteen rounds and the exchange of the halves. */
function sixteenRounds(x: u64, groups: usize, step: isize): u64 {
  let l = <u32>(x >> 32);
  let r = <u32>x;
  for (let i = 0; i < 8; i++) {
    l ^= f(r, groups);
    groups += step;
    r ^= f(l, groups);
    groups += step;
  }
  return ((<u64>r) << 32) | l;
}

/** P(S(E(R) ^ K)): group n of E is bits 4n - 1 to 4n + 4 of R. */
function f(r: u32, k: usize): u32 {
  const even = rotr<u32>(r, 3);
  const odd = rotl<u32>(r, 1);
  return (
    look(0, (even >> 24) ^ load<u8>(k)) ^
    look(1, (odd >> 24) ^ load<u8>(k, 1)) ^
    look(2, (even >> 16) ^ load<u8>(k, 2)) ^
    look(3, (odd >> 16) ^ load<u8>(k, 3)) ^
    look(4, (even >> 8) ^ load<u8>(k, 4)) ^
    look(5, (odd >> 8) ^ load<u8>(k, 5)) ^
    look(6, even ^ load<u8>(k, 6)) ^
    look(7, odd ^ load<u8>(k, 7))
  );
}

function look(box: usize, group: u32): u32 {
  return load<u32>(SP + 256 * box + 4 * <usize>(group & 63));
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
