// Chains of blocks over the packets of the job table: AES-CBC, and CBC-MACs. One chain cannot be cut, so that lanes are
// packets: eight at a time, or four, or one; or, where the platform has AES in hardware, a block of every packet at a time,
// encrypted by the caller between `macFirst` and `macNext`.
// What a message consists of, the parts in front of a packet's text and behind it, is put into frames by who uses this.
import { keysOf } from '../packets/jobs';
import { encrypt1, encrypt4, FOUR, setKeys } from './aes';
import { roundKeys, roundsOf } from './aes-key';
import { EIGHT, encrypt8, PLANE_LANES, useKeys, useKeysOfLanes } from './aes-planes';

/** For fewer lanes than these four at a time are faster than eight. */
const MANY_LANES: i32 = 5;
const CONTEXTS: usize = memory.data(4 * 8, 16);

/** For each job: what is in front of the text, up to two blocks, and what is behind it, up to two blocks. */
const FRAME_OCTETS: usize = 64;
const TAIL_AT: usize = 32;
const FRAMES: usize = memory.data(64 * 256, 16);
/** For each job: how the chain stands, in the end the MAC. */
const STATES: usize = memory.data(16 * 256, 16);

/** For each job: the blocks in front of the text, in it, and behind it; and where the text is. */
const HEADS: usize = memory.data(256, 16);
const TAILS: usize = memory.data(256, 16);
const BLOCKS: usize = memory.data(4 * 256, 16);
const TEXTS: usize = memory.data(4 * 256, 16);

/** For each chain at work: its job, its next block, and how many lie together there, which are of the head, text or tail. */
const ACTIVE: usize = memory.data(4 * 256, 16);
const NEXT: usize = memory.data(4 * 256, 16);
const RUNS: usize = memory.data(4 * 256, 16);
const PARTS: usize = memory.data(4 * 256, 16);
const HEAD: i32 = 0;
const TEXT: i32 = 1;
const TAIL: i32 = 2;

let active: i32 = 0;
/** Blocks that all chains have left where their next ones lie, and octets that they have gone on there since. */
let together: i32 = 0;
let gone: usize = 0;
/** Whether the blocks of texts are replaced by what they are encrypted to. */
let replaces: bool = false;

/** Where a job's blocks in front of the text are to be written, and those behind it. */
export function headOf(job: i32): usize {
  return FRAMES + FRAME_OCTETS * job;
}

export function tailOf(job: i32): usize {
  return headOf(job) + TAIL_AT;
}

export function macOf(job: i32): v128 {
  return v128.load(STATES + 16 * <usize>job);
}

/** Before the first message. */
export function macBegin(): void {
  active = 0;
  replaces = false;
}

/** Before the first text that is to be encrypted. */
export function cbcBegin(): void {
  active = 0;
  replaces = true;
}

/** A message: blocks of its head, of the text at `text`, and of its tail; there is at least one. */
export function macAdd(job: i32, head: i32, text: usize, blocks: usize, tail: i32): void {
  add(job, head, text, blocks, tail, i32x4.splat(0));
}

/** A text of at least one block, behind its IV. */
export function cbcAdd(job: i32, text: usize, blocks: usize): void {
  add(job, 0, text, blocks, 0, v128.load(text - 16));
}

function add(job: i32, head: i32, text: usize, blocks: usize, tail: i32, state: v128): void {
  store<u8>(HEADS + job, head);
  store<u8>(TAILS + job, tail);
  store<u32>(BLOCKS + 4 * job, <u32>blocks);
  store<u32>(TEXTS + 4 * job, <u32>text);
  v128.store(STATES + 16 * <usize>job, state);
  set(ACTIVE, active, job);
  startPart(active, HEAD);
  active++;
}

/** Writes the first block of every message to `blocks`; returns their octets. */
export function macFirst(blocks: usize): usize {
  gone = 0;
  together = i32.MAX_VALUE;
  for (let i = 0; i < active; i++) {
    v128.store(blocks + 16 * <usize>i, nextBlock(i));
    together = min(together, get(RUNS, i) - 1);
  }
  return 16 * <usize>active;
}

/** Takes those blocks encrypted, and writes the next of every message that has more; returns their octets. */
export function macNext(blocks: usize): usize {
  if (together > 0) {
    together--;
    for (let i = 0; i < active; i++, blocks += 16) {
      const at = <usize>get(NEXT, i) + gone;
      const block = v128.load(blocks);
      if (replaces) v128.store(at, block);
      v128.store(blocks, v128.xor(block, v128.load(at, 16)));
    }
    gone += 16;
    return 16 * <usize>active;
  }
  for (let i = active - 1; i >= 0; i--) {
    set(NEXT, i, get(NEXT, i) + <i32>gone);
    set(RUNS, i, get(RUNS, i) - <i32>(gone >> 4));
    finish(i, v128.load(blocks + 16 * <usize>i));
  }
  return macFirst(blocks);
}

