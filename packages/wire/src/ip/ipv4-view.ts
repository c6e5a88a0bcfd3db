/**
 * The IPv4 header in place, by field: the packet starts at octet `at` of `octets`. Nothing here checks, allocates or
 * throws; ask `headerFault` once, then read.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |Version|  IHL  |Type of Service|          Total Length         |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |         Identification        |Flags|      Fragment Offset    |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |  Time to Live |    Protocol   |         Header Checksum       |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                       Source Address                          |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                    Destination Address                        |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                    Options                    |    Padding    |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * RFC 791 §3.1.
 */
import type { Fault } from '../decode-error.ts';
import { readU16, readU32, writeU16, writeU32 } from '../integers.ts';
import { checksum, updateChecksum } from './checksum.ts';

/** A header without options. */
export const HEADER_OCTETS = 20;
export const MAX_HEADER_OCTETS = 60;
export const MAX_PACKET_OCTETS = 65535;

const TOS_AT = 1;
const TOTAL_LENGTH_AT = 2;
const IDENTIFICATION_AT = 4;
const FLAGS_AT = 6;
const TTL_AT = 8;
const PROTOCOL_AT = 9;
const CHECKSUM_AT = 10;
const SOURCE_AT = 12;
const DESTINATION_AT = 16;

const RESERVED_FLAG = 0x8000;
const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;

/**
 * What is wrong with the lengths of the packet that starts at `at` and must end by `end`, if anything. The header
 * checksum is not looked at, see `headerChecksumOk`.
 */
export function headerFault(octets: Uint8Array, at: number, end: number): Fault | undefined {
  if (end - at < HEADER_OCTETS) return 'truncated';
  if (version(octets, at) !== 4) return 'value';
  const header = headerOctets(octets, at);
  const total = totalLength(octets, at);
  if (header < HEADER_OCTETS || total < header) return 'length';
  return total > end - at ? 'truncated' : undefined;
}

export function version(octets: Uint8Array, at: number): number {
  return (octets[at] ?? 0) >> 4;
}

/** Octets of the header, options included. */
export function headerOctets(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) & 15) << 2;
}

/** Type of service: DSCP in the upper six bits, ECN in the lower two. */
export function tos(octets: Uint8Array, at: number): number {
  return octets[at + TOS_AT] ?? 0;
}

/** Octets of header and payload. */
export function totalLength(octets: Uint8Array, at: number): number {
  return readU16(octets, at + TOTAL_LENGTH_AT);
}

export function identification(octets: Uint8Array, at: number): number {
  return readU16(octets, at + IDENTIFICATION_AT);
}

export function reservedFlag(octets: Uint8Array, at: number): boolean {
  return (readU16(octets, at + FLAGS_AT) & RESERVED_FLAG) !== 0;
}

export function dontFragment(octets: Uint8Array, at: number): boolean {
  return (readU16(octets, at + FLAGS_AT) & DONT_FRAGMENT) !== 0;
}

export function moreFragments(octets: Uint8Array, at: number): boolean {
  return (readU16(octets, at + FLAGS_AT) & MORE_FRAGMENTS) !== 0;
}

/** In octets. */
export function fragmentOffset(octets: Uint8Array, at: number): number {
  return (readU16(octets, at + FLAGS_AT) & OFFSET_MASK) << 3;
}

/** Whether the packet is a part of a larger one. */
export function isFragment(octets: Uint8Array, at: number): boolean {
  return (readU16(octets, at + FLAGS_AT) & (MORE_FRAGMENTS | OFFSET_MASK)) !== 0;
}

export function ttl(octets: Uint8Array, at: number): number {
  return octets[at + TTL_AT] ?? 0;
}

export function protocol(octets: Uint8Array, at: number): number {
  return octets[at + PROTOCOL_AT] ?? 0;
}

export function headerChecksum(octets: Uint8Array, at: number): number {
  return readU16(octets, at + CHECKSUM_AT);
}

export function headerChecksumOk(octets: Uint8Array, at: number): boolean {
  return checksum(octets, at, at + headerOctets(octets, at)) === 0;
}

/** The address as an unsigned 32-bit number. */
export function source(octets: Uint8Array, at: number): number {
  return readU32(octets, at + SOURCE_AT);
}

/** The address as an unsigned 32-bit number. */
export function destination(octets: Uint8Array, at: number): number {
  return readU32(octets, at + DESTINATION_AT);
}

/** A view of 4 octets. */
export function sourceOctets(octets: Uint8Array, at: number): Uint8Array {
  return octets.subarray(at + SOURCE_AT, at + DESTINATION_AT);
}

/** A view of 4 octets. */
export function destinationOctets(octets: Uint8Array, at: number): Uint8Array {
  return octets.subarray(at + DESTINATION_AT, at + HEADER_OCTETS);
}

/** Version 4 and the octets of the header, a multiple of 4. */
export function setVersionAndHeader(octets: Uint8Array, at: number, headerOctets: number): void {
  octets[at] = 0x40 | (headerOctets >> 2);
}

export function setTos(octets: Uint8Array, at: number, value: number): void {
  octets[at + TOS_AT] = value;
}

export function setTotalLength(octets: Uint8Array, at: number, value: number): void {
  writeU16(octets, at + TOTAL_LENGTH_AT, value);
}

export function setIdentification(octets: Uint8Array, at: number, value: number): void {
  writeU16(octets, at + IDENTIFICATION_AT, value);
}

/** All flags and the fragment offset (in octets, a multiple of 8) at once. */
export function setFragmentation(octets: Uint8Array, at: number, df: boolean, mf: boolean, offset: number): void {
  writeU16(octets, at + FLAGS_AT, (df ? DONT_FRAGMENT : 0) | (mf ? MORE_FRAGMENTS : 0) | (offset >> 3));
}

export function setTtl(octets: Uint8Array, at: number, value: number): void {
  octets[at + TTL_AT] = value;
}

export function setProtocol(octets: Uint8Array, at: number, value: number): void {
  octets[at + PROTOCOL_AT] = value;
}

/** From an unsigned 32-bit number. */
export function setSource(octets: Uint8Array, at: number, value: number): void {
  writeU32(octets, at + SOURCE_AT, value);
}

/** From an unsigned 32-bit number. */
export function setDestination(octets: Uint8Array, at: number, value: number): void {
  writeU32(octets, at + DESTINATION_AT, value);
}

/** Computes and writes the header checksum: the last step after the other fields. */
export function setHeaderChecksum(octets: Uint8Array, at: number): void {
  writeU16(octets, at + CHECKSUM_AT, 0);
  writeU16(octets, at + CHECKSUM_AT, checksum(octets, at, at + headerOctets(octets, at)));
}

/** What a forwarder does once: TTL - 1, with the header checksum following it. The TTL must not be 0. */
export function decrementTtl(octets: Uint8Array, at: number): void {
  const before = readU16(octets, at + TTL_AT);
  setTtl(octets, at, ttl(octets, at) - 1);
  writeU16(octets, at + CHECKSUM_AT, updateChecksum(headerChecksum(octets, at), before, readU16(octets, at + TTL_AT)));
}
