import { ip, PROTOCOL, readU16, updateChecksum, writeU16 } from '@espalier/wire';

/** RFC 9293 §3.1. */
const TCP_HEADER_OCTETS = 20;
const TCP_OFFSET_AT = 12;
const TCP_FLAGS_AT = 13;
const TCP_CHECKSUM_AT = 16;
const SYN = 2;

/** RFC 9293 §3.2. */
const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const MAXIMUM_SEGMENT_SIZE = 2;

/** Octets of the headers in front of a segment: IP and TCP, without options (RFC 6691 §2). */
export function headerOctets(octets: Uint8Array, at: number): number {
  return (ip.version(octets, at) === 4 ? 20 : 40) + TCP_HEADER_OCTETS;
}

/**
 * Lowers the maximum segment size that a SYN in the packet at `at`, which ends before `end`, offers to `most`, and mends the
 * checksum by as much (RFC 1624): one that was wrong stays wrong. Any other packet, and one that offers none, stays as it is.
 */
export function clampTcpMss(octets: Uint8Array, at: number, end: number, most: number): void {
  if (ip.protocol(octets, at, end) !== PROTOCOL.tcp || ip.fragmentOffset(octets, at, end) !== 0) return;
  const tcpAt = ip.payloadAt(octets, at, end);
  if (tcpAt + TCP_HEADER_OCTETS > end || ((octets[tcpAt + TCP_FLAGS_AT] ?? 0) & SYN) === 0) return;
  const optionsEnd = Math.min(end, tcpAt + 4 * ((octets[tcpAt + TCP_OFFSET_AT] ?? 0) >> 4));
  for (let optionAt = tcpAt + TCP_HEADER_OCTETS; optionAt < optionsEnd; ) {
    const kind = octets[optionAt] ?? END_OF_OPTIONS;
    if (kind === END_OF_OPTIONS) return;
    const length = kind === NO_OPERATION ? 1 : (octets[optionAt + 1] ?? 0);
    if (length === 0 || optionAt + length > optionsEnd || (kind !== NO_OPERATION && length < 2)) return;
    if (kind === MAXIMUM_SEGMENT_SIZE && length === 4) {
      lower(octets, tcpAt, optionAt + 2, most);
      return;
    }
    optionAt += length;
  }
}

function lower(octets: Uint8Array, tcpAt: number, mssAt: number, most: number): void {
  const before = readU16(octets, mssAt);
  if (before <= most) return;
  writeU16(octets, mssAt, most);
  // At an odd octet its halves count the other way round (RFC 1071 §2).
  const isOdd = ((mssAt - tcpAt) & 1) === 1;
  const [from, to] = isOdd ? [swapped(before), swapped(most)] : [before, most];
  const sumAt = tcpAt + TCP_CHECKSUM_AT;
  writeU16(octets, sumAt, updateChecksum(readU16(octets, sumAt), from, to));
}

function swapped(word: number): number {
  return ((word & 0xff) << 8) | (word >> 8);
}
