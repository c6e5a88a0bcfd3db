// AES-CBC over the packets of the job table (RFC 3602), four blocks at a time.

import { HEADER_OCTETS, isAlive, lengthOf, packetOf } from '../packets/jobs';
import { decrypt4, encrypt1, encrypt4, FOUR } from './aes';
import { roundKeys, roundsOf } from './aes-key';

const IV_OCTETS: usize = 16;
const LANES: i32 = 4;

/** For each lane of `seal`: the next block, and where its packet's blocks end. */
const NEXT: usize = memory.data(4 * 4, 16);
const END: usize = memory.data(4 * 4, 16);

/** Encrypts every packet, the IVs being in place: four packets side by side, as one alone is a chain. */
export function aesCbcSeal(context: usize, count: i32, icvOctets: usize): void {
  const keys = roundKeys(context);
  const rounds = roundsOf(context);
  let job = 0;
  let lanes = 0;
  for (;;) {
    while (lanes < LANES && job < count) {
      if (startLane(lanes, job, icvOctets)) lanes++;
      job++;
    }
    if (lanes < LANES) break;
    lanes = sealBlocks(keys, rounds);
  }
  for (let lane = 0; lane < lanes; lane++) sealAlone(next(lane), end(lane), keys, rounds);
}

/** Decrypts every packet that is alive, from its last block to its first: each needs the one in front as it came. */
export function aesCbcOpen(context: usize, count: i32, icvOctets: usize): void {
  const keys = roundKeys(context);
  const rounds = roundsOf(context);
  for (let job = 0; job < count; job++) {
    if (!isAlive(job)) continue;
    const first = packetOf(job) + HEADER_OCTETS + IV_OCTETS;
    let last = packetOf(job) + lengthOf(job) - icvOctets;
    while (last > first) {
      const octets = min<usize>(last - first, 64);
      last -= octets;
      memory.copy(FOUR, last, octets);
      decrypt4(keys, rounds);
      for (let i = octets; i > 0; ) {
        i -= 16;
        v128.store(last + i, v128.xor(v128.load(FOUR + i), v128.load(last + i - 16)));
      }
    }
  }
}

/** Encrypts blocks that are independent of each other, in place: a multiple of four of them. */
export function aesEcb(context: usize, blocks: usize, octets: usize): void {
  for (const end = blocks + octets; blocks < end; blocks += 64) {
    memory.copy(FOUR, blocks, 64);
    encrypt4(roundKeys(context), roundsOf(context));
    memory.copy(blocks, FOUR, 64);
  }
}

export function forgetAes(): void {
  memory.fill(FOUR, 0, 64);
}

function next(lane: i32): usize {
  return <usize>load<u32>(NEXT + 4 * lane);
}

function end(lane: i32): usize {
  return <usize>load<u32>(END + 4 * lane);
}

/** False for a packet without blocks. */
function startLane(lane: i32, job: i32, icvOctets: usize): bool {
  const first = packetOf(job) + HEADER_OCTETS + IV_OCTETS;
  const last = packetOf(job) + lengthOf(job) - icvOctets;
  store<u32>(NEXT + 4 * lane, <u32>first);
  store<u32>(END + 4 * lane, <u32>last);
  return first < last;
}

/** One block of every lane; returns how many lanes have more, moved together. */
function sealBlocks(keys: usize, rounds: usize): i32 {
  for (let lane = 0; lane < LANES; lane++) {
    const block = next(lane);
    v128.store(FOUR + 16 * lane, v128.xor(v128.load(block), v128.load(block - 16)));
  }
  encrypt4(keys, rounds);
  let left = 0;
  for (let lane = 0; lane < LANES; lane++) {
    const block = next(lane);
    const last = end(lane);
    v128.store(block, v128.load(FOUR + 16 * lane));
    store<u32>(NEXT + 4 * left, <u32>block + 16);
    store<u32>(END + 4 * left, <u32>last);
    left += <i32>(block + 16 !== last);
  }
  return left;
}

function sealAlone(block: usize, last: usize, keys: usize, rounds: usize): void {
  let chain = v128.load(block - 16);
  for (; block !== last; block += 16) {
    chain = encrypt1(v128.xor(v128.load(block), chain), keys, rounds);
    v128.store(block, chain);
  }
}
