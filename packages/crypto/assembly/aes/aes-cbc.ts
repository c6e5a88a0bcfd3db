// AES-CBC over the packets of the job table (RFC 3602), each under its own keys.

import { HEADER_OCTETS, lengthOf, packetOf, useKeysAt } from '../packets/jobs';
import { cbcAdd, cbcBegin } from './aes-chains';
import { decryptLanes } from './aes-lanes';

/**
 * Makes chains of packets `from` to `to`, whose IVs have `ivOctets` octets; with 0, in their places are random blocks that the
 * chains begin with, behind the sequence number: what these encrypt to are the IVs.
 */
export function aesCbcSeal(keysAt: usize, from: i32, to: i32, ivOctets: usize, icvOctets: usize): void {
  useKeysAt(keysAt);
  cbcBegin();
  for (let job = from; job < to; job++) {
    const text = packetOf(job) + HEADER_OCTETS + ivOctets;
    const blocks = (packetOf(job) + lengthOf(job) - icvOctets - text) >> 4;
    if (blocks > 0) cbcAdd(job, text, blocks);
  }
}

/** Decrypts those packets that are alive. */
export function aesCbcOpen(keysAt: usize, from: i32, to: i32, icvOctets: usize): void {
  useKeysAt(keysAt);
  decryptLanes(from, to, icvOctets);
}
