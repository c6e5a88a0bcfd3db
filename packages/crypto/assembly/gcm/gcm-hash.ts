// GHASH over packets as AES-GCM in ESP wants it (RFC 4106 §5, SP 800-38D §7.1): additional data, ciphertext, lengths. Or as
// AES-GMAC does (RFC 4543 §3), to which all of the packet is additional data.
// Sixteen packets of one SA are taken by a lane each, others one by one.
import { additionalData, additionalOctets, ciphertextOctets, textOf } from '../packets/aead';
import { contextOf, HEADER_OCTETS, packetOf } from '../packets/jobs';
import { firstOctets } from '../vectors/vectors';
import { GHASH_LANES, ghashBegin, ghashFinish, ghashUpdate } from './ghash';
import { tablesOf } from './ghash-keys';
import { ghashOneBegin, ghashOneSum, ghashOneUpdate } from './ghash-one';

/** For each packet: additional data, one block; the end of the ciphertext and the lengths, two. */
const FRAME_OCTETS: usize = 48;
const FRAMES: usize = memory.data(16 * 48, 16);
/** What a lane takes in front of a packet. */
const ZEROS: usize = memory.data(4 * 16, 16);
const ZERO_BLOCKS: i32 = 4;

/** For each lane: its packet, that one's frame, and the block of it that the lane begins with. */
const JOBS: usize = memory.data(4 * 16, 16);
const LANE_FRAMES: usize = memory.data(4 * 16, 16);
const POSITIONS: usize = memory.data(4 * 16, 16);
/** The blocks that it takes next, and how many of them lie together. */
const POINTERS: usize = memory.data(4 * 16, 16);
const RUNS: usize = memory.data(4 * 16, 16);

let isGmac: bool = false;

/** A step of all lanes costs as much as these blocks one by one. */
const LANES_STEP_BLOCKS: i32 = 12;

/**
 * Hashes no more packets than there are lanes, from `from` on, one sum behind the other to `sums`. `hashKeyAt`: how far into
 * its context a packet's hash key is.
 */
export function hashPackets(hashKeyAt: usize, from: i32, packets: i32, gmac: bool, sums: usize): void {
  isGmac = gmac;
  for (let i = 0; i < packets; i++) writeFrame(i, from + i);
  for (let i = 0; i < packets; ) {
    const context = contextOf(from + i);
    const first = i;
    while (i < packets && contextOf(from + i) === context) i++;
    hashOfOneSa(context + hashKeyAt, from + first, i - first, first, sums + 16 * first);
  }
}

/** Neighbours of one SA. Their frames begin with number `frame`. */
function hashOfOneSa(hashKey: usize, from: i32, packets: i32, frame: i32, sums: usize): void {
  let most = 0;
  let all = 0;
  for (let i = 0; i < packets; i++) {
    const blocks = hashedBlocks(from + i);
    most = max(most, blocks);
    all += blocks;
  }
  if (LANES_STEP_BLOCKS * (most + 1) < all) {
    placeLanes(from, packets, frame, most);
    ghashBegin(hashKey, most);
    updateAll(most);
    ghashFinish(sums);
  } else {
    const tables = tablesOf(hashKey);
    for (let i = 0; i < packets; i++) hashOne(tables, from + i, FRAMES + FRAME_OCTETS * (frame + i), sums + 16 * i);
  }
}

export function forgetGcmHash(): void {
  memory.fill(FRAMES, 0, 16 * 48);
}

/** What of the input is not in the packet as it is. */
function writeFrame(index: i32, job: i32): void {
  const octets = hashedOctets(job);
  const at = FRAMES + FRAME_OCTETS * index;
  const first = additionalData(job);
  v128.store(at, first);
  // With GMAC the IV follows in the same block, or, with ESN, half of it.
  if (isGmac) v128.store(at + additionalOctets(), i64x2(load<i64>(packetOf(job), HEADER_OCTETS), 0));
  const rest = octets & 15;
  v128.store(at, firstOctets(v128.load(hashedText(job) + octets - rest), rest), 16);
  const lengths = at + (rest === 0 ? 16 : 32);
  const additional: usize = isGmac ? 16 + octets : additionalOctets();
  store<u64>(lengths, bswap<u64>((<u64>additional) << 3));
  store<u64>(lengths, isGmac ? 0 : bswap<u64>((<u64>octets) << 3), 8);
}

