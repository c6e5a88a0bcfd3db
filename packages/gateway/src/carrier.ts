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
} from '@espalier/wire';

/** A UDP datagram as it arrived in an IPv4 packet. */
export interface CarriedDatagram {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly payload: Uint8Array;
}

/** Puts IKE messages into IPv4 packets. */
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
export function unwrapDatagram(packet: Uint8Array): CarriedDatagram | undefined {
  const source = ipv4.sourceOctets(packet, 0);
  const destination = ipv4.destinationOctets(packet, 0);
  const udp = decodeOrUndefined(packet.subarray(ipv4.headerOctets(packet, 0)), { source, destination });
  if (udp === undefined || udp.checksum === 'bad') return undefined;
  return {
    from: { address: formatAddress(source), port: udp.sourcePort },
    to: { address: formatAddress(destination), port: udp.destinationPort },
    payload: udp.payload,
  };
}

function decodeOrUndefined(...args: Parameters<typeof decodeUdp>): DecodedUdp | undefined {
  try {
    return decodeUdp(...args);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
