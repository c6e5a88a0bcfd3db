import { encodeIpv4, encodeIpv6, encodeUdp, parseAddress } from '@espalier/wire';

/** Hosts of one family, and the gateways before them. */
const HOSTS = {
  4: { source: '10.1.12.2', destination: '10.1.56.2' },
  6: { source: 'fd12::2', destination: 'fd56::2' },
} as const;

export const GATEWAYS = {
  4: { source: '10.1.15.1', destination: '10.1.15.2' },
  6: { source: 'fd15::1', destination: 'fd15::2' },
} as const;

/** A datagram between two hosts, whole. */
export function datagram(family: 4 | 6, octets: number): Uint8Array {
  const source = parseAddress(HOSTS[family].source);
  const destination = parseAddress(HOSTS[family].destination);
  const payload = Uint8Array.from({ length: octets }, (_, i) => i * 7 + octets);
  const udp = encodeUdp({ sourcePort: 4000, destinationPort: 4001, payload }, { source, destination });
  return family === 4
    ? encodeIpv4({ protocol: 17, source, destination, payload: udp })
    : encodeIpv6({ trafficClass: 0, flowLabel: 0, nextHeader: 17, hopLimit: 64, source, destination, payload: udp });
}
