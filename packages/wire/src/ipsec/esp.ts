/**
 * The ESP header in place; the packet starts at octet `at`. Nothing here checks or allocates.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |               Security Parameters Index (SPI)                 |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                      Sequence Number                          |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * RFC 4303 §2.
 */
import { readI32, readU32, writeU32 } from '../integers.ts';

/** Octets of SPI and sequence number. */
export const ESP_HEADER_OCTETS = 8;

/** Unsigned 32-bit; not branded, since what arrives may be 0 or reserved. Checks nothing: outside the view reads 0. */
export function espSpi(octets: Uint8Array, at: number): number {
  return readU32(octets, at);
}

/** The SPI as a number with a sign, `spi | 0`: to compare and look up packet by packet without allocating. */
export function espSignedSpi(octets: Uint8Array, at: number): number {
  return readI32(octets, at);
}

/** The low half of the sequence number, unsigned 32-bit. Checks nothing: outside the view reads 0. */
export function espSequence(octets: Uint8Array, at: number): number {
  return readU32(octets, at + 4);
}

/** Writes both; `sequence` is the low half of the sequence number. */
export function writeEspHeader(octets: Uint8Array, at: number, spi: number, sequence: number): void {
  writeU32(octets, at, spi);
  writeU32(octets, at + 4, sequence);
}
