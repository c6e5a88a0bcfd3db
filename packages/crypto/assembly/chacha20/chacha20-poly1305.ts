// ChaCha20-Poly1305 over the packets of the job table (RFC 7634). A context is 32 octets of key, then four of salt.
//
// Packets go in groups. While the key streams of one group are made, the tags of the group before it are computed; each
// stream is kept until its packet's ICV has proved right.
import { additionalData, additionalOctets, ciphertextOctets, icvOf, ivOf, textOf } from '../packets/aead';
import { contextOf, setAlive } from '../packets/jobs';
import { xorStream } from '../packets/stream';
import { add32, firstOctets } from '../vectors/vectors';
import {
  BLOCK_OCTETS,
  BLOCKS,
  chachaBegin,
  chachaBlocks,
  DOUBLE_ROUNDS,
  forgetChachaBlocks,
  KEY_AT,
  POLY_BLOCKS,
} from './chacha20';
import { chachaFourBlocks } from './chacha20-four';
import { POLY_OCTETS, polyBegin, polyBlock, polyBlocks, polyFinish } from './poly1305';

const SALT: usize = 32;

/** A group has no more blocks of key stream than this, unless it is a single packet. */
const GROUP_BLOCKS: usize = 24;
/** The key stream of the longest packet, of 128 KiB, and its block of counter 0, in whole calls. */
const STREAM_OCTETS: usize = 131584;
/** The key streams of a group, and of the group before it. */
const STREAMS: usize = memory.data(2 * 131584, 64);

const POLY: usize = memory.data(112, 16);
/** A block that is not read where it lies. */
const FRAME: usize = memory.data(16, 16);

let sealing: bool = false;

/** The packet whose tag is being computed, and the end of its group. */
let job: i32 = 0;
let groupEnd: i32 = 0;
/** Its key stream, from counter 0 on. */
let stream: usize = 0;
/** Its ciphertext that is not yet in the sum, and how many whole blocks are left of it. */
let unread: usize = 0;
let unreadBlocks: usize = 0;

export function chachaSeal(count: i32): void {
  sealing = true;
  transform(count);
}

/** Leaves those packets alive whose ICV is right, and decrypts them. */
export function chachaOpen(count: i32): void {
  sealing = false;
  transform(count);
}

export function forgetChacha(): void {
  forgetChachaBlocks();
  memory.fill(STREAMS, 0, 2 * STREAM_OCTETS);
  memory.fill(POLY, 0, POLY_OCTETS);
  memory.fill(FRAME, 0, 16);
}

function transform(count: i32): void {
  chachaBegin();
  job = 0;
  groupEnd = 0;
  let streams = STREAMS;
  for (let from = 0; from < count; ) {
    const to = groupFrom(from, count);
    makeStreams(streams, placeCounters(streams, from, to));
    finishTags();
    if (sealing) encrypt(streams, from, to);
    beginTags(streams, from, to);
    streams = STREAMS + STREAMS + STREAM_OCTETS - streams;
    from = to;
  }
  finishTags();
}

/** The end of the group that begins with `from`. */
function groupFrom(from: i32, count: i32): i32 {
  let to = from + 1;
  for (let blocks = blocksOf(from); to < count; to++) {
    blocks += blocksOf(to);
    if (blocks > GROUP_BLOCKS) break;
  }
  return to;
}

/** Writes counter, nonce and the key's address of each block to where the block shall be; returns the end. */
function placeCounters(streams: usize, from: i32, end: i32): usize {
  let to = streams;
  for (let i = from; i < end; i++) {
    const key = contextOf(i);
    const salt = load<i32>(key, SALT);
    let counter = i64x2.replace_lane(i32x4(0, salt, 0, 0), 1, ivOf(i));
    for (const next = to + BLOCK_OCTETS * blocksOf(i); to < next; to += BLOCK_OCTETS) {
      v128.store(to, counter);
      store<u32>(to, <u32>key, KEY_AT);
      counter = add32(counter, i32x4(1, 0, 0, 0));
    }
  }
  // What is made beside them has a key, too.
  const last = <u32>contextOf(end - 1);
  for (let at = to; (at - streams) % (BLOCK_OCTETS * BLOCKS) !== 0; at += BLOCK_OCTETS) store<u32>(at, last, KEY_AT);
  return to;
}

/** Makes the blocks up to `end`, and with them what they leave time for of the tags of the group before. */
function makeStreams(streams: usize, end: usize): void {
  for (; streams + BLOCK_OCTETS * 4 < end; streams += BLOCK_OCTETS * BLOCKS) {
    const polyRounds = min(DOUBLE_ROUNDS, unreadBlocks / POLY_BLOCKS);
    chachaBlocks(streams, POLY, unread, polyRounds);
    unread += 16 * POLY_BLOCKS * polyRounds;
    unreadBlocks -= POLY_BLOCKS * polyRounds;
    if (unreadBlocks < POLY_BLOCKS && job < groupEnd) finishTag();
  }
  if (streams < end) chachaFourBlocks(streams);
}

function encrypt(streams: usize, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    xorStream(textOf(i), ciphertextOctets(i), streams + BLOCK_OCTETS);
    streams += BLOCK_OCTETS * blocksOf(i);
  }
}

function beginTags(streams: usize, from: i32, to: i32): void {
  job = from;
  groupEnd = to;
  stream = streams;
  beginTag();
}

function finishTags(): void {
  while (job < groupEnd) finishTag();
}

/** The block of counter 0 begins with the one-time key (RFC 8439 §2.6), the message with the additional data. */
function beginTag(): void {
  polyBegin(POLY, stream);
  v128.store(FRAME, additionalData(job));
  polyBlock(POLY, FRAME);
  unread = textOf(job);
  unreadBlocks = ciphertextOctets(job) / 16;
}

/** Computes the rest of the tag (RFC 7634 §2.1, RFC 8439 §2.8), writes or verifies it, and goes on to the next packet. */
function finishTag(): void {
  const octets = ciphertextOctets(job);
  const rest = octets & 15;
  polyBlocks(POLY, unread, unreadBlocks);
  if (rest > 0) {
    v128.store(FRAME, firstOctets(v128.load(unread + 16 * unreadBlocks), rest));
    polyBlock(POLY, FRAME);
  }
  store<u64>(FRAME, additionalOctets());
  store<u64>(FRAME, octets, 8);
  polyBlock(POLY, FRAME);
  const tag = polyFinish(POLY);
  if (sealing) v128.store(icvOf(job), tag);
  else verify(tag, octets);
  stream += BLOCK_OCTETS * blocksOf(job);
  unreadBlocks = 0;
  job++;
  if (job < groupEnd) beginTag();
}

function verify(tag: v128, octets: usize): void {
  const right = !v128.any_true(v128.xor(tag, v128.load(icvOf(job))));
  setAlive(job, right);
  if (right) xorStream(textOf(job), octets, stream + BLOCK_OCTETS);
}

/** Of key stream, with that of counter 0. */
function blocksOf(index: i32): usize {
  return 1 + (ciphertextOctets(index) + BLOCK_OCTETS - 1) / BLOCK_OCTETS;
}
