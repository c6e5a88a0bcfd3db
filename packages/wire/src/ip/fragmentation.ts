import { DecodeError } from '../decode-error.ts';
import { writeU16, writeU32 } from '../integers.ts';
import { concat, octetsView } from '../octets.ts';
import { requireInteger } from '../writer.ts';
import { FRAGMENT_HEADER_OCTETS, nextHeaderAt } from './fragment.ts';
import * as ip from './ip-view.ts';
import { decodeIpv4, encodeIpv4, type Ipv4Packet } from './ipv4.ts';
import { copiedIpv4Options } from './ipv4-options.ts';
import { HEADER_OCTETS, MAX_PACKET_OCTETS } from './ipv4-view.ts';
import { decodeIpv6, IPV6_HEADER_OCTETS } from './ipv6.ts';

/** The fragment header's number (RFC 8200 §4.5). */
const FRAGMENT = 44;

/** Every module must forward this much without further fragmentation (RFC 791 §3.2). */
export const IPV4_MIN_MTU = 68;

/** Every link must carry this much (RFC 8200 §5). */
export const IPV6_MIN_MTU = 1280;

/**
 * A packet in pieces of at most `mtu` octets, in order; the packet itself when it fits. Undefined when it does not fit
 * and says Don't Fragment: the sender is to be told. RFC 791 §3.2.
 * @throws DecodeError when `packet` is malformed, or a fragment that reaches beyond 65535 octets.
 * @throws RangeError for an MTU below 68.
 */
export function fragmentIpv4(packet: Uint8Array, mtu: number): readonly Uint8Array[] | undefined {
  if (!(Number.isInteger(mtu) && mtu >= IPV4_MIN_MTU)) throw new RangeError(`mtu must be at least ${IPV4_MIN_MTU}`);
  const octets = octetsView('packet', packet);
  const whole = decodeIpv4(octets);
  if (whole.fragmentOffset + octets.length > MAX_PACKET_OCTETS) throw new DecodeError('length', 6, 'ipv4');
  if (octets.length <= mtu) return [octets];
  if (whole.dontFragment) return undefined;

  const fragments: Uint8Array[] = [];
  const laterOptions = copiedIpv4Options(whole.options);
  let from = 0;
  while (from < whole.payload.length) {
    const options = from === 0 ? whole.options : laterOptions;
    const fragment = piece(whole, from, options, mtu);
    fragments.push(encodeIpv4(fragment));
    from += fragment.payload.length;
  }
  return fragments;
}

/**
 * A packet of a host's own in pieces of at most `mtu` octets, in order; the packet itself when it fits. Routers fragment
 * no IPv6, senders do. `identification`, 32 bits, is to be another one for each packet between two addresses within a
 * while. RFC 8200 §4.5.
 * @throws DecodeError when `packet` is malformed, or a fragment.
 * @throws RangeError for an MTU below 1280, or an identification that does not fit.
 */
export function fragmentIpv6(packet: Uint8Array, mtu: number, identification: number): readonly Uint8Array[] {
  if (!(Number.isInteger(mtu) && mtu >= IPV6_MIN_MTU)) throw new RangeError(`mtu must be at least ${IPV6_MIN_MTU}`);
  requireInteger(identification, 0xffffffff, 'identification');
  const octets = octetsView('packet', packet);
  decodeIpv6(octets);
  const headOctets = ip.perFragmentOctets(octets, 0, octets.length);
  if (headOctets < 0) throw new DecodeError('value', 0, 'ipv6');
  if (octets.length <= mtu) return [octets];

  const head = concat(octets.subarray(0, headOctets), new Uint8Array(FRAGMENT_HEADER_OCTETS));
  const nextAt = nextHeaderAt(head, headOctets);
  head[headOctets] = head[nextAt] ?? 0;
  head[nextAt] = FRAGMENT;
  writeU32(head, headOctets + 4, identification);
  const room = (mtu - head.length) & ~7;
  const payload = octets.subarray(headOctets);
  const fragments: Uint8Array[] = [];
  for (let from = 0; from < payload.length; from += room) {
    const fragment = concat(head, payload.subarray(from, from + room));
    writeU16(fragment, 4, fragment.length - IPV6_HEADER_OCTETS);
    writeU16(fragment, headOctets + 2, from + room < payload.length ? from | 1 : from);
    fragments.push(fragment);
  }
  return fragments;
}

function piece(whole: Ipv4Packet, from: number, options: Uint8Array, mtu: number): Ipv4Packet {
  const room = mtu - HEADER_OCTETS - options.length;
  const last = whole.payload.length - from <= room;
  return {
    ...whole,
    options,
    fragmentOffset: whole.fragmentOffset + from,
    moreFragments: whole.moreFragments || !last,
    payload: whole.payload.subarray(from, last ? undefined : from + room - (room % 8)),
  };
}
