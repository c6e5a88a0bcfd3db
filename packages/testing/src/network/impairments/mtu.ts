import { DecodeError, fragmentIpv4, ip, packetTooBig } from '@espalier/wire';
import { within } from '../../arguments.ts';
import type { Impairment } from '../impairment.ts';

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
      const answer = tells ? packetTooBig(packet, octets, ip.destinationOctets(packet, 0)) : undefined;
      if (answer !== undefined) context.reply(answer);
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
