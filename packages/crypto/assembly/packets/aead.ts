// Where the parts of a packet of an AEAD lie, and what is authenticated of its header: the same for AES-GCM (RFC 4106),
// AES-GMAC (RFC 4543), AES-CCM (RFC 4309) and ChaCha20-Poly1305 (RFC 7634), with IVs that are sent or not (RFC 8750).
import { firstOctets } from '../vectors/vectors';
import { HEADER_OCTETS, lengthOf, packetOf, sequenceHighOf, setAlive } from './jobs';

let ivOctets: usize = 8;
let icvOctets: usize = 16;
let esn: bool = false;

/** The octets of the packets' IVs, 8 or 0, and ICVs, and whether sequence numbers are extended: before all other calls. */
export function shapeAead(iv: usize, icv: usize, extended: bool): void {
  ivOctets = iv;
  icvOctets = icv;
  esn = extended;
}

export function icvLength(): usize {
  return icvOctets;
}

export function textOf(job: i32): usize {
  return packetOf(job) + HEADER_OCTETS + ivOctets;
}

export function icvOf(job: i32): usize {
  return packetOf(job) + lengthOf(job) - icvOctets;
}

export function ciphertextOctets(job: i32): usize {
  return lengthOf(job) - HEADER_OCTETS - ivOctets - icvOctets;
}

/** The eight octets of the IV: where it is not sent, the sequence number (RFC 8750 §2). */
export function ivOf(job: i32): u64 {
  const packet = packetOf(job);
  if (ivOctets !== 0) return load<u64>(packet, HEADER_OCTETS);
  return ((<u64>load<u32>(packet, 4)) << 32) | (esn ? bswap<u32>(sequenceHighOf(job)) : 0);
}

export function additionalOctets(): usize {
  return esn ? 12 : 8;
}

/** SPI and sequence number, with ESN all of its 64 bits, and zeros (RFC 4106 §5, RFC 7634 §2.1). */
export function additionalData(job: i32): v128 {
  const packet = packetOf(job);
  const spi = load<i32>(packet);
  const sequence = load<i32>(packet, 4);
  return esn ? i32x4(spi, bswap<i32>(sequenceHighOf(job)), sequence, 0) : i32x4(spi, sequence, 0, 0);
}

/** Writes as much of the tag as the ICV has, or leaves the packet alive if its ICV is that. */
export function finishIcv(job: i32, tag: v128, verify: bool): void {
  const place = icvOf(job);
  const octets = icvOctets;
  if (verify) setAlive(job, !v128.any_true(firstOctets(v128.xor(tag, v128.load(place)), octets)));
  else if (octets === 16) v128.store(place, tag);
  else {
    store<u64>(place, i64x2.extract_lane(tag, 0));
    if (octets === 12) store<u32>(place, i32x4.extract_lane(tag, 2), 8);
  }
}
