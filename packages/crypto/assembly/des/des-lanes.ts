// DES-CBC and 3DES-CBC of packets of several SAs: a key for each of 128 bitsliced lanes. To lay out the keys of all lanes
// takes as long as to encrypt 128 blocks.
import { isAlive, keysOf } from '../packets/jobs';
import { des128, expandLanes } from './des-bitsliced';
import { FEW, sealByTables } from './des-few';
import {
  BLOCKS,
  CONTEXTS,
  chained,
  end,
  firstBlock,
  LANES,
  laneContext,
  lastBlock,
  next,
  setContext,
  setEnd,
  setNext,
  startLane,
} from './des-places';

/** For each lane to be opened: the ciphertext in front of its next block. */
const CHAINS: usize = memory.data(8 * 128, 16);

/** What it costs to lay out the keys, in turns of all lanes. */
const LAYOUT_TURNS: i32 = 2;

/** Encrypts every packet, the IVs being in place: a lane for each of 128 packets, then for the next. */
export function sealLanes(count: i32, icvOctets: usize, triple: bool, strict: bool): void {
  for (let job = 0; job < count; ) {
    let lanes = 0;
    for (; lanes < LANES && job < count; job++) if (startLane(lanes, job, icvOctets)) lanes++;
    if (lanes > 0) sealTogether(lanes, triple, strict);
  }
}

/**
 * Decrypts those jobs that are alive, of which those of one SA are neighbours: with lanes for segments of packets. False,
 * and nothing done, where it costs less to take SA by SA.
 */
export function openLanes(count: i32, icvOctets: usize, triple: bool): bool {
  if (turnsOfLanes(count, icvOctets) >= turnsOfSas(count, icvOctets)) return false;
  for (let job = 0; job < count; ) {
    const to = min(count, job + LANES);
    openTogether(job, to, segmentFor(job, to, icvOctets), icvOctets, triple);
    job = to;
  }
  return true;
}

export function forgetLanes(): void {
  memory.fill(CHAINS, 0, 8 * 128);
}

/** A lane stays with its packet: to move lanes together would be to lay out keys again. */
function sealTogether(lanes: i32, triple: bool, strict: bool): void {
  let busy = lanes;
  if (busy >= FEW || strict) layOut(lanes, triple);
  while (strict ? busy > 0 : busy >= FEW) {
    for (let lane = 0; lane < lanes; lane++) {
      if (next(lane) !== end(lane)) store<u64>(BLOCKS + 8 * lane, chained(next(lane)));
    }
    des128(BLOCKS, triple, false);
    busy = 0;
    for (let lane = 0; lane < lanes; lane++) {
      const block = next(lane);
      if (block === end(lane)) continue;
      store<u64>(block, load<u64>(BLOCKS + 8 * lane));
      setNext(lane, block + 8);
      busy += <i32>(block + 8 !== end(lane));
    }
  }
  if (busy > 0) sealByTables(moveTogether(lanes), triple);
}

/** Lanes that have more come first; returns how many. */
function moveTogether(lanes: i32): i32 {
  let left = 0;
  for (let lane = 0; lane < lanes; lane++) {
    if (next(lane) === end(lane)) continue;
    setNext(left, next(lane));
    setEnd(left, end(lane));
    setContext(left, laneContext(lane));
    left++;
  }
  return left;
}

/** Lanes without a packet do what the last one does. */
function layOut(lanes: i32, triple: bool): void {
  for (let lane = lanes; lane < LANES; lane++) setContext(lane, laneContext(lanes - 1));
  expandLanes(CONTEXTS, triple);
}

function openTogether(from: i32, to: i32, segment: usize, icvOctets: usize, triple: bool): void {
  let lanes = 0;
  for (let job = from; job < to; job++) {
    if (!isAlive(job)) continue;
    const last = lastBlock(job, icvOctets);
    for (let block = firstBlock(job); block < last; block += 8 * segment, lanes++) {
      setNext(lanes, block);
      setEnd(lanes, min(last, block + 8 * segment));
      setContext(lanes, keysOf(job));
      store<u64>(CHAINS + 8 * lanes, load<u64>(block - 8));
    }
  }
  if (lanes === 0) return;
  layOut(lanes, triple);
  for (let turn: usize = 0; turn < segment; turn++) openTurn(lanes, triple);
}

function openTurn(lanes: i32, triple: bool): void {
  for (let lane = 0; lane < lanes; lane++) {
    if (next(lane) !== end(lane)) store<u64>(BLOCKS + 8 * lane, load<u64>(next(lane)));
  }
  des128(BLOCKS, triple, true);
  for (let lane = 0; lane < lanes; lane++) {
    const block = next(lane);
    if (block === end(lane)) continue;
    const ciphertext = load<u64>(block);
    store<u64>(block, load<u64>(BLOCKS + 8 * lane) ^ load<u64>(CHAINS + 8 * lane));
    store<u64>(CHAINS + 8 * lane, ciphertext);
    setNext(lane, block + 8);
  }
}

/** The shortest segments, in blocks, that lanes suffice for. */
function segmentFor(from: i32, to: i32, icvOctets: usize): usize {
  let blocks: usize = 0;
  for (let job = from; job < to; job++) blocks += blocksOf(job, icvOctets);
  let segment = max<usize>(1, (blocks + <usize>LANES - 1) / <usize>LANES);
  while (lanesFor(from, to, segment, icvOctets) > <usize>LANES) segment++;
  return segment;
}

function lanesFor(from: i32, to: i32, segment: usize, icvOctets: usize): usize {
  let lanes: usize = 0;
  for (let job = from; job < to; job++) lanes += (blocksOf(job, icvOctets) + segment - 1) / segment;
  return lanes;
}

function turnsOfLanes(count: i32, icvOctets: usize): i32 {
  let turns = 0;
  for (let job = 0; job < count; job += LANES) {
    turns += LAYOUT_TURNS + <i32>segmentFor(job, min(count, job + LANES), icvOctets);
  }
  return turns;
}

/** The turns that it takes when each SA has all lanes for itself. */
function turnsOfSas(count: i32, icvOctets: usize): i32 {
  let turns: usize = 0;
  for (let job = 0; job < count; ) {
    const context = keysOf(job);
    let blocks: usize = 0;
    for (; job < count && keysOf(job) === context; job++) blocks += blocksOf(job, icvOctets);
    turns += (blocks + <usize>LANES - 1) / <usize>LANES;
  }
  return <i32>turns;
}

function blocksOf(job: i32, icvOctets: usize): usize {
  return isAlive(job) ? (lastBlock(job, icvOctets) - firstBlock(job)) >> 3 : 0;
}
