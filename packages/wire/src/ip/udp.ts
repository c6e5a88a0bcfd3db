import { writeU16 } from '../integers.ts';
import { type OwnOctets, requireObject, requireOctets } from '../octets.ts';
import { Reader } from '../reader.ts';
import { Writer } from '../writer.ts';
import { type AddressPair, checksum, pseudoHeaderSum } from './checksum.ts';
import { PROTOCOL } from './protocol.ts';

/** Octets of the header (RFC 768). */
export const UDP_HEADER_OCTETS = 8;

/** A UDP datagram (RFC 768). A decoded payload is a view. */
export interface UdpDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** At most 65527 octets. */
  readonly payload: Uint8Array;
}

/** A UDP datagram as it was received. */
export interface DecodedUdp extends UdpDatagram {
  /** `absent` when the sender computed none, `unverified` without the addresses that it covers. */
  readonly checksum: 'absent' | 'good' | 'bad' | 'unverified';
}

/**
 * Reads one datagram, which `octets` must hold exactly. A wrong checksum is told, not refused.
 *
 *      0      7 8     15 16    23 24    31
 *     +--------+--------+--------+--------+
 *     |   Source Port   | Destination Port|
 *     +--------+--------+--------+--------+
 *     |     Length      |    Checksum     |
 *     +--------+--------+--------+--------+
 *
 * RFC 768.
 * @throws DecodeError
 */
export function decodeUdp(octets: Uint8Array, addresses?: AddressPair): DecodedUdp {
  const reader = new Reader(octets, 'udp');
  const sourcePort = reader.u16();
  const destinationPort = reader.u16();
  const length = reader.u16();
  if (length < UDP_HEADER_OCTETS) reader.fail('length', 4);
  const sum = reader.u16();
  const payload = reader.octets(length - UDP_HEADER_OCTETS);
  reader.end();
  return { sourcePort, destinationPort, payload, checksum: verify(octets, sum, addresses) };
}

/**
 * A datagram with a checksum over `addresses`, or with none (zero) when they are not given, as RFC 3948 §2.1 wants it
 * around ESP.
 * @throws RangeError when a field does not fit.
 */
export function encodeUdp(datagram: UdpDatagram, addresses?: AddressPair): OwnOctets {
  requireObject('datagram', datagram);
  requireOctets('payload', datagram.payload);
  const writer = new Writer(UDP_HEADER_OCTETS + datagram.payload.length);
  writer.u16(datagram.sourcePort, 'sourcePort');
  writer.u16(datagram.destinationPort, 'destinationPort');
  writer.u16(UDP_HEADER_OCTETS + datagram.payload.length, 'length of payload');
  writer.u16(0, 'checksum');
  writer.octets(datagram.payload, 'payload');
  const octets = writer.finish();
  if (addresses !== undefined) {
    const sum = checksum(octets, 0, octets.length, pseudoHeaderSum(addresses, PROTOCOL.udp, octets.length));
    writeU16(octets, 6, sum === 0 ? 0xffff : sum);
  }
  return octets;
}

function verify(octets: Uint8Array, sum: number, addresses: AddressPair | undefined): DecodedUdp['checksum'] {
  if (sum === 0) return 'absent';
  if (addresses === undefined) return 'unverified';
  return checksum(octets, 0, octets.length, pseudoHeaderSum(addresses, PROTOCOL.udp, octets.length)) === 0
    ? 'good'
    : 'bad';
}
