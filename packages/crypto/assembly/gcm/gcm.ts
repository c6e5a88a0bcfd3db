// AES-GCM and AES-GMAC over the packets of the job table (RFC 4106, RFC 4543). The key stream is made by the caller in
// between, from counter blocks: by `aesEcb`, or by a platform that has AES in hardware.

import { encrypt1 } from '../aes/aes';
import { counterBlocks, ctrKey } from '../aes/aes-ctr';
import { roundKeys, roundsOf } from '../aes/aes-key';
import { ciphertextOctets, finishIcv, ivOf, textOf } from '../packets/aead';
import { contextOf, isAlive } from '../packets/jobs';
import { xorStream } from '../packets/stream';
import { forgetGcmHash, hashPackets } from './gcm-hash';
import { GHASH_LANES } from './ghash';

/** A context: that of AES-CTR, then the hash key. */
const HASH_KEY: usize = 272;

const SUMS: usize = memory.data(16 * 16, 16);

/** Schedules a key of 16, 24 or 32 octets, followed by four octets of salt, into the 288 octets at `context`. */
export function gcmKey(context: usize, key: usize, keyOctets: usize): void {
  ctrKey(context, key, keyOctets);
  v128.store(context + HASH_KEY, encrypt1(i32x4.splat(0), roundKeys(context), roundsOf(context)));
}

/** Writes the counter blocks of packets `from` to `to`: that of the ICV, then those of the ciphertext. */
export function gcmCounters(from: i32, to: i32, stream: usize): usize {
  const start = stream;
  for (let job = from; job < to; job++) {
    stream = counterBlocks(contextOf(job), ivOf(job), <u32>((ciphertextOctets(job) + 15) >> 4) + 1, stream);
  }
  return stream - start;
}

/** Writes the counter blocks of the ICVs alone. */
export function gmacCounters(from: i32, to: i32, stream: usize): usize {
  for (let job = from; job < to; job++) stream = counterBlocks(contextOf(job), ivOf(job), 1, stream);
  return 16 * (to - from);
}

/** Encrypts with the key stream made of the counter blocks, and writes the ICVs. */
export function gcmSeal(from: i32, to: i32, stream: usize): void {
  xorAll(from, to, stream, false);
  hashAll(from, to, stream, false, false);
}

/** Leaves those packets alive whose ICV is right, and decrypts them. */
export function gcmOpen(from: i32, to: i32, stream: usize): void {
  hashAll(from, to, stream, false, true);
  xorAll(from, to, stream, true);
}

/** Writes the ICVs of packets that are not encrypted; the key stream is made of the counter blocks of the ICVs. */
export function gmacSeal(from: i32, to: i32, stream: usize): void {
  hashAll(from, to, stream, true, false);
}

/** Leaves those packets alive whose ICV is right. */
export function gmacOpen(from: i32, to: i32, stream: usize): void {
  hashAll(from, to, stream, true, true);
}

/** With the ICV, which everybody sees, a sum gives away what hides it, and equations in the hash key. */
export function forgetGcm(): void {
  forgetGcmHash();
  memory.fill(SUMS, 0, 256);
}

function streamOctets(job: i32): usize {
  return 16 + ((ciphertextOctets(job) + 15) & ~15);
}

function xorAll(from: i32, to: i32, stream: usize, alive: bool): void {
  for (let job = from; job < to; job++) {
    if (!alive || isAlive(job)) {
      xorStream(textOf(job), ciphertextOctets(job), stream + 16);
    }
    stream += streamOctets(job);
  }
}

function hashAll(from: i32, to: i32, stream: usize, gmac: bool, verify: bool): void {
  while (from < to) {
    const packets = min(to - from, GHASH_LANES);
    hashPackets(HASH_KEY, from, packets, gmac, SUMS);
    for (let i = 0; i < packets; i++, from++) {
      finishIcv(from, v128.xor(v128.load(SUMS + 16 * i), v128.load(stream)), verify);
      stream += gmac ? 16 : streamOctets(from);
    }
  }
}
