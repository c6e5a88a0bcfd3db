// HMAC (RFC 2104) over the packets of the job table. Packets that have as many blocks as their neighbours are hashed
// together from the first block to the ICV. From the first ones on that differ, a lane that has finished its packet takes
// the next one, so that mixed sizes keep all lanes busy too. Branches depend on lengths alone.

import { contextOf, lengthOf, packetOf, sequenceHighOf, setAlive } from '../packets/jobs';
import { firstOctets } from '../vectors/vectors';
import {
  blockOctets,
  compress,
  compressDigests,
  DIGEST_STRIDE,
  initialState,
  lanesFor,
  lengthBits,
  pointerOf,
  setColumn,
  setPointer,
  setStates,
  storeColumn,
  storeDigests,
} from './hash';
import { forgetHashes, LANES_AT_MOST } from './hash-state';

/** A context is the state after the inner pad's block and, 64 octets on, after the outer pad's. */
const OUTER_STATE: usize = 64;

const IDLE: i32 = 0;
const BODY: i32 = 1;
const TAIL: i32 = 2;

/** For each lane: the context of its packet. */
const CONTEXTS: usize = memory.data(4 * LANES_AT_MOST, 16);
const STAGES: usize = memory.data(4 * LANES_AT_MOST, 16);
const LANE_JOBS: usize = memory.data(4 * LANES_AT_MOST, 16);
const BLOCKS_LEFT: usize = memory.data(4 * LANES_AT_MOST, 16);

/** For each lane: the padded end of its message, up to two blocks. */
const TAIL_OCTETS: usize = 256;
const TAILS: usize = memory.data(8 * 256, 16);

/** For each job of mixed sizes: what its inner hash came to. */
const INNER_OCTETS: usize = 32;
const INNER: usize = memory.data(256 * 32, 16);

const DIGESTS: usize = memory.data(8 * 64, 16);

/** Read from 16 - n on: the octet that ends a message behind n others. */
// biome-ignore format: rows
const END: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);

/** Precomputes both pads' states for a key of at most one block. */
export function hmacKey(context: usize, hash: i32, key: usize, keyOctets: usize): void {
  padState(context, hash, key, keyOctets, 0x36);
  padState(context + OUTER_STATE, hash, key, keyOctets, 0x5c);
}

/** Writes the ICV of every packet: over SPI to ciphertext and, with ESN, the high half of the sequence number. */
export function hmacSeal(hash: i32, count: i32, icvOctets: usize, esn: bool): void {
  hashJobs(hash, count, icvOctets, esn, false);
}

/** Leaves those packets alive whose ICV is right. */
export function hmacOpen(hash: i32, count: i32, icvOctets: usize, esn: bool): void {
  hashJobs(hash, count, icvOctets, esn, true);
}

export function forgetHmac(): void {
  forgetHashes();
  memory.fill(TAILS, 0, 8 * 256);
  memory.fill(INNER, 0, 256 * 32);
  memory.fill(DIGESTS, 0, 8 * 64);
}

function hashJobs(hash: i32, count: i32, icvOctets: usize, esn: bool, verify: bool): void {
  let job = 0;
  while (job < count) {
    const lanes = lanesFor(hash, count - job);
    const end = min(job + lanes, count);
    if (!areAlike(hash, job, end, icvOctets, esn)) break;
    hashAlike(hash, lanes, job, end, icvOctets, esn);
    finish(hash, lanes, job, end, icvOctets, verify);
    job = end;
  }
  if (job === count) return;
  hashMixed(hash, job, count, icvOctets, esn);
  const lanes = lanesFor(hash, count - job);
  for (; job < count; job += lanes) {
    const end = min(job + lanes, count);
    for (let lane = 0; lane < end - job; lane++) setColumn(INNER + INNER_OCTETS * (job + lane), hash, lanes, lane);
    finish(hash, lanes, job, end, icvOctets, verify);
  }
}

