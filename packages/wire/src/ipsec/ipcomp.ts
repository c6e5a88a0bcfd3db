/**
 * The IPComp header in place; it starts at octet `at`. Nothing here checks or allocates.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |  Next Header  |     Flags     | Compression Parameter Index   |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * RFC 3173 §3.3.
 */
import { readU16, writeU16 } from '../integers.ts';

/** Octets of the header. */
export const IPCOMP_HEADER_OCTETS = 4;

/** The CPI of DEFLATE where none is negotiated (RFC 3173 §3.3, RFC 2407 §4.4.5). */
export const IPCOMP_DEFLATE = 2;

/** What was compressed: a protocol, or an IP packet in tunnel mode. */
export function ipcompNextHeader(octets: Uint8Array, at: number): number {
  return octets[at] ?? 0;
}

/** Compression Parameter Index: 16 bits. */
export function ipcompCpi(octets: Uint8Array, at: number): number {
  return readU16(octets, at + 2);
}

/** Writes all of it; the flags are zero. */
export function writeIpcompHeader(octets: Uint8Array, at: number, nextHeader: number, cpi: number): void {
  writeU16(octets, at, nextHeader << 8);
  writeU16(octets, at + 2, cpi);
}
