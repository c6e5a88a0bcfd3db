// HMAC (RFC 2104) over the packets of the job table. First the inner hashes: a lane that has finished its packet takes the
// next one, so that packets of mixed sizes keep all lanes busy. Then the outer ones, which are a block each. Branches
// depend on lengths alone.
import {
  blockOctets,
  compress,
  digestOctets,
  initialState,
  lanesFor,
  pointerOf,
  setColumn,
  setPointer,
  storeBits,
  storeColumn,
  storeDigest,
} from './hash';
import { forgetHashes, LANES_AT_MOST } from './hash-state';
import { lengthOf, packetOf, sequenceHighOf, setAlive } from './jobs';

/** A context is the state after the inner pad's block and, 64 octets on, after the outer pad's. */
const OUTER_STATE: usize = 64;

const IDLE: i32 = 0;
const BODY: i32 = 1;
const TAIL: i32 = 2;

const STAGES: usize = memory.data(4 * LANES_AT_MOST, 16);
const LANE_JOBS: usize = memory.data(4 * LANES_AT_MOST, 16);
const BLOCKS_LEFT: usize = memory.data(4 * LANES_AT_MOST, 16);

/** For each lane: the padded end of its message, two blocks, and what is written over past them. */
const TAIL_OCTETS: usize = 448;
const TAILS: usize = memory.data(8 * 448, 16);

/** For each job the block behind the outer pad's: the inner digest and its padding, and what is written over past it. */
const OUTER_OCTETS: usize = 128;
const OUTER_BLOCKS: usize = memory.data(256 * 128, 16);
const DIGEST: usize = memory.data(64, 16);

/** Precomputes both pads' states for a key of at most one block. */
export function hmacKey(context: usize, hash: i32, key: usize, keyOctets: usize): void {
  padState(context, hash, key, keyOctets, 0x36);
  padState(context + OUTER_STATE, hash, key, keyOctets, 0x5c);
}

/** Writes the ICV of every packet: over SPI to ciphertext and, with ESN, the high half of the sequence number. */
export function hmacSeal(context: usize, hash: i32, count: i32, icvOctets: usize, esn: bool): void {
  hashInner(context, hash, count, icvOctets, esn);
  hashOuter(context + OUTER_STATE, hash, count, icvOctets, false);
}

/** Leaves those packets alive whose ICV is right. */
export function hmacOpen(context: usize, hash: i32, count: i32, icvOctets: usize, esn: bool): void {
  hashInner(context, hash, count, icvOctets, esn);
  hashOuter(context + OUTER_STATE, hash, count, icvOctets, true);
}

export function forgetHmac(): void {
  forgetHashes();
  memory.fill(TAILS, 0, 8 * 448);
  memory.fill(OUTER_BLOCKS, 0, 256 * 128);
  memory.fill(DIGEST, 0, 64);
}

