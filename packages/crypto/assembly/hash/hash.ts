// The hashes by the numbers that callers give them: sizes, lanes, and what goes into a lane and comes out of it.

import { add32, storeColumns, swap32 } from '../vectors/vectors';
import { LANES_AT_MOST, loadFour, loadOne32, loadOne64, reverseLoaded, STATE, W } from './hash-state';
import { md5Four } from './md5';
import { sha1Four, sha1One } from './sha1';
import { sha1Eight } from './sha1-eight';
import { sha256Four, sha256One } from './sha256';
import { sha256Eight } from './sha256-eight';
import { sha512One } from './sha512';

const MD5: i32 = 0;
const SHA1: i32 = 1;
const SHA256: i32 = 2;
const SHA384: i32 = 3;

/** MD5 uses the first four words, SHA-1 all five. */
const INITIAL_MD5_SHA1: usize = memory.data<u32>([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
const INITIAL_SHA256: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);
const INITIAL_SHA384: usize = memory.data<u64>([
  0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939, 0x67332667ffc00b31,
  0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4,
]);
const INITIAL_SHA512: usize = memory.data<u64>([
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1,
  0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
]);

/** The next block of each lane. */
const POINTERS: usize = memory.data(4 * LANES_AT_MOST, 16);

/** From one lane's digest to the next, in what `storeDigests` stores. */
export const DIGEST_STRIDE: usize = 64;

/** How many messages to hash side by side when there are `count`: eight where that is faster than four and the others. */
export function lanesFor(hash: i32, count: i32): i32 {
  if (isWide(hash)) return 1;
  if ((hash === SHA1 && count > 4) || (hash === SHA256 && count > 5)) return 8;
  return hash === MD5 || count > 1 ? 4 : 1;
}

export function blockOctets(hash: i32): usize {
  return isWide(hash) ? 128 : 64;
}

function digestOctets(hash: i32): usize {
  return isWide(hash) ? (hash === SHA384 ? 48 : 64) : 4 * stateWords(hash);
}

/** The state of a hash that has seen nothing. */
export function initialState(hash: i32): usize {
  if (hash <= SHA1) return INITIAL_MD5_SHA1;
  if (hash === SHA256) return INITIAL_SHA256;
  return hash === SHA384 ? INITIAL_SHA384 : INITIAL_SHA512;
}

export function pointerOf(lane: i32): usize {
  return <usize>load<u32>(POINTERS + 4 * lane);
}

export function setPointer(lane: i32, block: usize): void {
  store<u32>(POINTERS + 4 * lane, <u32>block);
}

/** Puts a state into each lane: that which lies `offset` octets behind its pointer. */
export function setStates(pointers: usize, offset: usize, hash: i32, lanes: i32): void {
  if (lanes === 1) {
    const state = <usize>load<u32>(pointers) + offset;
    const octets = stateWords(hash) * wordOctets(hash);
    for (let i: usize = 0; i < octets; i += 4) store<u32>(STATE + i, load<u32>(state + i));
    return;
  }
  const stride: usize = 4 * lanes;
  for (let lane = 0; lane < lanes; lane += 4) {
    const p0 = <usize>load<u32>(pointers + 4 * lane) + offset;
    const p1 = <usize>load<u32>(pointers + 4 * lane, 4) + offset;
    const p2 = <usize>load<u32>(pointers + 4 * lane, 8) + offset;
    const p3 = <usize>load<u32>(pointers + 4 * lane, 12) + offset;
    const to = STATE + 4 * lane;
    storeColumns(to, stride, v128.load(p0), v128.load(p1), v128.load(p2), v128.load(p3));
    if (hash === SHA1) {
      const word = i32x4(load<i32>(p0, 16), load<i32>(p1, 16), load<i32>(p2, 16), load<i32>(p3, 16));
      v128.store(to + 4 * stride, word);
    } else if (hash === SHA256) {
      const next = to + 4 * stride;
      storeColumns(next, stride, v128.load(p0, 16), v128.load(p1, 16), v128.load(p2, 16), v128.load(p3, 16));
    }
  }
}

/** Puts the words of a state into a lane; words of 32 bits. */
export function setColumn(state: usize, hash: i32, lanes: i32, lane: i32): void {
  const words = stateWords(hash);
  let to = STATE + 4 * lane;
  for (let i: usize = 0; i < words; i++, to += 4 * lanes) store<u32>(to, load<u32>(state + 4 * i));
}

/** The words of a lane's state; words of 32 bits, or of 64 where there is one lane. */
export function storeColumn(target: usize, hash: i32, lanes: i32, lane: i32): void {
  const octets = stateWords(hash) * wordOctets(hash);
  let from = STATE + 4 * lane;
  for (let i: usize = 0; i < octets; i += 4, from += 4 * lanes) store<u32>(target + i, load<u32>(from));
}

/** All lanes' states as octets, DIGEST_STRIDE from one to the next: 16 octets, or 64 of the wide hashes. */
export function storeDigests(target: usize, hash: i32, lanes: i32): void {
  if (isWide(hash)) {
    for (let i: usize = 0; i < 64; i += 8) store<u64>(target + i, bswap<u64>(load<u64>(STATE + i)));
    return;
  }
  if (lanes === 1) {
    v128.store(target, inOrder(STATE, hash));
    return;
  }
  const stride: usize = 4 * lanes;
  for (let lane = 0; lane < lanes; lane += 4, target += 4 * DIGEST_STRIDE) {
    const from = STATE + 4 * lane;
    const x0 = inOrder(from, hash);
    const x1 = inOrder(from + stride, hash);
    const x2 = inOrder(from + 2 * stride, hash);
    const x3 = inOrder(from + 3 * stride, hash);
    storeColumns(target, DIGEST_STRIDE, x0, x1, x2, x3);
  }
}

/** The length in bits of `octets`, as the last eight octets of a message hold it. */
export function lengthBits(hash: i32, octets: usize): u64 {
  const bits = (<u64>octets) << 3;
  return hash === MD5 ? bits : bswap<u64>(bits);
}

/** Advances every lane by `blocks` blocks from its pointer. */
export function compress(hash: i32, lanes: i32, blocks: i32): void {
  for (let i = 0; i < blocks; i++) {
    loadBlocks(hash, lanes);
    compressLoaded(hash, lanes);
  }
}

/**
 * Hashes what the lanes have come to, as the one block behind an outer pad, whose state lies `offset` octets behind each
 * lane's pointer: its words lie in vectors as W wants them.
 */
export function compressDigests(pointers: usize, offset: usize, hash: i32, lanes: i32): void {
  const stride = wordOctets(hash) * lanes;
  const end = (digestOctets(hash) / wordOctets(hash)) * stride;
  for (let i: usize = 0; i < end; i += 16) v128.store(W + i, v128.load(STATE + i));
  for (let i = end; i < 16 * stride; i += 16) v128.store(W + i, i32x4.splat(0));
  const bits = (<u64>(blockOctets(hash) + digestOctets(hash))) << 3;
  setWords(W + end, hash, lanes, isWide(hash) ? 0x8000000000000000 : hash === MD5 ? 0x80 : 0x80000000);
  setWords(W + (hash === MD5 ? 14 : 15) * stride, hash, lanes, bits);
  setStates(pointers, offset, hash, lanes);
  compressLoaded(hash, lanes);
}

/** Loads the next block of every lane into W. */
function loadBlocks(hash: i32, lanes: i32): void {
  if (lanes === 1) {
    const p = pointerOf(0);
    if (isWide(hash)) loadOne64(p);
    else loadOne32(p);
    setPointer(0, p + blockOctets(hash));
    return;
  }
  for (let lane = 0; lane < lanes; lane += 4) {
    const pointers = POINTERS + 4 * lane;
    loadFour(W + 4 * lane, 4 * lanes, pointers);
    v128.store(pointers, add32(v128.load(pointers), i32x4.splat(64)));
  }
  if (hash === MD5) reverseLoaded();
}

function compressLoaded(hash: i32, lanes: i32): void {
  if (lanes === 8) compressEight(hash);
  else if (lanes === 4) compressFour(hash);
  else compressOne(hash);
}

function compressEight(hash: i32): void {
  if (hash === SHA1) sha1Eight();
  else sha256Eight();
}

function compressFour(hash: i32): void {
  if (hash === SHA1) sha1Four();
  else if (hash === SHA256) sha256Four();
  else md5Four();
}

function compressOne(hash: i32): void {
  if (hash === SHA1) sha1One();
  else if (hash === SHA256) sha256One();
  else sha512One();
}

/** The same word in every lane. */
function setWords(at: usize, hash: i32, lanes: i32, word: u64): void {
  if (isWide(hash)) store<u64>(at, word);
  else if (lanes === 1) store<u32>(at, <u32>word);
  else for (let lane = 0; lane < lanes; lane += 4) v128.store(at + 4 * lane, i32x4.splat(<i32>word));
}

/** Four words, their octets in the order of a digest. */
function inOrder(words: usize, hash: i32): v128 {
  const x = v128.load(words);
  return hash === MD5 ? x : swap32(x);
}

function isWide(hash: i32): bool {
  return hash >= SHA384;
}

function wordOctets(hash: i32): usize {
  return isWide(hash) ? 8 : 4;
}

function stateWords(hash: i32): usize {
  return hash === MD5 ? 4 : hash === SHA1 ? 5 : 8;
}
