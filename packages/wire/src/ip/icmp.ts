import { writeU16 } from '../integers.ts';
import { type OwnOctets, octetsView, requireObject } from '../octets.ts';
import { Reader } from '../reader.ts';
import { requireInteger, Writer } from '../writer.ts';
import { checksum } from './checksum.ts';

/** The ICMP types with a form of their own here (RFC 792). */
export const ICMP_TYPE = { echoReply: 0, destinationUnreachable: 3, echoRequest: 8, timeExceeded: 11 } as const;

/** Codes of destination unreachable. */
export const UNREACHABLE = {
  network: 0,
  host: 1,
  protocol: 2,
  port: 3,
  fragmentationNeeded: 4,
  administrativelyProhibited: 13,
} as const;

/** Codes of time exceeded. */
export const EXCEEDED = { ttl: 0, reassembly: 1 } as const;

/** An ICMP error must not make a packet of more than this (RFC 1812 §4.3.2.3). */
const MAX_ERROR_OCTETS = 576;
/** The IPv4 and ICMP headers in front of what an error quotes. */
const ERROR_HEADER_OCTETS = 28;

/** Echo request or reply, types 8 and 0 (RFC 792). Their code is 0. */
export interface IcmpEcho {
  readonly kind: 'echo-request' | 'echo-reply';
  /** 16 bits. */
  readonly identifier: number;
  /** 16 bits. */
  readonly sequence: number;
  readonly data: Uint8Array;
}

/** Time exceeded, type 11 (RFC 792). */
export interface IcmpTimeExceeded {
  readonly kind: 'time-exceeded';
  /** One of `EXCEEDED`. */
  readonly code: number;
  /** Header and first octets of the packet that met its end. */
  readonly original: Uint8Array;
}

/** Destination unreachable, type 3 (RFC 792, RFC 1191 §4). */
export interface IcmpDestinationUnreachable {
  readonly kind: 'destination-unreachable';
  /** One of `UNREACHABLE`, or another. */
  readonly code: number;
  /** With code 4 only, else 0: the MTU in octets that the packet exceeds, or 0 from a router older than RFC 1191 §4. */
  readonly nextHopMtu: number;
  /** Header and first octets of the packet that was not delivered. */
  readonly original: Uint8Array;
}

/** Any message that has none of the forms above. */
export interface IcmpOther {
  readonly kind: 'other';
  readonly type: number;
  readonly code: number;
  /** The 4 octets behind the checksum. */
  readonly rest: number;
  readonly data: Uint8Array;
}

/** An ICMPv4 message without its checksum. */
export type IcmpMessage = IcmpEcho | IcmpTimeExceeded | IcmpDestinationUnreachable | IcmpOther;

/**
 * Reads one ICMPv4 message, which `octets` must hold exactly; a wrong checksum is refused.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |     Type      |     Code      |          Checksum             |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |    Identifier, or unused      |  Sequence Number, or MTU      |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * RFC 792, RFC 1191 §4.
 * @throws DecodeError
 */
export function decodeIcmp(octets: Uint8Array): IcmpMessage {
  const reader = new Reader(octets, 'icmp');
  const type = reader.u8();
  const code = reader.u8();
  reader.u16();
  const rest = reader.u32();
  const data = reader.rest();
  if (checksum(octets, 0, octets.length) !== 0) reader.fail('checksum', 2);
  return classify({ kind: 'other', type, code, rest, data });
}

/** @throws RangeError when a field does not fit. */
export function encodeIcmp(message: IcmpMessage): OwnOctets {
  requireObject('message', message);
  const { type, code, rest, data } = generalForm(message);
  const writer = new Writer();
  writer.u8(type, 'type');
  writer.u8(code, 'code');
  writer.u16(0, 'checksum');
  writer.u32(rest, 'rest');
  writer.octets(data, 'data');
  const octets = writer.finish();
  writeU16(octets, 2, checksum(octets, 0, octets.length));
  return octets;
}

/** The part of a packet that an ICMP error about it carries: as much as fits 576 octets in all. */
export function icmpOriginal(packet: Uint8Array): Uint8Array {
  return octetsView('packet', packet).subarray(0, MAX_ERROR_OCTETS - ERROR_HEADER_OCTETS);
}

function classify(message: IcmpOther): IcmpMessage {
  const { type, code, rest, data } = message;
  const nextHopMtu = code === UNREACHABLE.fragmentationNeeded ? rest & 0xffff : 0;
  if ((type === ICMP_TYPE.echoRequest || type === ICMP_TYPE.echoReply) && code === 0) {
    const kind = type === ICMP_TYPE.echoRequest ? 'echo-request' : 'echo-reply';
    return { kind, identifier: rest >>> 16, sequence: rest & 0xffff, data };
  }
  if (type === ICMP_TYPE.timeExceeded && rest === 0) return { kind: 'time-exceeded', code, original: data };
  if (type === ICMP_TYPE.destinationUnreachable && rest === nextHopMtu) {
    return { kind: 'destination-unreachable', code, nextHopMtu, original: data };
  }
  return message;
}

function generalForm(message: IcmpMessage): Omit<IcmpOther, 'kind'> {
  switch (message.kind) {
    case 'echo-request':
    case 'echo-reply': {
      requireInteger(message.identifier, 0xffff, 'identifier');
      requireInteger(message.sequence, 0xffff, 'sequence');
      const type = message.kind === 'echo-request' ? ICMP_TYPE.echoRequest : ICMP_TYPE.echoReply;
      return { type, code: 0, rest: message.identifier * 0x10000 + message.sequence, data: message.data };
    }
    case 'time-exceeded':
      return { type: ICMP_TYPE.timeExceeded, code: message.code, rest: 0, data: message.original };
    case 'destination-unreachable': {
      const { code, nextHopMtu, original } = message;
      requireInteger(nextHopMtu, 0xffff, 'nextHopMtu');
      if (nextHopMtu !== 0 && code !== UNREACHABLE.fragmentationNeeded) {
        throw new RangeError('nextHopMtu must be 0 unless code is 4, fragmentation needed');
      }
      return { type: ICMP_TYPE.destinationUnreachable, code, rest: nextHopMtu, data: original };
    }
    case 'other':
      return message;
  }
}
