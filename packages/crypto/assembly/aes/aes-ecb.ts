// AES over blocks that are independent of each other, in place: counters, which become key streams.

import { useKeysAt } from '../packets/jobs';
import { roundsOf } from './aes-key';
import { encryptLanes } from './aes-lanes';
import { EIGHT, encrypt8, useKeys } from './aes-planes';

/** Encrypts blocks under one key. */
export function aesEcb(context: usize, blocks: usize, octets: usize): void {
  const rounds = roundsOf(context);
  useKeys(context, rounds);
  for (const end = blocks + octets; blocks < end; blocks += 128) {
    const some = min(128, end - blocks);
    for (let at: usize = 0; at < some; at += 16) v128.store(EIGHT + at, v128.load(blocks + at));
    encrypt8(rounds);
    for (let at: usize = 0; at < some; at += 16) v128.store(blocks + at, v128.load(EIGHT + at));
  }
}

/**
 * Encrypts blocks of those jobs `from` to `to` that are alive, one job's behind the other's and each under the keys of its
 * job: one for every 16 octets that there are beside `overhead`, unless that is 0, and `more`.
 */
export function aesEcbMany(keysAt: usize, from: i32, to: i32, overhead: usize, more: usize, blocks: usize): void {
  useKeysAt(keysAt);
  encryptLanes(from, to, overhead, more, blocks);
}
