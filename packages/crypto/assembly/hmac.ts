// HMAC (RFC 2104) over the packets of the job table, up to four at once. A lane that has finished its packet takes the
// next one, so that packets of mixed sizes keep all lanes busy. Branches depend on lengths alone.
import { STATE, W } from './hash-state';
import { lengthOf, packetOf, sequenceHighOf, setAlive } from './jobs';
import { md5Four } from './md5';
import { sha1Four, sha1One } from './sha1';
import { sha256Four, sha256One } from './sha256';
import { sha512One } from './sha512';

/** The numbers of the hashes, as the callers give them. */
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

/** A context is the state after the inner pad's block and, 64 octets on, after the outer pad's. */
const OUTER_STATE: usize = 64;

const IDLE: i32 = 0;
const BODY: i32 = 1;
const TAIL: i32 = 2;
const OUTER: i32 = 3;

const STAGES: usize = memory.data(4 * 4, 16);
const LANE_JOBS: usize = memory.data(4 * 4, 16);
const POINTERS: usize = memory.data(4 * 4, 16);
const BLOCKS_LEFT: usize = memory.data(4 * 4, 16);

/** For each lane: the padded end of its message, two blocks, and what is written over past them. */
const TAILS: usize = memory.data(4 * 448, 16);
const TAIL_OCTETS: usize = 448;
const DIGEST: usize = memory.data(64, 16);

/** Precomputes both pads' states for a key of at most one block. */
export function hmacKey(context: usize, hash: i32, key: usize, keyOctets: usize): void {
  padState(context, hash, key, keyOctets, 0x36);
  padState(context + OUTER_STATE, hash, key, keyOctets, 0x5c);
}

/** Writes the ICV of every packet: over SPI to ciphertext and, with ESN, the high half of the sequence number. */
export function hmacSeal(context: usize, hash: i32, count: i32, icvOctets: usize, esn: bool): void {
  run(context, hash, count, icvOctets, esn, false);
}

/** Leaves those packets alive whose ICV is right. */
export function hmacOpen(context: usize, hash: i32, count: i32, icvOctets: usize, esn: bool): void {
  run(context, hash, count, icvOctets, esn, true);
}

export function forgetHmac(): void {
  memory.fill(STATE, 0, 8 * 16);
  memory.fill(W, 0, 80 * 16);
  memory.fill(TAILS, 0, 4 * TAIL_OCTETS);
  memory.fill(DIGEST, 0, 64);
}

function run(context: usize, hash: i32, count: i32, icvOctets: usize, esn: bool, verify: bool): void {
  const lanes = lanesFor(hash, count);
  for (let lane = 0; lane < lanes; lane++) set(STAGES, lane, IDLE);
  let job = 0;
  for (;;) {
    let blocks = i32.MAX_VALUE;
    let busy = -1;
    for (let lane = 0; lane < lanes; lane++) {
      if (get(STAGES, lane) === IDLE && job < count) {
        begin(context, hash, lanes, lane, job, icvOctets, esn);
        job++;
      }
      if (get(STAGES, lane) !== IDLE) {
        blocks = min(blocks, get(BLOCKS_LEFT, lane));
        busy = lane;
      }
    }
    if (busy < 0) return;
    for (let lane = 0; lane < lanes; lane++) {
      if (get(STAGES, lane) === IDLE) set(POINTERS, lane, get(POINTERS, busy));
    }
    compress(hash, lanes, blocks);
    for (let lane = 0; lane < lanes; lane++) {
      if (get(STAGES, lane) === IDLE) continue;
      const left = get(BLOCKS_LEFT, lane) - blocks;
      set(BLOCKS_LEFT, lane, left);
      if (left === 0) advance(context, hash, lanes, lane, icvOctets, esn, verify);
    }
  }
}