/** Whether all of these packets have as many whole blocks, and as many behind them, as the first. */
function areAlike(hash: i32, job: i32, end: i32, icvOctets: usize, esn: bool): bool {
  const octets = lengthOf(job) - icvOctets;
  const whole = wholeBlocks(hash, octets);
  const tail = tailBlocks(hash, octets, esn);
  for (let other = job + 1; other < end; other++) {
    const octets = lengthOf(other) - icvOctets;
    if (wholeBlocks(hash, octets) !== whole || tailBlocks(hash, octets, esn) !== tail) return false;
  }
  return true;
}

/** Leaves the inner hashes of these packets in the lanes. */
function hashAlike(hash: i32, lanes: i32, job: i32, end: i32, icvOctets: usize, esn: bool): void {
  const last = end - job - 1;
  const octets = lengthOf(job) - icvOctets;
  for (let lane = 0; lane < lanes; lane++) setPointer(lane, packetOf(job + min(lane, last)));
  placeContexts(lanes, job, end);
  setStates(CONTEXTS, 0, hash, lanes);
  compress(hash, lanes, wholeBlocks(hash, octets));
  for (let lane = 0; lane <= last; lane++) storeTail(tailOf(lane), hash, job + lane, icvOctets, esn);
  for (let lane = 0; lane < lanes; lane++) setPointer(lane, tailOf(min(lane, last)));
  compress(hash, lanes, tailBlocks(hash, octets, esn));
}

/** Stores the inner hashes of jobs `from` to `count`; words of 32 bits. */
function hashMixed(hash: i32, from: i32, count: i32, icvOctets: usize, esn: bool): void {
  const lanes = lanesFor(hash, count - from);
  for (let lane = 0; lane < lanes; lane++) set(STAGES, lane, IDLE);
  let job = from;
  for (;;) {
    let blocks = i32.MAX_VALUE;
    let busy = -1;
    for (let lane = 0; lane < lanes; lane++) {
      if (get(STAGES, lane) === IDLE && job < count) {
        setColumn(contextOf(job), hash, lanes, lane);
        begin(hash, lane, job, icvOctets, esn);
        job++;
      }
      if (get(STAGES, lane) !== IDLE) {
        blocks = min(blocks, get(BLOCKS_LEFT, lane));
        busy = lane;
      }
    }
    if (busy < 0) return;
    for (let lane = 0; lane < lanes; lane++) {
      if (get(STAGES, lane) === IDLE) setPointer(lane, pointerOf(busy));
    }
    compress(hash, lanes, blocks);
    for (let lane = 0; lane < lanes; lane++) {
      if (get(STAGES, lane) === IDLE) continue;
      const left = get(BLOCKS_LEFT, lane) - blocks;
      set(BLOCKS_LEFT, lane, left);
      if (left > 0) continue;
      if (get(STAGES, lane) === BODY) {
        beginTail(hash, lane, icvOctets, esn);
      } else {
        storeColumn(INNER + INNER_OCTETS * get(LANE_JOBS, lane), hash, lanes, lane);
        set(STAGES, lane, IDLE);
      }
    }
  }
}

/** Starts a packet: its whole blocks are read where they lie. */
function begin(hash: i32, lane: i32, job: i32, icvOctets: usize, esn: bool): void {
  set(LANE_JOBS, lane, job);
  set(STAGES, lane, BODY);
  setPointer(lane, packetOf(job));
  const blocks = wholeBlocks(hash, lengthOf(job) - icvOctets);
  set(BLOCKS_LEFT, lane, blocks);
  if (blocks === 0) beginTail(hash, lane, icvOctets, esn);
}

function beginTail(hash: i32, lane: i32, icvOctets: usize, esn: bool): void {
  const job = get(LANE_JOBS, lane);
  storeTail(tailOf(lane), hash, job, icvOctets, esn);
  set(STAGES, lane, TAIL);
  setPointer(lane, tailOf(lane));
  set(BLOCKS_LEFT, lane, tailBlocks(hash, lengthOf(job) - icvOctets, esn));
}

