// ChaCha20-Poly1305 over the packets of the job table (RFC 7634). A context is 32 octets of key, then four of salt.
import { chachaBlocks } from './chacha20';
import { HEADER_OCTETS, isAlive, lengthOf, packetOf, sequenceHighOf, setAlive } from './jobs';
import { polyBegin, polyFinish, polyUpdate } from './poly1305';
import { xorStream } from './stream';
import { add32 } from './vectors';

const IV_OCTETS: usize = 8;
const ICV_OCTETS: usize = 16;
const SALT: usize = 32;

/** Four packets of no more ciphertext than this go side by side: each alone would leave a lane of ChaCha20 unused. */
const SHORT_OCTETS: usize = 128;
const FOUR: i32 = 4;

/** Four blocks: of one packet from counter 0 on, or those of counter 0 of four packets. */
const FIRST: usize = memory.data(256, 16);
/** Four blocks further on. */
const STREAM: usize = memory.data(256, 16);
/** Additional data; what is behind the last whole block of ciphertext; the lengths: a block each. */
const FRAME: usize = memory.data(48, 16);
const TAG: usize = memory.data(16, 16);

export function chachaSeal(context: usize, count: i32, esn: bool): void {
  for (let job = 0; job < count; ) {
    const together = togetherFrom(job, count);
    firstBlocks(context, job, together);
    crypt(context, job, together);
    for (let lane = 0; lane < together; lane++, job++) {
      tag(job, lane, esn);
      v128.store(icvOf(job), v128.load(TAG));
    }
  }
}

/** Leaves those packets alive whose ICV is right, and decrypts them. */
export function chachaOpen(context: usize, count: i32, esn: bool): void {
  for (let job = 0; job < count; ) {
    const together = togetherFrom(job, count);
    firstBlocks(context, job, together);
    for (let lane = 0; lane < together; lane++) {
      tag(job + lane, lane, esn);
      setAlive(job + lane, !v128.any_true(v128.xor(v128.load(TAG), v128.load(icvOf(job + lane)))));
    }
    crypt(context, job, together);
    job += together;
  }
}

export function forgetChacha(): void {
  memory.fill(FIRST, 0, 256);
  memory.fill(STREAM, 0, 256);
  memory.fill(FRAME, 0, 48);
  memory.fill(TAG, 0, 16);
}

/** Four if the next four packets are there and short, else one. */
function togetherFrom(job: i32, count: i32): i32 {
  if (count - job < FOUR) return 1;
  for (let i = job; i < job + FOUR; i++) if (ciphertextOctets(i) > SHORT_OCTETS) return 1;
  return FOUR;
}

/** Fills FIRST: a block of counter 0 begins with the one-time key (RFC 8439 §2.6). */
function firstBlocks(context: usize, job: i32, together: i32): void {
  if (together === FOUR) blocksOfFour(FIRST, context, job, 0);
  else blocksOfOne(FIRST, context, job, 0);
}

/** XORs the ciphertext of packets that are alive with the key stream from counter 1 on. */
function crypt(context: usize, job: i32, together: i32): void {
  if (together === FOUR) cryptFour(context, job);
  else if (isAlive(job)) cryptOne(context, job);
}

/** FIRST holds blocks 1 to 3. */
function cryptOne(context: usize, job: i32): void {
  let text = textOf(job);
  let octets = ciphertextOctets(job);
  const begun = min<usize>(octets, 192);
  xorStream(text, begun, FIRST + 64);
  text += begun;
  octets -= begun;
  for (let counter: u32 = 4; octets > 0; counter += 4) {
    blocksOfOne(STREAM, context, job, counter);
    const part = min<usize>(octets, 256);
    xorStream(text, part, STREAM);
    text += part;
    octets -= part;
  }
}

function cryptFour(context: usize, job: i32): void {
  let longest: usize = 0;
  for (let i = job; i < job + FOUR; i++) longest = max(longest, ciphertextOctets(i));
  let counter: u32 = 1;
  for (let done: usize = 0; done < longest; done += 64, counter++) {
    blocksOfFour(STREAM, context, job, counter);
    for (let lane = 0; lane < FOUR; lane++) {
      const octets = ciphertextOctets(job + lane);
      if (octets <= done || !isAlive(job + lane)) continue;
      xorStream(textOf(job + lane) + done, min<usize>(octets - done, 64), STREAM + 64 * lane);
    }
  }
}

/** Blocks `counter` to `counter` + 3 of a packet. */
function blocksOfOne(to: usize, context: usize, job: i32, counter: u32): void {
  const iv = packetOf(job) + HEADER_OCTETS;
  const counters = add32(i32x4.splat(counter), i32x4(0, 1, 2, 3));
  const salt = v128.load32_splat(context + SALT);
  chachaBlocks(to, context, counters, salt, v128.load32_splat(iv), v128.load32_splat(iv, 4));
}

/** Block `counter` of four packets. */
function blocksOfFour(to: usize, context: usize, job: i32, counter: u32): void {
  const iv0 = packetOf(job) + HEADER_OCTETS;
  const iv1 = packetOf(job + 1) + HEADER_OCTETS;
  const iv2 = packetOf(job + 2) + HEADER_OCTETS;
  const iv3 = packetOf(job + 3) + HEADER_OCTETS;
  const nonce1 = i32x4(load<i32>(iv0), load<i32>(iv1), load<i32>(iv2), load<i32>(iv3));
  const nonce2 = i32x4(load<i32>(iv0, 4), load<i32>(iv1, 4), load<i32>(iv2, 4), load<i32>(iv3, 4));
  chachaBlocks(to, context, i32x4.splat(counter), v128.load32_splat(context + SALT), nonce1, nonce2);
}

/**
 * Writes TAG: over the additional data, the ciphertext and their lengths (RFC 7634 §2.1, RFC 8439 §2.8). Its key is in
 * block `lane` of FIRST.
 */
function tag(job: i32, lane: i32, esn: bool): void {
  const packet = packetOf(job);
  const octets = ciphertextOctets(job);
  const rest = octets & 15;
  const spi = load<i32>(packet);
  const sequence = load<i32>(packet, 4);
  const additional = esn ? i32x4(spi, bswap<i32>(sequenceHighOf(job)), sequence, 0) : i32x4(spi, sequence, 0, 0);
  v128.store(FRAME, additional);
  polyBegin(FIRST + 64 * lane);
  polyUpdate(FRAME, 16);
  polyUpdate(textOf(job), octets - rest);
  v128.store(FRAME, i32x4.splat(0), 16);
  memory.copy(FRAME + 16, textOf(job) + octets - rest, rest);
  const lengths = FRAME + (rest === 0 ? 16 : 32);
  store<u64>(lengths, esn ? 12 : 8);
  store<u64>(lengths, octets, 8);
  polyUpdate(FRAME + 16, rest === 0 ? 16 : 32);
  polyFinish(TAG);
}

function textOf(job: i32): usize {
  return packetOf(job) + HEADER_OCTETS + IV_OCTETS;
}

function icvOf(job: i32): usize {
  return packetOf(job) + lengthOf(job) - ICV_OCTETS;
}

function ciphertextOctets(job: i32): usize {
  return lengthOf(job) - HEADER_OCTETS - IV_OCTETS - ICV_OCTETS;
}
