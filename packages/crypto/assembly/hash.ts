// The hashes by the numbers that callers give them: sizes, lanes, and what goes into a lane and comes out of it.
import { LANES_AT_MOST, STATE } from './hash-state';
import { md5Four } from './md5';
import { sha1Four, sha1One } from './sha1';
import { sha1Eight } from './sha1-eight';
import { sha256Four, sha256One } from './sha256';
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

/** How many messages to hash side by side when there are `count`. */
export function lanesFor(hash: i32, count: i32): i32 {
  if (isWide(hash)) return 1;
  if (hash === SHA1 && count > 4) return 8;
  return hash === MD5 || count > 1 ? 4 : 1;
}

export function blockOctets(hash: i32): usize {
  return isWide(hash) ? 128 : 64;
}

export function digestOctets(hash: i32): usize {
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

/** Puts the words of a state into a lane. */
export function setColumn(state: usize, hash: i32, lanes: i32, lane: i32): void {
  const words = stateWords(hash);
  if (isWide(hash)) {
    for (let i: usize = 0; i < words; i++) store<u64>(STATE + 8 * i, load<u64>(state + 8 * i));
    return;
  }
  let to = STATE + 4 * lane;
  for (let i: usize = 0; i < words; i++, to += 4 * lanes) store<u32>(to, load<u32>(state + 4 * i));
}

/** The words of a lane's state. */
export function storeColumn(target: usize, hash: i32, lanes: i32, lane: i32): void {
  const words = stateWords(hash);
  if (isWide(hash)) {
    for (let i: usize = 0; i < words; i++) store<u64>(target + 8 * i, load<u64>(STATE + 8 * i));
    return;
  }
  let from = STATE + 4 * lane;
  for (let i: usize = 0; i < words; i++, from += 4 * lanes) store<u32>(target + 4 * i, load<u32>(from));
}

/** A lane's state as octets: what is left of it is the digest. */
export function storeDigest(target: usize, hash: i32, lanes: i32, lane: i32): void {
  const words = stateWords(hash);
  if (isWide(hash)) {
    for (let i: usize = 0; i < words; i++) store<u64>(target + 8 * i, bswap<u64>(load<u64>(STATE + 8 * i)));
    return;
  }
  let from = STATE + 4 * lane;
  for (let i: usize = 0; i < words; i++, from += 4 * lanes) {
    const word = load<u32>(from);
    store<u32>(target + 4 * i, hash === MD5 ? word : bswap<u32>(word));
  }
}

/** The length in bits of `octets`, in the eight octets in front of `end`. */
export function storeBits(end: usize, hash: i32, octets: usize): void {
  const bits = (<u64>octets) << 3;
  store<u64>(end - 8, hash === MD5 ? bits : bswap<u64>(bits));
}

/** Advances every lane by `blocks` blocks from its pointer. */
export function compress(hash: i32, lanes: i32, blocks: i32): void {
  if (lanes === 1) compressOne(hash, blocks);
  else if (lanes === 4) compressFour(hash, blocks);
  else compressEight(blocks);
}

function compressOne(hash: i32, blocks: i32): void {
  const block = blockOctets(hash);
  let p = pointerOf(0);
  for (let i = 0; i < blocks; i++, p += block) {
    if (hash === SHA1) sha1One(p);
    else if (hash === SHA256) sha256One(p);
    else sha512One(p);
  }
  setPointer(0, p);
}

function compressFour(hash: i32, blocks: i32): void {
  let p0 = pointerOf(0);
  let p1 = pointerOf(1);
  let p2 = pointerOf(2);
  let p3 = pointerOf(3);
  for (let i = 0; i < blocks; i++, p0 += 64, p1 += 64, p2 += 64, p3 += 64) {
    if (hash === SHA1) sha1Four(p0, p1, p2, p3);
    else if (hash === SHA256) sha256Four(p0, p1, p2, p3);
    else md5Four(p0, p1, p2, p3);
  }
  setPointer(0, p0);
  setPointer(1, p1);
  setPointer(2, p2);
  setPointer(3, p3);
}

function compressEight(blocks: i32): void {
  for (let i = 0; i < blocks; i++) {
    sha1Eight(POINTERS);
    for (let lane = 0; lane < 8; lane++) setPointer(lane, pointerOf(lane) + 64);
  }
}

function isWide(hash: i32): bool {
  return hash >= SHA384;
}

function stateWords(hash: i32): usize {
  return hash === MD5 ? 4 : hash === SHA1 ? 5 : 8;
}
