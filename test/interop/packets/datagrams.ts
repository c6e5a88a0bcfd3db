import {
  type AddressPair,
  concat,
  encodeIpv4,
  encodeIpv6,
  encodeUdp,
  fromHex,
  PROTOCOL,
  parseAddress,
} from '@espalier/wire';

/** Hosts of one family, and the gateways before them. */
const HOSTS = {
  4: { source: '10.1.12.2', destination: '10.1.56.2' },
  6: { source: 'fd12::2', destination: 'fd56::2' },
} as const;

export const GATEWAYS = {
  4: { source: '10.1.15.1', destination: '10.1.15.2' },
  6: { source: 'fd15::1', destination: 'fd15::2' },
} as const;

/** Router alert, then record route with room for two addresses, and the end of the list (RFC 791, RFC 2113). */
const OPTIONS = fromHex('94040000070b04000000000000000000');
/** Hop-by-hop: router alert, and padding (RFC 2711); what follows is UDP. */
const HOP_BY_HOP = fromHex('1100050200000100');

/** A datagram between two hosts, whole. */
export function datagram(family: 4 | 6, octets: number): Uint8Array {
  const udp = udpOf(family, octets);
  return family === 4
    ? encodeIpv4({ ...addressesOf(4), protocol: PROTOCOL.udp, payload: udp })
    : encodeIpv6({ ...addressesOf(6), ...IPV6, nextHeader: PROTOCOL.udp, payload: udp });
}

/** The same with IPv4 options, or with an IPv6 extension header. */
export function datagramWithOptions(family: 4 | 6, octets: number): Uint8Array {
  const udp = udpOf(family, octets);
  return family === 4
    ? encodeIpv4({ ...addressesOf(4), protocol: PROTOCOL.udp, options: OPTIONS, payload: udp })
    : encodeIpv6({ ...addressesOf(6), ...IPV6, nextHeader: 0, payload: concat(HOP_BY_HOP, udp) });
}

const IPV6 = { trafficClass: 0, flowLabel: 0, hopLimit: 64 };

function addressesOf(family: 4 | 6): AddressPair {
  const { source, destination } = HOSTS[family];
  return { source: parseAddress(source), destination: parseAddress(destination) };
}

function udpOf(family: 4 | 6, octets: number): Uint8Array {
  const payload = Uint8Array.from({ length: octets }, (_, i) => i * 7 + octets);
  return encodeUdp({ sourcePort: 4000, destinationPort: 4001, payload }, addressesOf(family));
}
