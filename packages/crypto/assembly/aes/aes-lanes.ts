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
  for (let done = 0, lanes = PLANE_LANES; done < share; ) {
    // Lanes have work from the first one on.
    while (get(LEFT, lanes - 1) === 0) lanes--;
    if (!one) useKeysOfLanes(CONTEXTS, rounds);
    let steps: usize = share;
    for (let lane = 0; lane < lanes; lane++) steps = min(steps, min(get(OF_JOB, lane), get(LEFT, lane)));
    for (let at: usize = 0; at < 16 * steps; at += 16) takeStep(lanes, at, rounds, decrypt);
    for (let lane = 0; lane < lanes; lane++) goOn(lane, to, steps, decrypt);
    done += <i32>steps;
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

/** The block of every lane that is so many octets behind its next one. */
function takeStep(lanes: i32, at: usize, rounds: usize, decrypt: bool): void {
  for (let lane = 0; lane < lanes; lane++) v128.store(EIGHT + 16 * lane, v128.load(get(NEXT, lane) + at));
  if (!decrypt) {
    encrypt8(rounds);
    for (let lane = 0; lane < lanes; lane++) v128.store(get(NEXT, lane) + at, v128.load(EIGHT + 16 * lane));
    return;
  }
  decrypt8(rounds);
  for (let lane = 0; lane < lanes; lane++) {
    const block = get(NEXT, lane) + at;
    const ciphertext = v128.load(block);
    v128.store(block, v128.xor(v128.load(EIGHT + 16 * lane), v128.load(CHAINS + 16 * lane)));
    v128.store(CHAINS + 16 * lane, ciphertext);
  }
}

/** A lane has taken so many blocks. If its job has no more, it takes the next one. */
function goOn(lane: i32, to: i32, blocks: usize, decrypt: bool): void {
  const ofJob = get(OF_JOB, lane) - blocks;
  const left = get(LEFT, lane) - blocks;
  const next = get(NEXT, lane) + 16 * blocks;
  set(OF_JOB, lane, ofJob);
  set(LEFT, lane, left);
  set(NEXT, lane, next);
  if (ofJob !== 0 || left === 0) return;
  const job = nextJob(<i32>get(JOBS, lane), to);
  enter(lane, job, decrypt ? textOf(job) : next, blocksOf(job));
}

/** The next job that has blocks: there is one. */
function nextJob(job: i32, to: i32): i32 {
  do job++;
  while (job < to && (!isAlive(job) || blocksOf(job) === 0));
  return job;
}
