// Where the parts of a packet of an AEAD lie, and what is authenticated of its header: the same for AES-GCM (RFC 4106) and
// for ChaCha20-Poly1305 (RFC 7634).
import { HEADER_OCTETS, lengthOf, packetOf, sequenceHighOf } from './jobs';

const IV_OCTETS: usize = 8;
const ICV_OCTETS: usize = 16;

export function textOf(job: i32): usize {
  return packetOf(job) + HEADER_OCTETS + IV_OCTETS;
}

export function icvOf(job: i32): usize {
  return packetOf(job) + lengthOf(job) - ICV_OCTETS;
}

export function ciphertextOctets(job: i32): usize {
  return lengthOf(job) - HEADER_OCTETS - IV_OCTETS - ICV_OCTETS;
}

/** SPI and sequence number, with ESN all of its 64 bits, and zeros (RFC 4106 §5, RFC 7634 §2.1). */
export function additionalData(job: i32, esn: bool): v128 {
  const packet = packetOf(job);
  const spi = load<i32>(packet);
  const sequence = load<i32>(packet, 4);
  return esn ? i32x4(spi, bswap<i32>(sequenceHighOf(job)), sequence, 0) : i32x4(spi, sequence, 0, 0);
}
