import { DecodeError, fragmentIpv4, fragmentIpv6, IPV6_MIN_MTU, ip, ipv4 } from '@espalier/wire';

/** The most that an inner packet of this family may have, where `mtu` fits: every link carries 1280 of IPv6 (RFC 8200 §5). */
export function mtuFor(packet: Uint8Array, mtu: number): number {
  return ip.version(packet, 0) === 6 ? Math.max(mtu, IPV6_MIN_MTU) : mtu;
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
  if (ip.version(packet, 0) === 6) return 'fragmentation-needed';
  const entering = clearDontFragment ? packet.slice() : packet;
  if (clearDontFragment) letFragment(entering, 0);
  try {
    return fragmentIpv4(entering, mtu) ?? 'fragmentation-needed';
  } catch (error) {
    if (error instanceof DecodeError) return 'malformed-packet';
    throw error;
  }
}

/**
 * A sealed packet in pieces of at most `mtu` octets. It comes to that where IPv6 inside may not be less than 1280 octets
 * and with what is around it is more than `mtu`: the tunnel is the sender, and fragments (RFC 2473 §7.1).
 */
export function fragmentOuter(packet: Uint8Array, mtu: number, identification: number): readonly Uint8Array[] {
  if (packet.length <= mtu) return [packet];
  if (ip.version(packet, 0) === 6) return fragmentIpv6(packet, mtu, identification);
  letFragment(packet, 0);
  return fragmentIpv4(packet, mtu) ?? [];
}

/** Takes Don't Fragment from the packet at `at` if it is one of IPv4. */
export function letFragment(octets: Uint8Array, at: number): void {
  if (ip.version(octets, at) === 6 || !ipv4.dontFragment(octets, at)) return;
  ipv4.setFragmentation(octets, at, false, ipv4.moreFragments(octets, at), ipv4.fragmentOffset(octets, at));
  ipv4.setHeaderChecksum(octets, at);
}
