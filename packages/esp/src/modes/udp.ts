import { checksum, requireObject, UDP_HEADER_OCTETS, writeU16 } from '@espalier/wire';
import { within } from '../sa/arguments.ts';

/** Where the UDP header has its second port, its length and its checksum (RFC 768). */
const DESTINATION_AT = 2;
const LENGTH_AT = 4;
const CHECKSUM_AT = 6;

/** The ports that ESP in UDP goes between, 1 to 65535 (RFC 3948 §2.1). */
export interface UdpPorts {
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/**
 * The UDP header of every packet, its length still to be written; no octets without UDP. By hand: what encodes any datagram
 * would be a hundredth of what a page loads.
 * @throws RangeError for a port that is none; TypeError for what is no object.
 */
export function udpTemplate(argument: string, ports: UdpPorts | undefined): Uint8Array {
  if (ports === undefined) return new Uint8Array(0);
  requireObject(argument, ports);
  within(`${argument}.sourcePort`, ports.sourcePort, 1, 0xffff);
  within(`${argument}.destinationPort`, ports.destinationPort, 1, 0xffff);
  const header = new Uint8Array(UDP_HEADER_OCTETS);
  writeU16(header, 0, ports.sourcePort);
  writeU16(header, DESTINATION_AT, ports.destinationPort);
  return header;
}

/** Octets of header and payload. */
export function setUdpLength(memory: Uint8Array, udpAt: number, octets: number): void {
  writeU16(memory, udpAt + LENGTH_AT, octets);
}

/** The checksum of the datagram that ends before `end`, its field being 0; `initial` is the sum of the pseudo-header. */
export function setUdpChecksum(memory: Uint8Array, udpAt: number, end: number, initial: number): void {
  const sum = checksum(memory, udpAt, end, initial);
  writeU16(memory, udpAt + CHECKSUM_AT, sum === 0 ? 0xffff : sum);
}
