import { ICMP_TYPE, IPV6_HEADER_OCTETS, ip, ipv4, PROTOCOL } from '@espalier/wire';

/** Octets of ICMP in front of what an error quotes (RFC 792, RFC 4443 §2.1). */
const ICMP_HEADER_OCTETS = 8;
/** The first ICMPv6 type that is no error (RFC 4443 §2.1). */
const INFORMATIONAL = 128;
const PARAMETER_PROBLEM = 12;
/** RFC 792: source quench is obsolete (RFC 6633), and a redirect is for the first router alone. */
const ERRORS: readonly number[] = [ICMP_TYPE.destinationUnreachable, ICMP_TYPE.timeExceeded, PARAMETER_PROBLEM];

/**
 * Where the packet begins that an ICMP error quotes, of the same family and with its IP header at least; -1 where the packet
 * at `at`, which ends before `end`, is no such error (RFC 4301 §6).
 */
export function quotedAt(octets: Uint8Array, at: number, end: number): number {
  const is4 = ip.version(octets, at) === 4;
  if (ip.protocol(octets, at, end) !== (is4 ? PROTOCOL.icmp : PROTOCOL.icmpv6)) return -1;
  if (ip.fragmentOffset(octets, at, end) !== 0) return -1;
  const icmpAt = ip.payloadAt(octets, at, end);
  const quoted = icmpAt + ICMP_HEADER_OCTETS;
  if (quoted + (is4 ? ipv4.HEADER_OCTETS : IPV6_HEADER_OCTETS) > end) return -1;
  const type = octets[icmpAt] ?? INFORMATIONAL;
  const isError = is4 ? ERRORS.includes(type) : type < INFORMATIONAL;
  return isError && ip.version(octets, quoted) === ip.version(octets, at) ? quoted : -1;
}
