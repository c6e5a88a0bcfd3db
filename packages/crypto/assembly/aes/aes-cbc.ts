// AES-CBC over the packets of the job table (RFC 3602), four blocks at a time, each under the keys of its packet.

import { HEADER_OCTETS, isAlive, keysOf, lengthOf, packetOf, useKeysAt } from '../packets/jobs';
import { decrypt4, encrypt1, encrypt4, FOUR, setKeys } from './aes';
import { roundKeys, roundsOf } from './aes-key';

const IV_OCTETS: usize = 16;
const LANES: i32 = 4;

/** For each lane: its next block, where its packet's blocks end, and the context. */
const NEXT: usize = memory.data(4 * 4, 16);
const END: usize = memory.data(4 * 4, 16);
const CONTEXTS: usize = memory.data(4 * 4, 16);

/** Encrypts packets `from` to `to`, the IVs being in place: four packets side by side, as one alone is a chain. */
export function aesCbcSeal(keysAt: usize, from: i32, to: i32, icvOctets: usize): void {
  useKeysAt(keysAt);
  const rounds = roundsOf(keysOf(from));
  let job = from;
  let lanes = 0;
  for (;;) {
    while (lanes < LANES && job < to) {
      if (startLane(lanes, job, icvOctets)) lanes++;
      job++;
    }
    if (lanes < LANES) break;
    lanes = sealBlocks(rounds);
  }
  for (let lane = 0; lane < lanes; lane++) {
    sealAlone(get(NEXT, lane), get(END, lane), roundKeys(get(CONTEXTS, lane)), rounds);
  }
}

/** Decrypts those packets that are alive, each from its last block to its first: each needs the one in front as it came. */
export function aesCbcOpen(keysAt: usize, from: i32, to: i32, icvOctets: usize): void {
  useKeysAt(keysAt);
  const rounds = roundsOf(keysOf(from));
  let lanes = 0;
  for (let job = from; job < to; job++) {
    if (!isAlive(job)) continue;
    const keys = roundKeys(keysOf(job));
    const first = packetOf(job) + HEADER_OCTETS + IV_OCTETS;
    let block = packetOf(job) + lengthOf(job) - icvOctets;
    while (block > first) {
      block -= 16;
      set(NEXT, lanes, block);
      setKeys(lanes, keys);
      v128.store(FOUR + 16 * lanes, v128.load(block));
      lanes++;
      if (lanes < LANES) continue;
      openBlocks(LANES, rounds);
      lanes = 0;
    }
  }
  // The keys of lanes that are not in use are those of blocks before.
  if (lanes > 0) openBlocks(lanes, rounds);
}

/** Encrypts blocks that are independent of each other, in place: a multiple of four of them. */
export function aesEcb(context: usize, blocks: usize, octets: usize): void {
  for (let lane = 0; lane < LANES; lane++) setKeys(lane, roundKeys(context));
  for (const end = blocks + octets; blocks < end; blocks += 64) encryptFour(blocks, roundsOf(context));
}

/**
 * Encrypts blocks of those jobs `from` to `to` that are alive, one job's behind the other's and each under the keys of its
 * job: one for every 16 octets that there are beside `overhead`, unless that is 0, and `more`.
 */
export function aesEcbMany(keysAt: usize, from: i32, to: i32, overhead: usize, more: usize, blocks: usize): void {
  useKeysAt(keysAt);
  const rounds = roundsOf(keysOf(from));
  let lanes = 0;
  for (let job = from; job < to; job++) {
    if (!isAlive(job)) continue;
    const keys = roundKeys(keysOf(job));
    const text: usize = overhead === 0 ? 0 : lengthOf(job) - overhead;
    for (let left = ((text + 15) >> 4) + more; left > 0; left--) {
      setKeys(lanes, keys);
      lanes++;
      if (lanes < LANES) continue;
      encryptFour(blocks, rounds);
      blocks += 64;
      lanes = 0;
    }
  }
  if (lanes === 0) return;
  memory.copy(FOUR, blocks, 16 * lanes);
  encrypt4(rounds);
  memory.copy(blocks, FOUR, 16 * lanes);
}

/** The keys of lanes never set are those of a context that may be gone: whatever they read, nobody sees. */
export function forgetAes(): void {
  memory.fill(FOUR, 0, 64);
}

function encryptFour(blocks: usize, rounds: usize): void {
  memory.copy(FOUR, blocks, 64);
  encrypt4(rounds);
  memory.copy(blocks, FOUR, 64);
}

function get(words: usize, lane: i32): usize {
  return <usize>load<u32>(words + 4 * lane);
}

function set(words: usize, lane: i32, value: usize): void {
  store<u32>(words + 4 * lane, <u32>value);
}

/** False for a packet without blocks. */
function startLane(lane: i32, job: i32, icvOctets: usize): bool {
  const first = packetOf(job) + HEADER_OCTETS + IV_OCTETS;
  const last = packetOf(job) + lengthOf(job) - icvOctets;
  set(NEXT, lane, first);
  set(END, lane, last);
  set(CONTEXTS, lane, keysOf(job));
  return first < last;
}

/** One block of every lane; returns how many lanes have more, moved together. */
function sealBlocks(rounds: usize): i32 {
  for (let lane = 0; lane < LANES; lane++) {
    const block = get(NEXT, lane);
    setKeys(lane, roundKeys(get(CONTEXTS, lane)));
    v128.store(FOUR + 16 * lane, v128.xor(v128.load(block), v128.load(block - 16)));
  }
  encrypt4(rounds);
  let left = 0;
  for (let lane = 0; lane < LANES; lane++) {
    const block = get(NEXT, lane);
    const last = get(END, lane);
    const context = get(CONTEXTS, lane);
    v128.store(block, v128.load(FOUR + 16 * lane));
    set(NEXT, left, block + 16);
    set(END, left, last);
    set(CONTEXTS, left, context);
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

/** Decrypts the blocks in the lanes and puts them in place, those of a packet from its last one on. */
function openBlocks(lanes: i32, rounds: usize): void {
  decrypt4(rounds);
  for (let lane = 0; lane < lanes; lane++) {
    const block = get(NEXT, lane);
    v128.store(block, v128.xor(v128.load(FOUR + 16 * lane), v128.load(block - 16)));
  }
}