/** Starts a packet: its whole blocks are read where they lie. */
function begin(context: usize, hash: i32, lanes: i32, lane: i32, job: i32, icvOctets: usize, esn: bool): void {
  setColumn(context, hash, lanes, lane);
  set(LANE_JOBS, lane, job);
  set(STAGES, lane, BODY);
  set(POINTERS, lane, <i32>packetOf(job));
  const blocks = <i32>((lengthOf(job) - icvOctets) / blockOctets(hash));
  set(BLOCKS_LEFT, lane, blocks);
  if (blocks === 0) beginTail(hash, lane, icvOctets, esn);
}

/** What follows when a lane has no blocks left. */
function advance(context: usize, hash: i32, lanes: i32, lane: i32, icvOctets: usize, esn: bool, verify: bool): void {
  const stage = get(STAGES, lane);
  if (stage === BODY) {
    beginTail(hash, lane, icvOctets, esn);
  } else if (stage === TAIL) {
    beginOuter(context, hash, lanes, lane);
  } else {
    finish(hash, lanes, lane, icvOctets, verify);
  }
}

/** The octets behind the last whole block, the high half of the sequence number, padding and length (FIPS 180-4 §5). */
function beginTail(hash: i32, lane: i32, icvOctets: usize, esn: bool): void {
  const job = get(LANE_JOBS, lane);
  const block = blockOctets(hash);
  const octets = lengthOf(job) - icvOctets;
  const whole = octets - (octets % block);
  let rest = octets - whole;
  const tail = TAILS + TAIL_OCTETS * lane;
  for (let i: usize = 0; i < rest; i += 16) v128.store(tail + i, v128.load(packetOf(job) + whole + i));
  for (let i: usize = 0; i < 2 * block; i += 16) v128.store(tail + rest + i, i32x4.splat(0));
  if (esn) {
    store<u32>(tail + rest, bswap<u32>(sequenceHighOf(job)));
    rest += 4;
  }
  store<u8>(tail + rest, 0x80);
  const blocks: usize = rest + 1 + block / 8 <= block ? 1 : 2;
  storeBits(tail + blocks * block, hash, block + whole + rest);
  set(STAGES, lane, TAIL);
  set(POINTERS, lane, <i32>tail);
  set(BLOCKS_LEFT, lane, <i32>blocks);
}

/** The inner digest, padded to the single block that follows the outer pad. */
function beginOuter(context: usize, hash: i32, lanes: i32, lane: i32): void {
  const block = blockOctets(hash);
  const tail = TAILS + TAIL_OCTETS * lane;
  storeDigest(tail, hash, lanes, lane);
  const octets = digestOctets(hash);
  for (let i: usize = 0; i < block; i += 16) v128.store(tail + octets + i, i32x4.splat(0));
  store<u8>(tail + octets, 0x80);
  storeBits(tail + block, hash, block + octets);
  setColumn(context + OUTER_STATE, hash, lanes, lane);
  set(STAGES, lane, OUTER);
  set(POINTERS, lane, <i32>tail);
  set(BLOCKS_LEFT, lane, 1);
}

function finish(hash: i32, lanes: i32, lane: i32, icvOctets: usize, verify: bool): void {
  const job = get(LANE_JOBS, lane);
  const icv = packetOf(job) + lengthOf(job) - icvOctets;
  storeDigest(DIGEST, hash, lanes, lane);
  set(STAGES, lane, IDLE);
  if (!verify) {
    for (let i: usize = 0; i < icvOctets; i += 4) store<u32>(icv + i, load<u32>(DIGEST + i));
    return;
  }
  let difference: u32 = 0;
  for (let i: usize = 0; i < icvOctets; i += 4) difference |= load<u32>(icv + i) ^ load<u32>(DIGEST + i);
  setAlive(job, difference === 0);
}

