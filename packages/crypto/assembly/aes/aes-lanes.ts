// Eight lanes over blocks that are independent of each other. Of all blocks each lane takes as many as the others, one job's
// behind the other's, so that its keys are other ones only now and then.

import { areOfOneSa, HEADER_OCTETS, isAlive, keysOf, lengthOf, packetOf } from '../packets/jobs';
import { get, set } from '../packets/lanes';
import { roundsOf } from './aes-key';
import { decrypt8, EIGHT, encrypt8, PLANE_LANES, useKeys, useKeysOfLanes } from './aes-planes';

const IV_OCTETS: usize = 16;

/** For each lane: its job, how many blocks are left of that, its next block, how many are left for the lane, its context. */
const JOBS: usize = memory.data(4 * 8, 16);
const OF_JOB: usize = memory.data(4 * 8, 16);
const NEXT: usize = memory.data(4 * 8, 16);
const LEFT: usize = memory.data(4 * 8, 16);
const CONTEXTS: usize = memory.data(4 * 8, 16);
/** To decrypt: the ciphertext in front of the next block. */
const CHAINS: usize = memory.data(16 * 8, 16);

/** A job has a block for every 16 octets that there are beside the overhead, unless that is 0, and so many more. */
let overhead: usize = 0;
let more: usize = 0;

/** Encrypts blocks of those jobs `from` to `to` that are alive, which lie together at `blocks`. */
export function encryptLanes(from: i32, to: i32, overheadOctets: usize, moreBlocks: usize, blocks: usize): void {
  overhead = overheadOctets;
  more = moreBlocks;
  run(from, to, blocks, false);
}

/** Decrypts CBC in those packets `from` to `to` that are alive. */
export function decryptLanes(from: i32, to: i32, icvOctets: usize): void {
  overhead = HEADER_OCTETS + IV_OCTETS + icvOctets;
  more = 0;
  run(from, to, 0, true);
}

function run(from: i32, to: i32, blocks: usize, decrypt: bool): void {
  let all = 0;
  for (let job = from; job < to; job++) if (isAlive(job)) all += blocksOf(job);
  const share = (all + PLANE_LANES - 1) / PLANE_LANES;
  place(from, to, blocks, all, share);
  const rounds = roundsOf(keysOf(from));
  const one = areOfOneSa(from, to);
  if (one) useKeys(keysOf(from), rounds);
  let isKeyed = one;
  for (let step = 0; step < share; step++) {
    if (!isKeyed) useKeysOfLanes(CONTEXTS, rounds);
    isKeyed = takeStep(to, rounds, decrypt) || one;
  }
}

function blocksOf(job: i32): i32 {
  const text: usize = overhead === 0 ? 0 : lengthOf(job) - overhead;
  return <i32>(((text + 15) >> 4) + more);
}

/** Each lane begins where the one before it ends, be it within a job. */
function place(from: i32, to: i32, blocks: usize, all: i32, share: i32): void {
  let lane = 0;
  let before = 0;
  for (let job = from; job < to; job++) {
    if (!isAlive(job)) continue;
    const end = before + blocksOf(job);
    for (; lane < PLANE_LANES && lane * share < end; lane++) {
      const at = lane * share;
      enter(lane, job, blocks === 0 ? textOf(job) + 16 * (at - before) : blocks + 16 * at, end - at);
      set(LEFT, lane, min(share, all - at));
    }
    before = end;
  }
  for (; lane < PLANE_LANES; lane++) {
    set(CONTEXTS, lane, keysOf(from));
    set(LEFT, lane, 0);
  }
}

function textOf(job: i32): usize {
  return packetOf(job) + HEADER_OCTETS + IV_OCTETS;
}

function enter(lane: i32, job: i32, next: usize, ofJob: i32): void {
  set(JOBS, lane, job);
  set(OF_JOB, lane, ofJob);
  set(NEXT, lane, next);
  set(CONTEXTS, lane, keysOf(job));
  v128.store(CHAINS + 16 * lane, v128.load(next - 16));
}

/** One block of every lane; false if lanes have other jobs now. */
function takeStep(to: i32, rounds: usize, decrypt: bool): bool {
  for (let lane = 0; lane < PLANE_LANES; lane++) {
    if (get(LEFT, lane) !== 0) v128.store(EIGHT + 16 * lane, v128.load(get(NEXT, lane)));
  }
  if (decrypt) decrypt8(rounds);
  else encrypt8(rounds);
  let isKeyed = true;
  for (let lane = 0; lane < PLANE_LANES; lane++) {
    const left = get(LEFT, lane);
    if (left === 0) continue;
    const block = get(NEXT, lane);
    let result = v128.load(EIGHT + 16 * lane);
    if (decrypt) {
      result = v128.xor(result, v128.load(CHAINS + 16 * lane));
      v128.store(CHAINS + 16 * lane, v128.load(block));
    }
    v128.store(block, result);
    const ofJob = get(OF_JOB, lane) - 1;
    set(OF_JOB, lane, ofJob);
    set(NEXT, lane, block + 16);
    set(LEFT, lane, left - 1);
    if (ofJob !== 0 || left === 1) continue;
    const job = nextJob(<i32>get(JOBS, lane), to);
    enter(lane, job, decrypt ? textOf(job) : block + 16, blocksOf(job));
    isKeyed = false;
  }
  return isKeyed;
}

/** The next job that has blocks: there is one. */
function nextJob(job: i32, to: i32): i32 {
  do job++;
  while (job < to && (!isAlive(job) || blocksOf(job) === 0));
  return job;
}