/** The octets behind the last whole block, the high half of the sequence number, padding and length (FIPS 180-4 §5). */
function storeTail(tail: usize, hash: i32, job: i32, icvOctets: usize, esn: bool): void {
  const block = blockOctets(hash);
  const octets = lengthOf(job) - icvOctets;
  const whole = octets & ~(block - 1);
  const rest = <i32>(octets - whole);
  const padding = esn ? rest + 4 : rest;
  const last = tailBlocks(hash, octets, esn) * <i32>block - 16;
  const from = packetOf(job) + whole;
  const bits = lengthBits(hash, block + octets + (esn ? 4 : 0));
  for (let i = 0; i <= last; i += 16) {
    let vector = i32x4.splat(0);
    if (i < rest) vector = firstOctets(v128.load(from + i), min(16, rest - i));
    if (i === (padding & ~15)) vector = v128.or(vector, v128.load(END + 16 - (padding & 15)));
    if (i === last) vector = i64x2.replace_lane(vector, 1, bits);
    v128.store(tail + i, vector);
  }
  if (esn) store<u32>(tail + rest, bswap<u32>(sequenceHighOf(job)));
}

/** Turns the inner hashes in the lanes into ICVs. */
function finish(hash: i32, lanes: i32, job: i32, end: i32, icvOctets: usize, verify: bool): void {
  placeContexts(lanes, job, end);
  compressDigests(CONTEXTS, OUTER_STATE, hash, lanes);
  storeDigests(DIGESTS, hash, lanes);
  for (let digest = DIGESTS; job < end; job++, digest += DIGEST_STRIDE) {
    const icv = packetOf(job) + lengthOf(job) - icvOctets;
    if (verify) setAlive(job, isIcv(icv, digest, icvOctets));
    else for (let i: usize = 0; i < icvOctets; i += 4) store<u32>(icv + i, load<u32>(digest + i));
  }
}

/** Points each lane at the keys of its packet; those without one do what the last one does. */
function placeContexts(lanes: i32, job: i32, end: i32): void {
  for (let lane = 0; lane < lanes; lane++) {
    store<u32>(CONTEXTS + 4 * lane, <u32>contextOf(min(job + lane, end - 1)));
  }
}

/** Whether a digest begins with that ICV; in the same time wherever they differ. */
function isIcv(icv: usize, digest: usize, icvOctets: usize): bool {
  let difference: u32 = 0;
  for (let i: usize = 0; i < icvOctets; i += 4) difference |= load<u32>(icv + i) ^ load<u32>(digest + i);
  return difference === 0;
}

function padState(target: usize, hash: i32, key: usize, keyOctets: usize, pad: u8): void {
  const lanes = lanesFor(hash, 1);
  memory.fill(TAILS, pad, blockOctets(hash));
  for (let i: usize = 0; i < keyOctets; i++) store<u8>(TAILS + i, load<u8>(key + i) ^ pad);
  for (let lane = 0; lane < lanes; lane++) {
    setPointer(lane, TAILS);
    store<u32>(CONTEXTS + 4 * lane, <u32>initialState(hash));
  }
  setStates(CONTEXTS, 0, hash, lanes);
  compress(hash, lanes, 1);
  storeColumn(target, hash, lanes, 0);
}

/** Blocks that the message fills. */
function wholeBlocks(hash: i32, octets: usize): i32 {
  return <i32>(octets >> (blockOctets(hash) === 64 ? 6 : 7));
}

/** Blocks for what is left then, the octet that ends it and its length. */
function tailBlocks(hash: i32, octets: usize, esn: bool): i32 {
  const block = blockOctets(hash);
  const padding = (octets & (block - 1)) + (esn ? 4 : 0);
  return padding + 1 + block / 8 <= block ? 1 : 2;
}

function tailOf(lane: i32): usize {
  return TAILS + TAIL_OCTETS * lane;
}

function get(words: usize, lane: i32): i32 {
  return load<i32>(words + 4 * lane);
}

function set(words: usize, lane: i32, value: i32): void {
  store<i32>(words + 4 * lane, value);
}
