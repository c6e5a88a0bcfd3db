// CBC-MAC of the packets of the job table: each is a chain, so that lanes are packets. Four at a time here; or, where the
// platform has AES in hardware, a block of every packet at a time, encrypted by the caller between `macFirst` and `macNext`.
// What a message consists of, the parts in front of a packet's text and behind it, is put into frames by who uses this.
import { encrypt4, FOUR, setKeys } from '../aes/aes';
import { roundKeys, roundsOf } from '../aes/aes-key';
import { keysOf } from '../packets/jobs';

const LANES: i32 = 4;

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

/** For each chain at work: its job, and how many of its blocks are done. */
const ACTIVE: usize = memory.data(4 * 256, 16);
const DONE: usize = memory.data(4 * 256, 16);

let active: i32 = 0;

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
}

/** A message: blocks of its head, of the text at `text`, and of its tail; there is at least one. */
export function macAdd(job: i32, head: i32, text: usize, blocks: usize, tail: i32): void {
  store<u8>(HEADS + job, head);
  store<u8>(TAILS + job, tail);
  store<u32>(BLOCKS + 4 * job, <u32>blocks);
  store<u32>(TEXTS + 4 * job, <u32>text);
  store<i32>(ACTIVE + 4 * active, job);
  store<i32>(DONE + 4 * active, 0);
  v128.store(STATES + 16 * <usize>job, i32x4.splat(0));
  active++;
}

/** Writes the first block of every message to `blocks`; returns their octets. */
export function macFirst(blocks: usize): usize {
  for (let i = 0; i < active; i++) v128.store(blocks + 16 * <usize>i, nextBlock(i));
  return 16 * <usize>active;
}

/** Takes those blocks encrypted, and writes the next of every message that has more; returns their octets. */
export function macNext(blocks: usize): usize {
  let left = 0;
  for (let i = 0; i < active; i++) {
    const job = get(ACTIVE, i);
    const done = get(DONE, i) + 1;
    v128.store(STATES + 16 * <usize>job, v128.load(blocks + 16 * <usize>i));
    if (done === allBlocks(job)) continue;
    set(ACTIVE, left, job);
    set(DONE, left, done);
    left++;
  }
  active = left;
  return macFirst(blocks);
}

/** Finishes what messages have left, four at a time, each under the keys of its packet. */
export function macRest(): void {
  if (active === 0) return;
  const rounds = roundsOf(keysOf(get(ACTIVE, 0)));
  let waiting = active;
  let lanes = 0;
  for (;;) {
    // The lanes are the first of those at work; who is done is followed by the last of those that wait.
    lanes = min(LANES, waiting);
    if (lanes === 0) break;
    for (let i = 0; i < lanes; i++) {
      v128.store(FOUR + 16 * i, nextBlock(i));
      setKeys(i, roundKeys(keysOf(get(ACTIVE, i))));
    }
    encrypt4(rounds);
    for (let i = lanes - 1; i >= 0; i--) {
      const job = get(ACTIVE, i);
      const done = get(DONE, i) + 1;
      v128.store(STATES + 16 * <usize>job, v128.load(FOUR + 16 * i));
      set(DONE, i, done);
      if (done !== allBlocks(job)) continue;
      waiting--;
      set(ACTIVE, i, get(ACTIVE, waiting));
      set(DONE, i, get(DONE, waiting));
    }
  }
  active = 0;
}

export function forgetMac(): void {
  memory.fill(FRAMES, 0, 64 * 256);
  memory.fill(STATES, 0, 16 * 256);
}

/** The next block of a message, plus how its chain stands. */
function nextBlock(i: i32): v128 {
  const job = get(ACTIVE, i);
  const at = get(DONE, i) - <i32>load<u8>(HEADS + job);
  const blocks = get(BLOCKS, job);
  let block: usize;
  if (at < 0) block = headOf(job) + 16 * <usize>get(DONE, i);
  else if (at < blocks) block = <usize>get(TEXTS, job) + 16 * <usize>at;
  else block = tailOf(job) + 16 * <usize>(at - blocks);
  return v128.xor(v128.load(block), v128.load(STATES + 16 * <usize>job));
}

function allBlocks(job: i32): i32 {
  return <i32>load<u8>(HEADS + job) + get(BLOCKS, job) + <i32>load<u8>(TAILS + job);
}

function get(words: usize, i: i32): i32 {
  return load<i32>(words + 4 * <usize>i);
}

function set(words: usize, i: i32, value: i32): void {
  store<i32>(words + 4 * <usize>i, value);
}
