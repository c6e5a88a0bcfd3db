// AES-GCM and AES-GMAC over the packets of the job table (RFC 4106, RFC 4543). The key stream is made by the caller in
// between, from counter blocks: by `aesEcb`, or by a platform that has AES in hardware.

import { counterBlocks, ctrKey } from '../aes/aes-ctr';
import { aesEcb } from '../aes/aes-ecb';
import { ciphertextOctets, finishIcv, ivOf, textOf } from '../packets/aead';
import { contextOf, isAlive } from '../packets/jobs';
import { xorStream } from '../packets/stream';
import { forgetGcmHash, hashPackets } from './gcm-hash';
import { GHASH_LANES } from './ghash';
import { giveSlot } from './ghash-keys';

/** A context: that of AES-CTR, then the number of the hash key's slot, and the hash key. */
const HASH_KEY: usize = 272;

const SUMS: usize = memory.data(16 * 16, 16);

/** Schedules a key of 16, 24 or 32 octets, followed by four octets of salt, into the 288 octets at `context`. */
export function gcmKey(context: usize, key: usize, keyOctets: usize): void {
  ctrKey(context, key, keyOctets);
  v128.store(context + HASH_KEY, i32x4.splat(0));
  aesEcb(context, context + HASH_KEY, 16);
  giveSlot(context + HASH_KEY);
}

/** Writes the counter blocks of packets `from` to `to`: that of the ICV, then those of what is encrypted. */
export function gcmCounters(from: i32, to: i32, stream: usize, gmac: bool): usize {
  const start = stream;
  for (let job = from; job < to; job++) {
    stream = counterBlocks(contextOf(job), ivOf(job), <u32>(streamOctets(job, gmac) >> 4), stream);
  }
  return stream - start;
}

/** Encrypts with the key stream made of the counter blocks, but for GMAC, and writes the ICVs. */
export function gcmSeal(from: i32, to: i32, stream: usize, gmac: bool): void {
  if (!gmac) xorAll(from, to, stream, false);
  hashAll(from, to, stream, gmac, false);
}

/** Leaves those packets alive whose ICV is right, and decrypts them. */
export function gcmOpen(from: i32, to: i32, stream: usize, gmac: bool): void {
  hashAll(from, to, stream, gmac, true);
  if (!gmac) xorAll(from, to, stream, true);
}

/** With the ICV, which everybody sees, a sum gives away what hides it, and equations in the hash key. */
export function forgetGcm(): void {
  forgetGcmHash();
  memory.fill(SUMS, 0, 256);
}

function streamOctets(job: i32, gmac: bool): usize {
  return gmac ? 16 : 16 + ((ciphertextOctets(job) + 15) & ~15);
}

function xorAll(from: i32, to: i32, stream: usize, alive: bool): void {
  for (let job = from; job < to; job++) {
    if (!alive || isAlive(job)) {
      xorStream(textOf(job), ciphertextOctets(job), stream + 16);
    }
    stream += streamOctets(job, false);
  }
}

function hashAll(from: i32, to: i32, stream: usize, gmac: bool, verify: bool): void {
  while (from < to) {
    const packets = min(to - from, GHASH_LANES);
    hashPackets(HASH_KEY, from, packets, gmac, SUMS);
    for (let i = 0; i < packets; i++, from++) {
      finishIcv(from, v128.xor(v128.load(SUMS + 16 * i), v128.load(stream)), verify);
      stream += streamOctets(from, gmac);
    }
  }
}
