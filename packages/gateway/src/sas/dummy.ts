import { encodeIpv4, encodeIpv6, IPV4_OCTETS, IPV6_HEADER_OCTETS, ipv4, PROTOCOL } from '@espalier/wire';

/** A packet of no content between two addresses of one family, of `octets`, or of its header alone where that is more. */
export function dummyPacket(source: Uint8Array, destination: Uint8Array, octets: number): Uint8Array {
  if (source.length === IPV4_OCTETS) {
    const payload = new Uint8Array(Math.max(0, octets - ipv4.HEADER_OCTETS));
    return encodeIpv4({ source, destination, protocol: PROTOCOL.none, payload });
  }
  const payload = new Uint8Array(Math.max(0, octets - IPV6_HEADER_OCTETS));
  const header = { trafficClass: 0, flowLabel: 0, hopLimit: 64, nextHeader: PROTOCOL.none };
  return encodeIpv6({ ...header, source, destination, payload });
}
