import type { Endpoint, Transmit } from '@espalier/ike';
import {
  type DecodedUdp,
  DecodeError,
  decodeUdp,
  encodeIpv4,
  encodeIpv6,
  encodeUdp,
  formatAddress,
  fragmentIpv6,
  IPV4_OCTETS,
  IPV6_MIN_MTU,
  ip,
  NAT_TRAVERSAL_PORT,
  PROTOCOL,
  parseAddress,
  readU16,
} from '@espalier/wire';
import type { Datagram } from './doors.ts';

const HOP_LIMIT = 64;

/** Puts IKE messages, and keepalives, into IP packets. */
export class DatagramCarrier {
  #identification = 0;

  /** One packet; several of IPv6 when it is longer than what every link carries, for routers fragment none. */
  wrap({ source, destination, octets }: Transmit): readonly Uint8Array[] {
    const addresses = { source: parseAddress(source.address), destination: parseAddress(destination.address) };
    const ports = { sourcePort: source.port, destinationPort: destination.port };
    const payload = encodeUdp({ ...ports, payload: octets }, addresses);
    this.#identification = (this.#identification + 1) & 0xffff;
    const identification = this.#identification;
    if (addresses.source.length === IPV4_OCTETS) {
      return [encodeIpv4({ ...addresses, protocol: PROTOCOL.udp, identification, payload })];
    }
    const header = { trafficClass: 0, flowLabel: 0, nextHeader: PROTOCOL.udp, hopLimit: HOP_LIMIT };
    return fragmentIpv6(encodeIpv6({ ...header, ...addresses, payload }), IPV6_MIN_MTU, identification);
  }
}

/**
 * The datagram in a whole IP packet; undefined when it is malformed, or its checksum is wrong. Over IPv6 there must be
 * one (RFC 8200 §8.1), but on port 4500, where IKE and ESP bring hashes of their own (RFC 6935 §5).
 */
export function unwrapDatagram(packet: Uint8Array, udpAt: number): Datagram | undefined {
  const source = ip.sourceOctets(packet, 0);
  const destination = ip.destinationOctets(packet, 0);
  const udp = decodeOrUndefined(packet.subarray(udpAt), { source, destination });
  if (udp === undefined || udp.checksum === 'bad') return undefined;
  const mayLackChecksum = source.length === IPV4_OCTETS || udp.destinationPort === NAT_TRAVERSAL_PORT;
  if (udp.checksum === 'absent' && !mayLackChecksum) return undefined;
  return {
    source: { address: formatAddress(source), port: udp.sourcePort },
    destination: { address: formatAddress(destination), port: udp.destinationPort },
    octets: udp.payload,
  };
}

/** The packet that a datagram came in, as far as its addresses and ports tell. */
export function packetAround({ source, destination, octets }: Datagram): Uint8Array {
  const addresses = { source: parseAddress(source.address), destination: parseAddress(destination.address) };
  const datagram = { sourcePort: source.port, destinationPort: destination.port, payload: octets };
  const payload = encodeUdp(datagram, addresses);
  if (addresses.source.length === IPV4_OCTETS) return encodeIpv4({ ...addresses, protocol: PROTOCOL.udp, payload });
  const header = { trafficClass: 0, flowLabel: 0, nextHeader: PROTOCOL.udp, hopLimit: HOP_LIMIT };
  return encodeIpv6({ ...header, ...addresses, payload });
}

/** Where the UDP datagram at `udpAt` of an IP packet comes from. */
export function sourceOf(packet: Uint8Array, udpAt: number): Endpoint {
  return { address: formatAddress(ip.sourceOctets(packet, 0)), port: readU16(packet, udpAt) };
}

function decodeOrUndefined(...args: Parameters<typeof decodeUdp>): DecodedUdp | undefined {
  try {
    return decodeUdp(...args);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
