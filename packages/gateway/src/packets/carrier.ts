import type { Endpoint, Transmit } from '@espalier/ike';
import {
  type DecodedUdp,
  DecodeError,
  decodeUdp,
  encodeIpv4,
  encodeUdp,
  formatAddress,
  ipv4,
  PROTOCOL,
  parseAddress,
  readU16,
} from '@espalier/wire';
import type { Datagram } from './doors.ts';

/** Puts IKE messages, and keepalives, into IPv4 packets. */
export class DatagramCarrier {
  #identification = 0;

  wrap({ source, destination, octets }: Transmit): Uint8Array {
    const addresses = { source: parseAddress(source.address), destination: parseAddress(destination.address) };
    const ports = { sourcePort: source.port, destinationPort: destination.port };
    this.#identification = (this.#identification + 1) & 0xffff;
    return encodeIpv4({
      ...addresses,
      protocol: PROTOCOL.udp,
      identification: this.#identification,
      payload: encodeUdp({ ...ports, payload: octets }, addresses),
    });
  }
}

/** The datagram in a whole IPv4 packet; undefined when it is malformed or its checksum is wrong. */
export function unwrapDatagram(packet: Uint8Array): Datagram | undefined {
  const source = ipv4.sourceOctets(packet, 0);
  const destination = ipv4.destinationOctets(packet, 0);
  const udp = decodeOrUndefined(packet.subarray(ipv4.headerOctets(packet, 0)), { source, destination });
  if (udp === undefined || udp.checksum === 'bad') return undefined;
  return {
    source: { address: formatAddress(source), port: udp.sourcePort },
    destination: { address: formatAddress(destination), port: udp.destinationPort },
    octets: udp.payload,
  };
}

/** Where the UDP datagram in a whole IPv4 packet comes from. */
export function sourceOf(packet: Uint8Array): Endpoint {
  const address = formatAddress(ipv4.sourceOctets(packet, 0));
  return { address, port: readU16(packet, ipv4.headerOctets(packet, 0)) };
}

function decodeOrUndefined(...args: Parameters<typeof decodeUdp>): DecodedUdp | undefined {
  try {
    return decodeUdp(...args);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