/** Finishes what messages have left, each under the keys of its packet: not between `macNext`s that give as many octets. */
export function macRest(): void {
  if (active === 0) return;
  const rounds = roundsOf(keysOf(get(ACTIVE, 0)));
  const one = areOfOne();
  let isKeyed = false;
  while (active >= MANY_LANES) {
    if (!isKeyed) keyEight(one, rounds);
    isKeyed = takeEight(rounds) || one;
  }
  while (active > 1) takeFour(rounds);
  while (active > 0) finish(0, encrypt1(nextBlock(0), roundKeys(keysOf(get(ACTIVE, 0))), rounds));
}

function areOfOne(): bool {
  for (let i = 1; i < active; i++) if (keysOf(get(ACTIVE, i)) !== keysOf(get(ACTIVE, 0))) return false;
  return true;
}

function keyEight(one: bool, rounds: usize): void {
  if (one) {
    useKeys(keysOf(get(ACTIVE, 0)), rounds);
    return;
  }
  for (let i = 0; i < PLANE_LANES; i++) store<u32>(CONTEXTS + 4 * i, <u32>keysOf(get(ACTIVE, i < active ? i : 0)));
  useKeysOfLanes(CONTEXTS, rounds);
}

/** The lanes are the first of those at work. False if some are other ones now. */
function takeEight(rounds: usize): bool {
  const before = active;
  const lanes = min(PLANE_LANES, active);
  for (let i = 0; i < lanes; i++) v128.store(EIGHT + 16 * i, nextBlock(i));
  encrypt8(rounds);
  for (let i = lanes - 1; i >= 0; i--) finish(i, v128.load(EIGHT + 16 * i));
  return active === before;
}

function takeFour(rounds: usize): void {
  const lanes = active;
  for (let i = 0; i < 4; i++) {
    const k = i < lanes ? i : 0;
    v128.store(FOUR + 16 * i, nextBlock(k));
    setKeys(i, roundKeys(keysOf(get(ACTIVE, k))));
  }
  encrypt4(rounds);
  for (let i = lanes - 1; i >= 0; i--) finish(i, v128.load(FOUR + 16 * i));
}

/** A block of a message is encrypted. One that is done is followed by the last of those that are not. */
function finish(i: i32, block: v128): void {
  const next = <usize>get(NEXT, i);
  v128.store(STATES + 16 * <usize>get(ACTIVE, i), block);
  if (replaces) v128.store(next, block);
  const left = get(RUNS, i) - 1;
  set(NEXT, i, <i32>next + 16);
  set(RUNS, i, left);
  if (left > 0) return;
  const part = get(PARTS, i);
  if (part !== TAIL && startPart(i, part + 1)) return;
  active--;
  set(ACTIVE, i, get(ACTIVE, active));
  set(NEXT, i, get(NEXT, active));
  set(RUNS, i, get(RUNS, active));
  set(PARTS, i, get(PARTS, active));
}

/** Goes on with a part of a message, or the first one behind it that has blocks; false if none has. */
function startPart(i: i32, part: i32): bool {
  const job = get(ACTIVE, i);
  for (; part <= TAIL; part++) {
    const blocks =
      part === HEAD ? <i32>load<u8>(HEADS + job) : part === TEXT ? get(BLOCKS, job) : <i32>load<u8>(TAILS + job);
    if (blocks === 0) continue;
    set(NEXT, i, part === HEAD ? <i32>headOf(job) : part === TEXT ? get(TEXTS, job) : <i32>tailOf(job));
    set(RUNS, i, blocks);
    set(PARTS, i, part);
    return true;
  }
  return false;
}

export function forgetMac(): void {
  memory.fill(FRAMES, 0, 64 * 256);
  memory.fill(STATES, 0, 16 * 256);
}

/** The next block of a message, plus how its chain stands. */
function nextBlock(i: i32): v128 {
  return v128.xor(v128.load(<usize>get(NEXT, i)), v128.load(STATES + 16 * <usize>get(ACTIVE, i)));
}

function get(words: usize, i: i32): i32 {
  return load<i32>(words + 4 * <usize>i);
}

function set(words: usize, i: i32, value: i32): void {
  store<i32>(words + 4 * <usize>i, value);
}
