// AES-XCBC-MAC (RFC 3566) and AES-CMAC (RFC 4493) over the packets of the job table: a CBC-MAC whose last block is XORed
// with one of two keys, by whether it was whole.
import { encrypt1 } from '../aes/aes';
import { macAdd, macBegin, macOf, tailOf } from '../aes/aes-chains';
import { AES_CONTEXT_OCTETS, aesKey, roundKeys, roundsOf, TOWER_KEYS } from '../aes/aes-key';
import { contextOf, lengthOf, packetOf, sequenceHighOf, setAlive, useKeysAt } from '../packets/jobs';
import { firstOctets } from '../vectors/vectors';

/** A context is that of AES, then the key of a whole last block, then that of a padded one. */
const WHOLE: usize = AES_CONTEXT_OCTETS;
const PADDED: usize = AES_CONTEXT_OCTETS + 16;

/** K1, K2 and K3 are encryptions of constants (RFC 3566 §4). The chain's key, K1, takes the place of the one at `key`. */
export function xcbcKey(context: usize, key: usize): void {
  aesKey(context, key, 16, TOWER_KEYS);
  const keys = roundKeys(context);
  const rounds = roundsOf(context);
  v128.store(key, encrypt1(i8x16.splat(1), keys, rounds));
  v128.store(context + WHOLE, encrypt1(i8x16.splat(2), keys, rounds));
  v128.store(context + PADDED, encrypt1(i8x16.splat(3), keys, rounds));
  aesKey(context, key, 16, TOWER_KEYS);
}

/** K1 and K2 are the double and the fourfold of the encryption of zeros in GF(2^128) (RFC 4493 §2.3). */
export function cmacKey(context: usize, key: usize): void {
  aesKey(context, key, 16, TOWER_KEYS);
  v128.store(context + WHOLE, encrypt1(i32x4.splat(0), roundKeys(context), roundsOf(context)));
  double(context + WHOLE, context + WHOLE);
  double(context + WHOLE, context + PADDED);
}

/** Makes messages of those packets that are alive: SPI to ciphertext and, with ESN, the high half of the sequence number. */
export function aesMacBegin(count: i32, icvOctets: usize, esn: bool): void {
  useKeysAt(0);
  macBegin();
  for (let job = 0; job < count; job++) {
    const packet = packetOf(job);
    const octets = lengthOf(job) - icvOctets;
    const all = octets + (esn ? 4 : 0);
    // All blocks but the last, as far as they lie in the packet.
    const blocks = min((all - 1) >> 4, octets >> 4);
    const rest = octets - 16 * blocks;
    const tail = tailOf(job);
    v128.store(tail, firstOctets(v128.load(packet + 16 * blocks), rest));
    v128.store(tail, i32x4.splat(0), 16);
    if (esn) store<u32>(tail + rest, bswap<u32>(sequenceHighOf(job)));
    const left = all - 16 * blocks;
    if (left !== 16) store<u8>(tail + left, 0x80);
    const last = tail + (left > 16 ? 16 : 0);
    const key = contextOf(job) + (left === 16 ? WHOLE : PADDED);
    v128.store(last, v128.xor(v128.load(last), v128.load(key)));
    macAdd(job, 0, packet, blocks, left > 16 ? 2 : 1);
  }
}

/** Writes the ICVs: the first 12 octets of each MAC. */
export function aesMacSeal(count: i32): void {
  for (let job = 0; job < count; job++) {
    const icv = packetOf(job) + lengthOf(job) - 12;
    const mac = macOf(job);
    store<u64>(icv, i64x2.extract_lane(mac, 0));
    store<u32>(icv, i32x4.extract_lane(mac, 2), 8);
  }
}

/** Leaves those packets alive whose ICV is right. */
export function aesMacOpen(count: i32): void {
  for (let job = 0; job < count; job++) {
    const icv = v128.load(packetOf(job) + lengthOf(job) - 12);
    setAlive(job, !v128.any_true(firstOctets(v128.xor(macOf(job), icv), 12)));
  }
}

/** Its first octet is the highest. */
function double(block: usize, to: usize): void {
  const high = bswap<u64>(load<u64>(block));
  const low = bswap<u64>(load<u64>(block, 8));
  const carried = (0 - (high >> 63)) & 0x87;
  store<u64>(to, bswap<u64>((high << 1) | (low >> 63)));
  store<u64>(to, bswap<u64>((low << 1) ^ carried), 8);
}
