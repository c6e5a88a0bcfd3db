import { IPV4_OCTETS } from '../addresses/ipv4-text.ts';
import { DecodeError } from '../decode-error.ts';
import { type OwnOctets, octetsView, requireOctets } from '../octets.ts';
import { Writer } from '../writer.ts';
import * as ipv4 from './ipv4-view.ts';

/** An IPv4 packet, or a fragment of one (RFC 791 §3.1). What is decoded are views of the packet. */
export interface Ipv4Packet {
  /** 8 bits: DSCP and ECN. */
  readonly tos: number;
  /** 16 bits. */
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** In octets, a multiple of 8. */
  readonly fragmentOffset: number;
  /** 0 to 255. */
  readonly ttl: number;
  /** One of `PROTOCOL`, or another. */
  readonly protocol: number;
  /** 4 octets. */
  readonly source: Uint8Array;
  /** 4 octets. */
  readonly destination: Uint8Array;
  /** 0 to 40 octets, padded to a multiple of 4. */
  readonly options: Uint8Array;
  /** All behind the header: with it at most 65535 octets. */
  readonly payload: Uint8Array;
}

/** An IPv4 packet as it was received. */
export interface DecodedIpv4 extends Ipv4Packet {
  /** Whether the header sums up to what it must (RFC 791 §3.1). */
  readonly headerChecksumOk: boolean;
}

/** What a sender must say; the rest has defaults: TTL 64, no fragment, no options, all else zero. */
export type Ipv4Fields = Partial<Ipv4Packet> & Pick<Ipv4Packet, 'protocol' | 'source' | 'destination' | 'payload'>;

const NO_OPTIONS = new Uint8Array(0);

/**
 * Reads one packet, which must be there exactly: what a link added behind `ipv4.totalLength` is for the caller to
 * trim. A wrong header checksum is told, not refused. RFC 791 §3.1.
 * @throws DecodeError
 */
export function decodeIpv4(packet: Uint8Array): DecodedIpv4 {
  const octets = octetsView('packet', packet);
  const fault = ipv4.headerFault(octets, 0, octets.length);
  if (fault !== undefined) throw new DecodeError(fault, 0, 'ipv4');
  if (ipv4.totalLength(octets, 0) < octets.length)
    throw new DecodeError('leftover', ipv4.totalLength(octets, 0), 'ipv4');
  if (ipv4.reservedFlag(octets, 0)) throw new DecodeError('reserved', 6, 'ipv4');
  const headerOctets = ipv4.headerOctets(octets, 0);
  return {
    tos: ipv4.tos(octets, 0),
    identification: ipv4.identification(octets, 0),
    dontFragment: ipv4.dontFragment(octets, 0),
    moreFragments: ipv4.moreFragments(octets, 0),
    fragmentOffset: ipv4.fragmentOffset(octets, 0),
    ttl: ipv4.ttl(octets, 0),
    protocol: ipv4.protocol(octets, 0),
    source: ipv4.sourceOctets(octets, 0),
    destination: ipv4.destinationOctets(octets, 0),
    options: octets.subarray(ipv4.HEADER_OCTETS, headerOctets),
    payload: octets.subarray(headerOctets),
    headerChecksumOk: ipv4.headerChecksumOk(octets, 0),
  };
}

/**
 * A whole packet with its header checksum.
 * @throws RangeError when a field does not fit.
 */
export function encodeIpv4(fields: Ipv4Fields): OwnOctets {
  const { source, destination, payload, options = NO_OPTIONS, fragmentOffset = 0 } = fields;
  requireShape(source, destination, options, payload, fragmentOffset);
  const headerOctets = ipv4.HEADER_OCTETS + options.length;
  const writer = new Writer(headerOctets + payload.length);
  writer.u8(0x40 | (headerOctets >> 2), 'options');
  writer.u8(fields.tos ?? 0, 'tos');
  writer.u16(headerOctets + payload.length, 'total length');
  writer.u16(fields.identification ?? 0, 'identification');
  writer.u16(0, 'flags');
  writer.u8(fields.ttl ?? 64, 'ttl');
  writer.u8(fields.protocol, 'protocol');
  writer.u16(0, 'checksum');
  writer.octets(source, 'source');
  writer.octets(destination, 'destination');
  writer.octets(options, 'options');
  writer.octets(payload, 'payload');
  const octets = writer.finish();
  ipv4.setFragmentation(octets, 0, fields.dontFragment ?? false, fields.moreFragments ?? false, fragmentOffset);
  ipv4.setHeaderChecksum(octets, 0);
  return octets;
}

function requireShape(
  source: Uint8Array,
  destination: Uint8Array,
  options: Uint8Array,
  payload: Uint8Array,
  fragmentOffset: number,
): void {
  requireOctets('source', source);
  requireOctets('destination', destination);
  requireOctets('options', options);
  requireOctets('payload', payload);
  if (source.length !== IPV4_OCTETS) throw new RangeError('source must be 4 octets');
  if (destination.length !== IPV4_OCTETS) throw new RangeError('destination must be 4 octets');
  if (options.length % 4 !== 0 || options.length > ipv4.MAX_HEADER_OCTETS - ipv4.HEADER_OCTETS) {
    throw new RangeError('options must be 0 to 40 octets, a multiple of 4');
  }
  if (!(fragmentOffset % 8 === 0 && fragmentOffset >= 0 && fragmentOffset <= 0xfff8)) {
    throw new RangeError('fragmentOffset must be a multiple of 8 from 0 to 65528');
  }
}
