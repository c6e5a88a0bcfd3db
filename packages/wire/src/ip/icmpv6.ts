import { writeU16 } from '../integers.ts';
import { type OwnOctets, octetsView, requireObject } from '../octets.ts';
import { Reader } from '../reader.ts';
import { requireInteger, Writer } from '../writer.ts';
import { type AddressPair, checksum, pseudoHeaderSum } from './checksum.ts';
import type { IcmpEcho, IcmpOther } from './icmp.ts';
import { PROTOCOL } from './protocol.ts';

/** The ICMPv6 types that this package names; those below 128 are errors (RFC 4443 §2.1). */
export const ICMPV6_TYPE = {
  destinationUnreachable: 1,
  packetTooBig: 2,
  timeExceeded: 3,
  parameterProblem: 4,
  echoRequest: 128,
  echoReply: 129,
} as const;

/** Every link carries a packet of 1280 octets: an error is no longer, its IPv6 and ICMPv6 headers included. */
const MOST_ORIGINAL_OCTETS = 1280 - 40 - 8;

/** Packet too big, type 2 (RFC 4443 §3.2). Its code is 0. */
export interface IcmpPacketTooBig {
  readonly kind: 'packet-too-big';
  /** 32 bits: the MTU in octets that the packet exceeds. */
  readonly mtu: number;
  /** As much of that packet as there is room for. */
  readonly original: Uint8Array;
}

/** An ICMPv6 message without its checksum. */
export type Icmpv6Message = IcmpEcho | IcmpPacketTooBig | IcmpOther;

/**
 * Reads one ICMPv6 message, which `octets` must hold exactly; a wrong checksum is refused, which covers `addresses`.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |     Type      |     Code      |          Checksum             |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |          MTU, or Identifier and Sequence Number               |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * RFC 4443 §2.1, §3.2, §4.
 * @throws DecodeError
 * @throws RangeError for addresses that are not of one family.
 */
export function decodeIcmpv6(octets: Uint8Array, addresses: AddressPair): Icmpv6Message {
  const reader = new Reader(octets, 'icmpv6');
  const type = reader.u8();
  const code = reader.u8();
  reader.u16();
  const rest = reader.u32();
  const data = reader.rest();
  const initial = pseudoHeaderSum(addresses, PROTOCOL.icmpv6, octets.length);
  if (checksum(octets, 0, octets.length, initial) !== 0) reader.fail('checksum', 2);
  if (code === 0 && type === ICMPV6_TYPE.packetTooBig) return { kind: 'packet-too-big', mtu: rest, original: data };
  if (code === 0 && (type === ICMPV6_TYPE.echoRequest || type === ICMPV6_TYPE.echoReply)) {
    const kind = type === ICMPV6_TYPE.echoRequest ? 'echo-request' : 'echo-reply';
    return { kind, identifier: rest >>> 16, sequence: rest & 0xffff, data };
  }
  return { kind: 'other', type, code, rest, data };
}

/** @throws RangeError when a field does not fit, or for addresses that are not of one family. */
export function encodeIcmpv6(message: Icmpv6Message, addresses: AddressPair): OwnOctets {
  requireObject('message', message);
  const { type, code, rest, data } = generalForm(message);
  const writer = new Writer();
  writer.u8(type, 'type');
  writer.u8(code, 'code');
  writer.u16(0, 'checksum');
  writer.u32(rest, 'rest');
  writer.octets(data, 'data');
  const octets = writer.finish();
  const initial = pseudoHeaderSum(addresses, PROTOCOL.icmpv6, octets.length);
  writeU16(octets, 2, checksum(octets, 0, octets.length, initial));
  return octets;
}

/** The part of a packet that an ICMPv6 error about it carries: as much as fits 1280 octets in all (RFC 4443 §2.4). */
export function icmpv6Original(packet: Uint8Array): Uint8Array {
  return octetsView('packet', packet).subarray(0, MOST_ORIGINAL_OCTETS);
}

function generalForm(message: Icmpv6Message): Omit<IcmpOther, 'kind'> {
  switch (message.kind) {
    case 'echo-request':
    case 'echo-reply': {
      requireInteger(message.identifier, 0xffff, 'identifier');
      requireInteger(message.sequence, 0xffff, 'sequence');
      const type = message.kind === 'echo-request' ? ICMPV6_TYPE.echoRequest : ICMPV6_TYPE.echoReply;
      return { type, code: 0, rest: message.identifier * 0x10000 + message.sequence, data: message.data };
    }
    case 'packet-too-big':
      requireInteger(message.mtu, 0xffffffff, 'mtu');
      return { type: ICMPV6_TYPE.packetTooBig, code: 0, rest: message.mtu, data: message.original };
    case 'other':
      return message;
  }
}
