// AES-CBC over the packets of the job table (RFC 3602), each under its own keys.

import { HEADER_OCTETS, lengthOf, packetOf, useKeysAt } from '../packets/jobs';
import { cbcAdd, cbcBegin, macRest } from './aes-chains';
import { decryptLanes } from './aes-lanes';

const IV_OCTETS: usize = 16;

/** Encrypts packets `from` to `to`, the IVs being in place. */
export function aesCbcSeal(keysAt: usize, from: i32, to: i32, icvOctets: usize): void {
  useKeysAt(keysAt);
  cbcBegin();
  for (let job = from; job < to; job++) {
    const text = packetOf(job) + HEADER_OCTETS + IV_OCTETS;
    const blocks = (packetOf(job) + lengthOf(job) - icvOctets - text) >> 4;
    if (blocks > 0) cbcAdd(job, text, blocks);
  }
  macRest();
}

/** Decrypts those packets that are alive. */
export function aesCbcOpen(keysAt: usize, from: i32, to: i32, icvOctets: usize): void {
  useKeysAt(keysAt);
  decryptLanes(from, to, icvOctets);
}