/** Makes the blocks that the outer hashes take. */
function hashInner(state: usize, hash: i32, count: i32, icvOctets: usize, esn: bool): void {
  const lanes = lanesFor(hash, count);
  for (let lane = 0; lane < lanes; lane++) set(STAGES, lane, IDLE);
  let job = 0;
  for (;;) {
    let blocks = i32.MAX_VALUE;
    let busy = -1;
    for (let lane = 0; lane < lanes; lane++) {
      if (get(STAGES, lane) === IDLE && job < count) {
        setColumn(state, hash, lanes, lane);
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
      if (get(STAGES, lane) === BODY) beginTail(hash, lane, icvOctets, esn);
      else finishInner(hash, lanes, lane);
    }
  }
}

/** Starts a packet: its whole blocks are read where they lie. */
function begin(hash: i32, lane: i32, job: i32, icvOctets: usize, esn: bool): void {
  set(LANE_JOBS, lane, job);
  set(STAGES, lane, BODY);
  setPointer(lane, packetOf(job));
  const blocks = <i32>((lengthOf(job) - icvOctets) / blockOctets(hash));
  set(BLOCKS_LEFT, lane, blocks);
  if (blocks === 0) beginTail(hash, lane, icvOctets, esn);
}

/** The octets behind the last whole block, the high half of the sequence number, padding and length (FIPS 180-4 §5). */
function beginTail(hash: i32, lane: i32, icvOctets: usize, esn: bool): void {
  const job = get(LANE_JOBS, lane);
  const block = blockOctets(hash);
  const octets = lengthOf(job) - icvOctets;
  const whole = octets - (octets % block);
  const rest = octets - whole;
  const tail = TAILS + TAIL_OCTETS * lane;
  for (let i: usize = 0; i < rest; i += 16) v128.store(tail + i, v128.load(packetOf(job) + whole + i));
  const padding = rest + (esn ? 4 : 0);
  const blocks: usize = padding + 1 + block / 8 <= block ? 1 : 2;
  const end = tail + blocks * block;
  for (let p = tail + rest; p < end; p += 16) v128.store(p, i32x4.splat(0));
  if (esn) store<u32>(tail + rest, bswap<u32>(sequenceHighOf(job)));
  store<u8>(tail + padding, 0x80);
  storeBits(end, hash, block + whole + padding);
  set(STAGES, lane, TAIL);
  setPointer(lane, tail);
  set(BLOCKS_LEFT, lane, <i32>blocks);
}

/** The inner digest, padded to the single block that follows the outer pad. */
function finishInner(hash: i32, lanes: i32, lane: i32): void {
  const block = blockOctets(hash);
  const octets = digestOctets(hash);
  const outer = OUTER_BLOCKS + OUTER_OCTETS * get(LANE_JOBS, lane);
  storeDigest(outer, hash, lanes, lane);
  for (let i = octets; i < block; i += 16) v128.store(outer + i, i32x4.splat(0));
  store<u8>(outer + octets, 0x80);
  storeBits(outer + block, hash, block + octets);
  set(STAGES, lane, IDLE);
}

/** Turns the inner digests into ICVs. */
function hashOuter(state: usize, hash: i32, count: i32, icvOctets: usize, verify: bool): void {
  const lanes = lanesFor(hash, count);
  for (let job = 0; job < count; job += lanes) {
    for (let lane = 0; lane < lanes; lane++) {
      setColumn(state, hash, lanes, lane);
      setPointer(lane, OUTER_BLOCKS + OUTER_OCTETS * min(job + lane, count - 1));
    }
    compress(hash, lanes, 1);
    for (let lane = 0; lane < min(lanes, count - job); lane++) {
      storeDigest(DIGEST, hash, lanes, lane);
      finish(job + lane, icvOctets, verify);
    }
  }
}

/** Writes the ICV that DIGEST begins with, or holds it against the packet's. */
function finish(job: i32, icvOctets: usize, verify: bool): void {
  const icv = packetOf(job) + lengthOf(job) - icvOctets;
  if (!verify) {
    for (let i: usize = 0; i < icvOctets; i += 4) store<u32>(icv + i, load<u32>(DIGEST + i));
    return;
  }
  let difference: u32 = 0;
  for (let i: usize = 0; i < icvOctets; i += 4) difference |= load<u32>(icv + i) ^ load<u32>(DIGEST + i);
  setAlive(job, difference === 0);
}

function padState(target: usize, hash: i32, key: usize, keyOctets: usize, pad: u8): void {
  const lanes = lanesFor(hash, 1);
  memory.fill(TAILS, pad, blockOctets(hash));
  for (let i: usize = 0; i < keyOctets; i++) store<u8>(TAILS + i, load<u8>(key + i) ^ pad);
  for (let lane = 0; lane < lanes; lane++) {
    setColumn(initialState(hash), hash, lanes, lane);
    setPointer(lane, TAILS);
  }
  compress(hash, lanes, 1);
  storeColumn(target, hash, lanes, 0);
}

function get(words: usize, lane: i32): i32 {
  return load<i32>(words + 4 * lane);
}

function set(words: usize, lane: i32, value: i32): void {
  store<i32>(words + 4 * lane, value);
}
