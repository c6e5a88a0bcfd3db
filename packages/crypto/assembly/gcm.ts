// AES-GCM with an ICV of 16 octets over the packets of the job table (RFC 4106). The key stream is made by the caller in
// between, from counter blocks: by `aesEcb`, or by a platform that has AES in hardware.
import { encrypt1 } from './aes';
import { aesKey, encryptionKeys, roundsOf } from './aes-key';
import { GHASH_LANES, ghashBegin, ghashFinish, ghashUpdate } from './ghash';
import { ghashOneBegin, ghashOneFinish, ghashOneUpdate } from './ghash-one';
import { HEADER_OCTETS, isAlive, lengthOf, packetOf, sequenceHighOf, setAlive } from './jobs';
import { xorStream } from './stream';
import { firstOctets } from './vectors';

const IV_OCTETS: usize = 8;
const ICV_OCTETS: usize = 16;

/** A context: that of AES, then the hash key, then the salt. */
const HASH_KEY: usize = 512;
const SALT: usize = 528;

/** Fewer packets than this are hashed one at a time. */
const FEW: i32 = 5;

/** For each lane: additional data, one block; the end of the ciphertext and the lengths, two. */
const FRAME_OCTETS: usize = 48;
const FRAMES: usize = memory.data(16 * 48, 16);
/** What a lane takes while it waits for longer packets. */
const ZEROS: usize = memory.data(4 * 16, 16);
const ZERO_BLOCKS: u32 = 4;
const POINTERS: usize = memory.data(4 * 16, 16);
const BLOCKS_LEFT: usize = memory.data(4 * 16, 16);
const DELAYS: usize = memory.data(4 * 16, 16);
const STAGES: usize = memory.data(4 * 16, 16);
const SUMS: usize = memory.data(16 * 16, 16);

const DELAY: u32 = 0;
const ADDITIONAL: u32 = 1;
const BODY: u32 = 2;
const END: u32 = 3;

/** Schedules a key of 16, 24 or 32 octets, followed by four octets of salt, into the 532 octets at `context`. */
export function gcmKey(context: usize, key: usize, keyOctets: usize): void {
  aesKey(context, key, keyOctets);
  v128.store(context + HASH_KEY, encrypt1(i32x4.splat(0), encryptionKeys(context), roundsOf(context)));
  store<u32>(context + SALT, load<u32>(key + keyOctets));
}

/** Writes the counter blocks of packets `from` to `to`: that of the ICV, then those of the ciphertext. */
export function gcmCounters(context: usize, from: i32, to: i32, stream: usize): usize {
  const start = stream;
  for (let job = from; job < to; job++) {
    const iv = packetOf(job) + HEADER_OCTETS;
    const blocks = <u32>((ciphertextOctets(job) + 15) >> 4) + 1;
    let counter = i32x4(load<i32>(context + SALT), load<i32>(iv), load<i32>(iv, 4), 0);
    for (let n: u32 = 1; n <= blocks; n++, stream += 16) {
      counter = i32x4.replace_lane(counter, 3, bswap<i32>(n));
      v128.store(stream, counter);
    }
  }
  return stream - start;
}

/** Encrypts with the key stream made of the counter blocks, and writes the ICVs. */
export function gcmSeal(context: usize, from: i32, to: i32, stream: usize, esn: bool): void {
  xorAll(from, to, stream, false);
  hashAll(context, from, to, stream, esn, false);
}

/** Leaves those packets alive whose ICV is right, and decrypts them. */
export function gcmOpen(context: usize, from: i32, to: i32, stream: usize, esn: bool): void {
  hashAll(context, from, to, stream, esn, true);
  xorAll(from, to, stream, true);
}

function ciphertextOctets(job: i32): usize {
  return lengthOf(job) - HEADER_OCTETS - IV_OCTETS - ICV_OCTETS;
}

function streamOctets(job: i32): usize {
  return 16 + ((ciphertextOctets(job) + 15) & ~15);
}

function xorAll(from: i32, to: i32, stream: usize, alive: bool): void {
  for (let job = from; job < to; job++) {
    if (!alive || isAlive(job)) {
      xorStream(packetOf(job) + HEADER_OCTETS + IV_OCTETS, ciphertextOctets(job), stream + 16);
    }
    stream += streamOctets(job);
  }
}

function hashAll(context: usize, from: i32, to: i32, stream: usize, esn: bool, verify: bool): void {
  while (from < to) {
    const lanes = min(to - from, GHASH_LANES);
    for (let lane = 0; lane < lanes; lane++) frame(lane, from + lane, esn);
    if (lanes < FEW) hashOneByOne(context, from, lanes);
    else hashTogether(context, from, lanes);
    for (let lane = 0; lane < lanes; lane++, from++) {
      finish(from, v128.xor(v128.load(SUMS + 16 * lane), v128.load(stream)), verify);
      stream += streamOctets(from);
    }
  }
}

