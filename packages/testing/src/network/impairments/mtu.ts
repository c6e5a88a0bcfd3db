import {
  DecodeError,
  encodeIcmp,
  encodeIcmpv6,
  encodeIpv4,
  encodeIpv6,
  fragmentIpv4,
  ip,
  PROTOCOL,
  UNREACHABLE,
} from '@espalier/wire';
import { within } from '../../arguments.ts';
import type { Impairment, LinkContext } from '../impairment.ts';

const HOP_LIMIT = 64;
/** RFC 791 §3.2, §3.1. */
const [LEAST_OCTETS, MOST_OCTETS] = [68, 65_535];

/**
 * Carries packets of so many octets: larger ones of IPv4 are fragmented unless they say Don't Fragment (RFC 791 §3.2), and
 * whoever sent what is not is told (RFC 1191 §4, RFC 4443 §3.2); `tells` false: nobody is, as where ICMP is filtered.
 * @throws RangeError for fewer octets than 68, which every link carries (RFC 791 §3.2), and more than a packet has.
 */
export function mtu(octets: number, { tells = true }: { readonly tells?: boolean } = {}): Impairment {
  within('octets', octets, LEAST_OCTETS, MOST_OCTETS);
  return {
    name: `MTU ${octets}`,
    apply(transit, context) {
      const { packet } = transit;
      if (packet.length <= octets) return [transit];
      const fragments = fragmented(packet, octets);
      if (fragments !== undefined) return fragments.map((fragment) => ({ ...transit, packet: fragment }));
      if (tells) tellTooBig(packet, octets, context);
      return [];
    },
  };
}

/** Undefined where it may not be. */
function fragmented(packet: Uint8Array, octets: number): readonly Uint8Array[] | undefined {
  if (ip.version(packet, 0) !== 4) return undefined;
  try {
    return fragmentIpv4(packet, octets);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** The router that says so has the address that the packet was for. */
function tellTooBig(packet: Uint8Array, octets: number, { reply }: LinkContext): void {
  if (ip.packetOctets(packet, 0, packet.length) < 0) return;
  const addresses = { source: ip.destinationOctets(packet, 0), destination: ip.sourceOctets(packet, 0) };
  if (ip.version(packet, 0) === 4) {
    const code = UNREACHABLE.fragmentationNeeded;
    const message = { kind: 'destination-unreachable', code, nextHopMtu: octets, original: packet } as const;
    reply(encodeIpv4({ ...addresses, protocol: PROTOCOL.icmp, payload: encodeIcmp(message) }));
    return;
  }
  const payload = encodeIcmpv6({ kind: 'packet-too-big', mtu: octets, original: packet }, addresses);
  const header = { trafficClass: 0, flowLabel: 0, nextHeader: PROTOCOL.icmpv6, hopLimit: HOP_LIMIT };
  reply(encodeIpv6({ ...header, ...addresses, payload }));
}
