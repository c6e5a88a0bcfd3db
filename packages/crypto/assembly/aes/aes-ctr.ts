// The counter blocks of AES-CTR (RFC 3686) and AES-GCM (RFC 4106), and AES-CTR over the packets of the job table. What
// encrypts the blocks in between is `aesEcb`, or a platform that has AES in hardware.
import { HEADER_OCTETS, isAlive, keysOf, lengthOf, packetOf, useKeysAt } from '../packets/jobs';
import { xorStream } from '../packets/stream';
import { AES_CONTEXT_OCTETS, aesKey, PLAIN_KEYS } from './aes-key';

const IV_OCTETS: usize = 8;

/** A context is that of AES, then the salt. */
const SALT: usize = AES_CONTEXT_OCTETS;

/** Schedules a key of 16, 24 or 32 octets, followed by four octets of salt, into the 260 octets at `context`. */
export function ctrKey(context: usize, key: usize, keyOctets: usize): void {
  aesKey(context, key, keyOctets, PLAIN_KEYS);
  store<u32>(context + SALT, load<u32>(key + keyOctets));
}

/** Writes blocks 1 to `blocks` of a packet: salt, IV, number. Returns their end. */
export function counterBlocks(context: usize, iv: u64, blocks: u32, stream: usize): usize {
  let counter = i32x4(load<i32>(context + SALT), <i32>iv, <i32>(iv >> 32), 0);
  for (let n: u32 = 1; n <= blocks; n++, stream += 16) {
    counter = i32x4.replace_lane(counter, 3, bswap<i32>(n));
    v128.store(stream, counter);
  }
  return stream;
}

/** Writes the counter blocks of those packets `from` to `to` that are alive. Returns their octets. */
export function ctrCounters(keysAt: usize, from: i32, to: i32, icvOctets: usize, stream: usize): usize {
  useKeysAt(keysAt);
  const start = stream;
  for (let job = from; job < to; job++) {
    if (!isAlive(job)) continue;
    stream = counterBlocks(
      keysOf(job),
      load<u64>(packetOf(job), HEADER_OCTETS),
      <u32>((textOctets(job, icvOctets) + 15) >> 4),
      stream,
    );
  }
  return stream - start;
}

/** Encrypts or decrypts with the key stream made of the counter blocks. */
export function ctrCrypt(from: i32, to: i32, icvOctets: usize, stream: usize): void {
  for (let job = from; job < to; job++) {
    if (!isAlive(job)) continue;
    const octets = textOctets(job, icvOctets);
    xorStream(packetOf(job) + HEADER_OCTETS + IV_OCTETS, octets, stream);
    stream += (octets + 15) & ~15;
  }
}

function textOctets(job: i32, icvOctets: usize): usize {
  return lengthOf(job) - HEADER_OCTETS - IV_OCTETS - icvOctets;
}
