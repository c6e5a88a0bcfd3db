import { HEADER_OCTETS, packetOf, sequenceHighOf } from './jobs';

/** Copies IVs, one after the other at `ivs`, into packets `from` to `to`. They are of 8 or 16 octets. */
export function placeIvs(ivs: usize, ivOctets: usize, from: i32, to: i32): void {
  for (let job = from; job < to; job++, ivs += ivOctets) {
    const iv = packetOf(job) + HEADER_OCTETS;
    store<u64>(iv, load<u64>(ivs));
    if (ivOctets === 16) store<u64>(iv, load<u64>(ivs, 8), 8);
  }
}

/** The IV of a counter mode is the sequence number itself (RFC 4106 §3.1): with ESN all of its 64 bits. */
export function placeSequenceIvs(esn: bool, from: i32, to: i32): void {
  for (let job = from; job < to; job++) {
    const packet = packetOf(job);
    store<u32>(packet, esn ? bswap<u32>(sequenceHighOf(job)) : 0, HEADER_OCTETS);
    store<u32>(packet, load<u32>(packet, 4), HEADER_OCTETS + 4);
  }
}