/** Advances every lane by `blocks` blocks from its pointer. */
function compress(hash: i32, lanes: i32, blocks: i32): void {
  const block = blockOctets(hash);
  let p0 = <usize>get(POINTERS, 0);
  if (lanes === 1) {
    for (let i = 0; i < blocks; i++, p0 += block) {
      if (hash === SHA1) sha1One(p0);
      else if (hash === SHA256) sha256One(p0);
      else sha512One(p0);
    }
    set(POINTERS, 0, <i32>p0);
    return;
  }
  let p1 = <usize>get(POINTERS, 1);
  let p2 = <usize>get(POINTERS, 2);
  let p3 = <usize>get(POINTERS, 3);
  for (let i = 0; i < blocks; i++, p0 += 64, p1 += 64, p2 += 64, p3 += 64) {
    if (hash === SHA1) sha1Four(p0, p1, p2, p3);
    else if (hash === SHA256) sha256Four(p0, p1, p2, p3);
    else md5Four(p0, p1, p2, p3);
  }
  set(POINTERS, 0, <i32>p0);
  set(POINTERS, 1, <i32>p1);
  set(POINTERS, 2, <i32>p2);
  set(POINTERS, 3, <i32>p3);
}

function padState(target: usize, hash: i32, key: usize, keyOctets: usize, pad: u8): void {
  const lanes = lanesFor(hash, 1);
  memory.fill(TAILS, pad, blockOctets(hash));
  for (let i: usize = 0; i < keyOctets; i++) store<u8>(TAILS + i, load<u8>(key + i) ^ pad);
  for (let lane = 0; lane < lanes; lane++) {
    setColumn(initial(hash), hash, lanes, lane);
    set(POINTERS, lane, <i32>TAILS);
  }
  compress(hash, lanes, 1);
  for (let i: usize = 0; i < stateWords(hash); i++) {
    if (isWide(hash)) store<u64>(target + 8 * i, load<u64>(STATE + 8 * i));
    else store<u32>(target + 4 * i, load<u32>(STATE + 4 * i * <usize>lanes));
  }
}

function setColumn(state: usize, hash: i32, lanes: i32, lane: i32): void {
  for (let i: usize = 0; i < stateWords(hash); i++) {
    if (isWide(hash)) store<u64>(STATE + 8 * i, load<u64>(state + 8 * i));
    else store<u32>(STATE + 4 * (i * <usize>lanes + <usize>lane), load<u32>(state + 4 * i));
  }
}

function storeDigest(target: usize, hash: i32, lanes: i32, lane: i32): void {
  for (let i: usize = 0; i < stateWords(hash); i++) {
    if (isWide(hash)) {
      store<u64>(target + 8 * i, bswap<u64>(load<u64>(STATE + 8 * i)));
    } else {
      const word = load<u32>(STATE + 4 * (i * <usize>lanes + <usize>lane));
      store<u32>(target + 4 * i, hash === MD5 ? word : bswap<u32>(word));
    }
  }
}

/** The length in bits of `octets`, in the eight octets in front of `end`. */
function storeBits(end: usize, hash: i32, octets: usize): void {
  const bits = (<u64>octets) << 3;
  store<u64>(end - 8, hash === MD5 ? bits : bswap<u64>(bits));
}

function lanesFor(hash: i32, count: i32): i32 {
  if (isWide(hash)) return 1;
  return hash === MD5 || count > 1 ? 4 : 1;
}

function isWide(hash: i32): bool {
  return hash >= SHA384;
}

function blockOctets(hash: i32): usize {
  return isWide(hash) ? 128 : 64;
}

function stateWords(hash: i32): usize {
  return hash === MD5 ? 4 : hash === SHA1 ? 5 : 8;
}

function digestOctets(hash: i32): usize {
  return isWide(hash) ? (hash === SHA384 ? 48 : 64) : 4 * stateWords(hash);
}

function initial(hash: i32): usize {
  if (hash <= SHA1) return INITIAL_MD5_SHA1;
  if (hash === SHA256) return INITIAL_SHA256;
  return hash === SHA384 ? INITIAL_SHA384 : INITIAL_SHA512;
}

function get(words: usize, lane: i32): i32 {
  return load<i32>(words + 4 * lane);
}

function set(words: usize, lane: i32, value: i32): void {
  store<i32>(words + 4 * lane, value);
}
