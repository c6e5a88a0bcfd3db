// GHASH over packets as AES-GCM in ESP wants it (RFC 4106 §5, SP 800-38D §7.1): additional data, ciphertext, lengths. Or as
// AES-GMAC does (RFC 4543 §3), to which all of the packet is additional data.
// Sixteen lanes take a packet each, or, where there are few, a segment of one each.
import { additionalData, additionalOctets, ciphertextOctets, textOf } from '../packets/aead';
import { contextOf, HEADER_OCTETS, packetOf } from '../packets/jobs';
import { firstOctets } from '../vectors/vectors';
import { GHASH_LANES, ghashBegin, ghashFinish, ghashUpdate } from './ghash';
import { ghashLanesBegin, ghashLanesFinish, ghashLanesUpdate } from './ghash-lanes';
import { ghashOneBegin, ghashOneFinish, ghashOneUpdate, ghashPower } from './ghash-one';

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

const SEGMENTS: usize = memory.data(16 * 16, 16);
/** H to the power of a segment's blocks. */
const STRIDE: usize = memory.data(16, 16);

/** Segments are no shorter than this: each is one more multiplication in the end. */
const LEAST_BLOCKS: i32 = 4;

/**
 * Hashes no more packets than there are lanes, from `from` on, one sum behind the other to `sums`. `hashKeyAt`: how far into
 * its context a packet's hash key is.
 */
export function hashPackets(hashKeyAt: usize, from: i32, packets: i32, gmac: bool, sums: usize): void {
  isGmac = gmac;
  for (let i = 0; i < packets; i++) writeFrame(i, from + i);
  const sas = countSas(from, packets);
  if (sas > 1 && areWorthLanes(from, packets)) {
    hashSas(hashKeyAt, from, packets, sums);
    return;
  }
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
  const segments = min(GHASH_LANES / packets, max(1, most / LEAST_BLOCKS));
  const steps = (most + segments - 1) / segments;
  // A step of all lanes costs as much as four blocks one by one.
  if (4 * steps + packets * (segments - 1) + 4 < all) {
    placeLanes(from, packets, frame, segments, steps);
    ghashBegin(hashKey, steps);
    updateAll(steps, false);
    if (segments === 1) ghashFinish(sums);
    else joinSegments(hashKey, packets, segments, steps, sums);
  } else {
    for (let i = 0; i < packets; i++) hashOne(hashKey, from + i, FRAMES + FRAME_OCTETS * (frame + i), sums + 16 * i);
  }
}

export function forgetGcmHash(): void {
  memory.fill(FRAMES, 0, 16 * 48);
  memory.fill(SEGMENTS, 0, 256);
  memory.fill(STRIDE, 0, 16);
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

function hashOne(hashKey: usize, job: i32, frame: usize, sum: usize): void {
  const octets = hashedOctets(job);
  ghashOneBegin(hashKey);
  ghashOneUpdate(frame, 16);
  ghashOneUpdate(hashedText(job), octets & ~15);
  ghashOneUpdate(frame + 16, (octets & 15) === 0 ? 16 : 32);
  ghashOneFinish(sum);
}

/** Packets of several SAs, each in a lane under its own key. */
function hashSas(hashKeyAt: usize, from: i32, packets: i32, sums: usize): void {
  const steps = mostBlocks(from, packets);
  placeLanes(from, packets, 0, 1, steps);
  for (let lane = 0; lane < GHASH_LANES; lane++) {
    store<u32>(POINTERS + 4 * lane, <u32>(contextOf(load<i32>(JOBS + 4 * lane)) + hashKeyAt));
  }
  ghashLanesBegin(POINTERS);
  updateAll(steps, true);
  ghashLanesFinish(sums);
}

/** A step of all lanes with keys of their own costs as much as these blocks one by one. */
const LANES_STEP_BLOCKS: i32 = 6;

function areWorthLanes(from: i32, packets: i32): bool {
  let all = 0;
  for (let i = 0; i < packets; i++) all += hashedBlocks(from + i);
  return LANES_STEP_BLOCKS * (mostBlocks(from, packets) + 1) < all;
}

function countSas(from: i32, packets: i32): i32 {
  let sas = 1;
  for (let job = from + 1; job < from + packets; job++) if (contextOf(job) !== contextOf(job - 1)) sas++;
  return sas;
}

function mostBlocks(from: i32, packets: i32): i32 {
  let most = 0;
  for (let i = 0; i < packets; i++) most = max(most, hashedBlocks(from + i));
  return most;
}

/** All packets end together: those with less to hash begin with zeros, which leave a sum of zero as it is. */
function updateAll(steps: i32, perLane: bool): void {
  for (let done = 0; done < steps; ) {
    let blocks = steps - done;
    for (let lane = 0; lane < GHASH_LANES; lane++) {
      if (load<i32>(RUNS + 4 * lane) === 0) nextRun(lane, done);
      blocks = min(blocks, load<i32>(RUNS + 4 * lane));
    }
    if (perLane) ghashLanesUpdate(POINTERS, blocks);
    else ghashUpdate(POINTERS, blocks);
    for (let lane = 0; lane < GHASH_LANES; lane++) {
      store<u32>(POINTERS + 4 * lane, load<u32>(POINTERS + 4 * lane) + 16 * blocks);
      store<i32>(RUNS + 4 * lane, load<i32>(RUNS + 4 * lane) - blocks);
    }
    done += blocks;
  }
}

function placeLanes(from: i32, packets: i32, frame: i32, segments: i32, steps: i32): void {
  let lane = 0;
  for (let i = 0; i < packets; i++) {
    const start = startOf(from + i, segments * steps);
    for (let k = 0; k < segments; k++, lane++) placeLane(lane, from + i, frame + i, k * steps - start);
  }
  // Lanes without a packet do what the first one does.
  for (; lane < GHASH_LANES; lane++) placeLane(lane, from, frame, -startOf(from, segments * steps));
}

function placeLane(lane: i32, job: i32, index: i32, position: i32): void {
  store<i32>(JOBS + 4 * lane, job);
  store<u32>(LANE_FRAMES + 4 * lane, <u32>(FRAMES + FRAME_OCTETS * index));
  store<i32>(POSITIONS + 4 * lane, position);
  store<i32>(RUNS + 4 * lane, 0);
}

/** How many blocks of zeros come first. */
function startOf(job: i32, blocks: i32): i32 {
  return blocks - hashedBlocks(job);
}

/** Each segment counts for as many powers of H as blocks follow it. */
function joinSegments(hashKey: usize, packets: i32, segments: i32, steps: i32, sums: usize): void {
  ghashFinish(SEGMENTS);
  ghashPower(hashKey, steps, STRIDE);
  let segment = SEGMENTS;
  for (let i = 0; i < packets; i++, segment += 16 * segments, sums += 16) {
    const last = segment + 16 * (segments - 1);
    ghashOneBegin(STRIDE);
    ghashOneUpdate(segment, last - segment);
    ghashOneFinish(sums);
    v128.store(sums, v128.xor(v128.load(sums), v128.load(last)));
  }
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
