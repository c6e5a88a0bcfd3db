/**
 * The Authentication Header in place; it starts at octet `at`. Nothing here checks or allocates.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     | Next Header   |  Payload Len  |          RESERVED             |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                 Security Parameters Index (SPI)               |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                    Sequence Number Field                      |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                Integrity Check Value-ICV (variable)           |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * RFC 4302 §2.
 */
import { readI32, readU32, writeU32 } from '../integers.ts';

/** Octets in front of the ICV. */
export const AH_HEADER_OCTETS = 12;

/** What is behind the header: a protocol, or an IP packet in tunnel mode. */
export function ahNextHeader(octets: Uint8Array, at: number): number {
  return octets[at] ?? 0;
}

/** Octets of the whole header as it says itself, ICV and its padding included (RFC 4302 §2.2). */
export function ahOctets(octets: Uint8Array, at: number): number {
  return ((octets[at + 1] ?? 0) + 2) * 4;
}

/** The SPI as a number with a sign, `spi | 0`: to compare and look up packet by packet without allocating. */
export function ahSignedSpi(octets: Uint8Array, at: number): number {
  return readI32(octets, at + 4);
}

/** The low half of the sequence number, unsigned 32-bit. Checks nothing: outside the view reads 0. */
export function ahSequence(octets: Uint8Array, at: number): number {
  return readU32(octets, at + 8);
}

/**
 * Writes what is in front of the ICV. `headerOctets` is the whole header, a multiple of 4; `sequence` the low half of the
 * sequence number.
 */
export function writeAhHeader(
  octets: Uint8Array,
  at: number,
  nextHeader: number,
  headerOctets: number,
  spi: number,
  sequence: number,
): void {
  writeU32(octets, at, (nextHeader << 24) | ((headerOctets / 4 - 2) << 16));
  writeU32(octets, at + 4, spi);
  writeU32(octets, at + 8, sequence);
}
