// AES-CCM over the packets of the job table (RFC 4309): the MAC of the text, then the text in counter mode. Both chains are
// the caller's to encrypt in between.

import { headOf, macAdd, macBegin, macOf, tailOf } from '../aes/aes-chains';
import { AES_CONTEXT_OCTETS, aesKey, TOWER_KEYS } from '../aes/aes-key';
import {
  additionalData,
  additionalOctets,
  ciphertextOctets,
  finishIcv,
  icvLength,
  ivOf,
  textOf,
} from '../packets/aead';
import { contextOf, isAlive, useKeysAt } from '../packets/jobs';
import { xorStream } from '../packets/stream';
import { firstOctets } from '../vectors/vectors';

/** A context is that of AES, then three octets of salt behind an octet of zero. */
const SALT: usize = AES_CONTEXT_OCTETS;

/** Octets that say a text's length, less one (RFC 4309 §2: L is 4). */
const L_LESS_ONE: i32 = 3;
/** There is associated data (SP 800-38C A.2.1). */
const HAS_AAD: i32 = 0x40;

/** Schedules a key of 16, 24 or 32 octets, followed by three octets of salt, into the 260 octets at `context`. */
export function ccmKey(context: usize, key: usize, keyOctets: usize): void {
  aesKey(context, key, keyOctets, TOWER_KEYS);
  store<u32>(context, load<u32>(key + keyOctets - 1) & 0xffffff00, SALT);
}

/** Writes the counter blocks of packets `from` to `to`: that of the ICV, then those of the text. Returns their octets. */
export function ccmCounters(from: i32, to: i32, stream: usize): usize {
  const start = stream;
  for (let job = from; job < to; job++) {
    let counter = nonce(job, L_LESS_ONE);
    const blocks = <u32>((ciphertextOctets(job) + 15) >> 4);
    for (let n: u32 = 0; n <= blocks; n++, stream += 16) {
      counter = i32x4.replace_lane(counter, 3, bswap<i32>(n));
      v128.store(stream, counter);
    }
  }
  return stream - start;
}

/** XORs the key stream into the texts of packets `from` to `to`: of all, or of those that are not alive. */
export function ccmCrypt(from: i32, to: i32, stream: usize, refused: bool): void {
  for (let job = from; job < to; job++) {
    const octets = ciphertextOctets(job);
    if (!refused || !isAlive(job)) xorStream(textOf(job), octets, stream + 16);
    stream += 16 + ((octets + 15) & ~15);
  }
}

/** Makes messages of packets `from` to `to`, whose texts are in clear. */
export function ccmBegin(from: i32, to: i32): void {
  const flags = HAS_AAD | ((<i32>((icvLength() - 2) / 2)) << 3) | L_LESS_ONE;
  const octetsOfData = (<i32>additionalOctets()) << 8;
  useKeysAt(0);
  macBegin();
  for (let job = from; job < to; job++) {
    const octets = ciphertextOctets(job);
    const head = headOf(job);
    const rest = octets & 15;
    const text = textOf(job);
    v128.store(head, i32x4.replace_lane(nonce(job, flags), 3, bswap<i32>(<i32>octets)));
    v128.store(head + 18, additionalData(job));
    store<u16>(head + 16, <u16>octetsOfData);
    v128.store(tailOf(job), firstOctets(v128.load(text + octets - rest), rest));
    macAdd(job, 2, text, octets >> 4, rest === 0 ? 0 : 1);
  }
}

/** Writes the ICVs, or leaves those packets alive whose ICV is right. */
export function ccmFinish(from: i32, to: i32, stream: usize, verify: bool): void {
  for (let job = from; job < to; job++) {
    finishIcv(job, v128.xor(macOf(job), v128.load(stream)), verify);
    stream += 16 + ((ciphertextOctets(job) + 15) & ~15);
  }
}

/** Flags, salt, IV. */
function nonce(job: i32, flags: i32): v128 {
  const iv = ivOf(job);
  return i32x4(load<i32>(contextOf(job), SALT) | flags, <i32>iv, <i32>(iv >> 32), 0);
}
