import { DecodeError } from '../decode-error.ts';
import { decodeIpv4, encodeIpv4, type Ipv4Packet } from './ipv4.ts';
import { copiedIpv4Options } from './ipv4-options.ts';
import { HEADER_OCTETS, MAX_PACKET_OCTETS } from './ipv4-view.ts';

/** Every module must forward this much without further fragmentation (RFC 791 §3.2). */
export const IPV4_MIN_MTU = 68;

/**
 * A packet in pieces of at most `mtu` octets, in order; the packet itself when it fits. Undefined when it does not fit
 * and says Don't Fragment: the sender is to be told. RFC 791 §3.2.
 * @throws DecodeError when `packet` is malformed, or a fragment that reaches beyond 65535 octets.
 * @throws RangeError for an MTU below 68.
 */
export function fragmentIpv4(packet: Uint8Array, mtu: number): readonly Uint8Array[] | undefined {
  if (!(Number.isInteger(mtu) && mtu >= IPV4_MIN_MTU)) throw new RangeError(`mtu must be at least ${IPV4_MIN_MTU}`);
  const whole = decodeIpv4(packet);
  if (whole.fragmentOffset + packet.length > MAX_PACKET_OCTETS) throw new DecodeError('length', 6, 'ipv4');
  if (packet.length <= mtu) return [packet];
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
