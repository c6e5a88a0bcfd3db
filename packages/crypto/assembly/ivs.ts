import { HEADER_OCTETS, packetOf } from './jobs';

/** Copies IVs, one after the other at `ivs`, into the packets. They are of 8 or 16 octets. */
export function placeIvs(ivs: usize, ivOctets: usize, count: i32): void {
  for (let job = 0; job < count; job++, ivs += ivOctets) {
    const iv = packetOf(job) + HEADER_OCTETS;
    store<u64>(iv, load<u64>(ivs));
    if (ivOctets === 16) store<u64>(iv, load<u64>(ivs, 8), 8);
  }
}
