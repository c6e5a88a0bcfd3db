import { IPV6_OCTETS } from '../addresses/ipv6-text.ts';
import { type OwnOctets, requireOctets } from '../octets.ts';
import { Reader } from '../reader.ts';
import { requireInteger, Writer } from '../writer.ts';

/** Octets of the fixed header (RFC 8200 §3). */
export const IPV6_HEADER_OCTETS = 40;

/** An IPv6 packet (RFC 8200 §3). What is decoded are views of the packet. */
export interface Ipv6Packet {
  /** 8 bits: DSCP and ECN. */
  readonly trafficClass: number;
  /** 20 bits. */
  readonly flowLabel: number;
  /** Of an extension header or of the payload. */
  readonly nextHeader: number;
  /** 0 to 255. */
  readonly hopLimit: number;
  /** 16 octets. */
  readonly source: Uint8Array;
  /** 16 octets. */
  readonly destination: Uint8Array;
  /** All behind the fixed header, extension headers included: at most 65535 octets. */
  readonly payload: Uint8Array;
}

/**
 * Reads one packet, which `octets` must hold exactly.
 *
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |Version| Traffic Class |           Flow Label                  |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |         Payload Length        |  Next Header  |   Hop Limit   |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     +                         Source Address                        +
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     +                      Destination Address                      +
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * RFC 8200 §3.
 * @throws DecodeError
 */
export function decodeIpv6(octets: Uint8Array): Ipv6Packet {
  const reader = new Reader(octets, 'ipv6');
  const first = reader.u32();
  if (first >>> 28 !== 6) reader.fail('value', 0);
  const length = reader.u16();
  const nextHeader = reader.u8();
  const hopLimit = reader.u8();
  const source = reader.octets(IPV6_OCTETS);
  const destination = reader.octets(IPV6_OCTETS);
  const payload = reader.octets(length);
  reader.end();
  const trafficClass = (first >>> 20) & 0xff;
  const flowLabel = first & 0xfffff;
  return { trafficClass, flowLabel, nextHeader, hopLimit, source, destination, payload };
}

/** @throws RangeError when a field does not fit. */
export function encodeIpv6(packet: Ipv6Packet): OwnOctets {
  const { trafficClass, flowLabel, source, destination, payload } = packet;
  requireOctets('source', source);
  requireOctets('destination', destination);
  requireOctets('payload', payload);
  if (source.length !== IPV6_OCTETS) throw new RangeError('source must be 16 octets');
  if (destination.length !== IPV6_OCTETS) throw new RangeError('destination must be 16 octets');
  requireInteger(trafficClass, 0xff, 'trafficClass');
  requireInteger(flowLabel, 0xfffff, 'flowLabel');
  const writer = new Writer(IPV6_HEADER_OCTETS + payload.length);
  writer.u32(((6 << 28) | (trafficClass << 20) | flowLabel) >>> 0, 'version');
  writer.u16(payload.length, 'length of payload');
  writer.u8(packet.nextHeader, 'nextHeader');
  writer.u8(packet.hopLimit, 'hopLimit');
  writer.octets(source, 'source');
  writer.octets(destination, 'destination');
  writer.octets(payload, 'payload');
  return writer.finish();
}