function finish(job: i32, icv: v128, verify: bool): void {
  const place = packetOf(job) + lengthOf(job) - ICV_OCTETS;
  if (verify) setAlive(job, !v128.any_true(v128.xor(icv, v128.load(place))));
  else v128.store(place, icv);
}

/** What of the GHASH input is not in the packet as it is (RFC 4106 §5, SP 800-38D §7.1). */
function frame(lane: i32, job: i32, esn: bool): void {
  const packet = packetOf(job);
  const octets = ciphertextOctets(job);
  const at = FRAMES + FRAME_OCTETS * lane;
  const spi = load<i32>(packet);
  const sequence = load<i32>(packet, 4);
  const additional = esn ? i32x4(spi, bswap<i32>(sequenceHighOf(job)), sequence, 0) : i32x4(spi, sequence, 0, 0);
  v128.store(at, additional);
  const rest = octets & 15;
  v128.store(at, firstOctets(v128.load(packet + HEADER_OCTETS + IV_OCTETS + octets - rest), rest), 16);
  const lengths = at + (rest === 0 ? 16 : 32);
  store<u64>(lengths, bswap<u64>(esn ? 96 : 64));
  store<u64>(lengths, bswap<u64>((<u64>octets) << 3), 8);
}

function hashOneByOne(context: usize, from: i32, lanes: i32): void {
  for (let lane = 0; lane < lanes; lane++) {
    const octets = ciphertextOctets(from + lane);
    const at = FRAMES + FRAME_OCTETS * lane;
    ghashOneBegin(context + HASH_KEY);
    ghashOneUpdate(at, 16);
    ghashOneUpdate(packetOf(from + lane) + HEADER_OCTETS + IV_OCTETS, octets & ~15);
    ghashOneUpdate(at + 16, (octets & 15) === 0 ? 16 : 32);
    ghashOneFinish(SUMS + 16 * lane);
  }
}

/** All lanes end together: those with less to hash first take zeros, which leave a sum of zero as it is. */
function hashTogether(context: usize, from: i32, lanes: i32): void {
  let most: u32 = 0;
  for (let lane = 0; lane < lanes; lane++) most = max(most, hashedBlocks(from + lane));
  for (let lane = 0; lane < GHASH_LANES; lane++) {
    store<u32>(DELAYS + 4 * lane, most - hashedBlocks(from + worker(lane, lanes)));
    setRun(lane, DELAY, ZEROS, 0);
  }
  ghashBegin(context + HASH_KEY, most);
  for (let left = most; left > 0; ) {
    let blocks = left;
    for (let lane = 0; lane < GHASH_LANES; lane++) {
      if (load<u32>(BLOCKS_LEFT + 4 * lane) === 0) nextRun(lane, worker(lane, lanes), from);
      blocks = min(blocks, load<u32>(BLOCKS_LEFT + 4 * lane));
    }
    ghashUpdate(POINTERS, blocks);
    for (let lane = 0; lane < GHASH_LANES; lane++) {
      store<u32>(POINTERS + 4 * lane, load<u32>(POINTERS + 4 * lane) + 16 * blocks);
      store<u32>(BLOCKS_LEFT + 4 * lane, load<u32>(BLOCKS_LEFT + 4 * lane) - blocks);
    }
    left -= blocks;
  }
  ghashFinish(SUMS);
}

function hashedBlocks(job: i32): u32 {
  return <u32>((ciphertextOctets(job) + 15) >> 4) + 2;
}

/** The lane whose packet a lane takes: those without one do what the first does. */
function worker(lane: i32, lanes: i32): i32 {
  return lane < lanes ? lane : 0;
}

/** The blocks that a lane takes next: zeros for its delay, additional data, ciphertext, its end and the lengths. */
function nextRun(lane: i32, packetLane: i32, from: i32): void {
  const delay = load<u32>(DELAYS + 4 * lane);
  const stage = load<u32>(STAGES + 4 * lane);
  const frame = FRAMES + FRAME_OCTETS * packetLane;
  const job = from + packetLane;
  const octets = ciphertextOctets(job);
  if (delay > 0) {
    const blocks = min(delay, ZERO_BLOCKS);
    store<u32>(DELAYS + 4 * lane, delay - blocks);
    setRun(lane, DELAY, ZEROS, blocks);
  } else if (stage === DELAY) {
    setRun(lane, ADDITIONAL, frame, 1);
  } else if (stage === ADDITIONAL && octets >= 16) {
    setRun(lane, BODY, packetOf(job) + HEADER_OCTETS + IV_OCTETS, <u32>(octets >> 4));
  } else {
    setRun(lane, END, frame + 16, (octets & 15) === 0 ? 1 : 2);
  }
}

function setRun(lane: i32, stage: u32, pointer: usize, blocks: u32): void {
  store<u32>(STAGES + 4 * lane, stage);
  store<u32>(POINTERS + 4 * lane, <u32>pointer);
  store<u32>(BLOCKS_LEFT + 4 * lane, blocks);
}
