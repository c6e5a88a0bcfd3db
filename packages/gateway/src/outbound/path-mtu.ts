import type { EspSuite } from '@espalier/crypto';
import {
  DecodeError,
  ESP_HEADER_OCTETS,
  encodeIcmp,
  encodeIpv4,
  fragmentIpv4,
  ICMP_TYPE,
  icmpOriginal,
  ipv4,
  PROTOCOL,
  UDP_HEADER_OCTETS,
  UNREACHABLE,
} from '@espalier/wire';
import { isIpv6 } from '../packets/ip-packet.ts';

/** The longest packet that IPv4 knows. */
export const MAX_PACKET_OCTETS = 65_535;

/** Pad length and next header (RFC 4303 §2). */
const TRAILER_OCTETS = 2;

/**
 * The largest inner packet that is at most `outsideMtu` octets when it is sealed in an IPv4 tunnel, or in UDP in one
 * (RFC 4301 §8.2).
 */
export function innerMtu(outsideMtu: number, suite: EspSuite, inUdp: boolean): number {
  const outerOctets = ipv4.HEADER_OCTETS + (inUdp ? UDP_HEADER_OCTETS : 0);
  const room = outsideMtu - outerOctets - ESP_HEADER_OCTETS - suite.ivOctets - suite.icvOctets;
  return room - (room % suite.blockOctets) - TRAILER_OCTETS;
}

/**
 * `packet` in pieces of at most `mtu` octets, or why it is not to be had in pieces. With `clearDontFragment` every
 * IPv4 packet may be fragmented (RFC 4301 §8.1).
 */
export function fitToMtu(
  packet: Uint8Array,
  mtu: number,
  clearDontFragment: boolean,
): readonly Uint8Array[] | 'fragmentation-needed' | 'malformed-packet' {
  if (packet.length <= mtu) return [packet];
  if (isIpv6(packet)) return 'fragmentation-needed';
  const entering = clearDontFragment ? packet.slice() : packet;
  if (clearDontFragment) letFragment(entering, 0);
  try {
    return fragmentIpv4(entering, mtu) ?? 'fragmentation-needed';
  } catch (error) {
    if (error instanceof DecodeError) return 'malformed-packet';
    throw error;
  }
}

/** Takes Don't Fragment from the packet at `at` if it is one of IPv4. */
export function letFragment(octets: Uint8Array, at: number): void {
  if (isIpv6(octets, at) || !ipv4.dontFragment(octets, at)) return;
  ipv4.setFragmentation(octets, at, false, ipv4.moreFragments(octets, at), ipv4.fragmentOffset(octets, at));
  ipv4.setHeaderChecksum(octets, at);
}

/**
 * What the sender of `packet` is told: ICMP destination unreachable, fragmentation needed, with the MTU (RFC 1191 §4).
 * Undefined where RFC 1122 §3.2.2 allows no ICMP error, and for IPv6.
 */
export function fragmentationNeeded(packet: Uint8Array, mtu: number, router: Uint8Array): Uint8Array | undefined {
  if (isIpv6(packet) || !mayBeAnswered(packet)) return undefined;
  return encodeIpv4({
    protocol: PROTOCOL.icmp,
    source: router,
    destination: ipv4.sourceOctets(packet, 0),
    payload: encodeIcmp({
      kind: 'destination-unreachable',
      code: UNREACHABLE.fragmentationNeeded,
      nextHopMtu: mtu,
      original: icmpOriginal(packet),
    }),
  });
}

/** Not about ICMP errors, later fragments, or packets from or to what is not one host (RFC 1122 §3.2.2). */
function mayBeAnswered(packet: Uint8Array): boolean {
  if (ipv4.fragmentOffset(packet, 0) !== 0) return false;
  if (!isUnicast(ipv4.source(packet, 0)) || !isUnicast(ipv4.destination(packet, 0))) return false;
  if (ipv4.protocol(packet, 0) !== PROTOCOL.icmp) return true;
  const type = packet[ipv4.headerOctets(packet, 0)];
  return type === ICMP_TYPE.echoRequest || type === ICMP_TYPE.echoReply;
}

function isUnicast(address: number): boolean {
  return address !== 0 && address >>> 28 < 0xe;
}