/** What is hashed behind the first block: with GMAC and ESN the other half of the IV comes first. */
function hashedText(job: i32): usize {
  return isGmac ? textOf(job) + 8 - additionalOctets() : textOf(job);
}

function hashedOctets(job: i32): usize {
  return isGmac ? ciphertextOctets(job) + additionalOctets() - 8 : ciphertextOctets(job);
}

function hashOne(tables: usize, job: i32, frame: usize, sum: usize): void {
  const octets = hashedOctets(job);
  ghashOneBegin(tables, hashedBlocks(job));
  ghashOneUpdate(frame, 1);
  ghashOneUpdate(hashedText(job), octets >> 4);
  ghashOneUpdate(frame + 16, (octets & 15) === 0 ? 1 : 2);
  v128.store(sum, ghashOneSum());
}

/** All packets end together: those with less to hash begin with zeros, which leave a sum of zero as it is. */
function updateAll(steps: i32): void {
  for (let done = 0; done < steps; ) {
    let blocks = steps - done;
    for (let lane = 0; lane < GHASH_LANES; lane++) {
      if (load<i32>(RUNS + 4 * lane) === 0) nextRun(lane, done);
      blocks = min(blocks, load<i32>(RUNS + 4 * lane));
    }
    ghashUpdate(POINTERS, blocks);
    for (let lane = 0; lane < GHASH_LANES; lane++) {
      store<u32>(POINTERS + 4 * lane, load<u32>(POINTERS + 4 * lane) + 16 * blocks);
      store<i32>(RUNS + 4 * lane, load<i32>(RUNS + 4 * lane) - blocks);
    }
    done += blocks;
  }
}

function placeLanes(from: i32, packets: i32, frame: i32, steps: i32): void {
  for (let lane = 0; lane < GHASH_LANES; lane++) {
    // Lanes without a packet do what the first one does.
    const i = lane < packets ? lane : 0;
    placeLane(lane, from + i, frame + i, hashedBlocks(from + i) - steps);
  }
}

function placeLane(lane: i32, job: i32, index: i32, position: i32): void {
  store<i32>(JOBS + 4 * lane, job);
  store<u32>(LANE_FRAMES + 4 * lane, <u32>(FRAMES + FRAME_OCTETS * index));
  store<i32>(POSITIONS + 4 * lane, position);
  store<i32>(RUNS + 4 * lane, 0);
}

/** What a lane takes next, `done` blocks further on: zeros, additional data, ciphertext, or its end and the lengths. */
function nextRun(lane: i32, done: i32): void {
  const job = load<i32>(JOBS + 4 * lane);
  const frame = <usize>load<u32>(LANE_FRAMES + 4 * lane);
  const octets = <i32>hashedOctets(job);
  const position = load<i32>(POSITIONS + 4 * lane) + done;
  const end = 1 + (octets >> 4);
  if (position < 0) setRun(lane, ZEROS, min(-position, ZERO_BLOCKS));
  else if (position === 0) setRun(lane, frame, 1);
  else if (position < end) setRun(lane, hashedText(job) + 16 * (position - 1), end - position);
  else setRun(lane, frame + 16 + 16 * (position - end), ((octets & 15) === 0 ? 1 : 2) - (position - end));
}

function setRun(lane: i32, pointer: usize, blocks: i32): void {
  store<u32>(POINTERS + 4 * lane, <u32>pointer);
  store<i32>(RUNS + 4 * lane, blocks);
}

function hashedBlocks(job: i32): i32 {
  return <i32>((hashedOctets(job) + 15) >> 4) + 2;
}
