import {
  DecodeError,
  decodeIpv4,
  decodeIpv6,
  decodeUdp,
  encodeIpv4,
  encodeIpv6,
  encodeUdp,
  formatAddress,
  ip,
  type OwnOctets,
  PROTOCOL,
  parseAddress,
} from '@espalier/wire';

/** The payload of a UDP datagram, and between whom it goes; addresses in text. */
export interface Datagram {
  readonly source: { readonly address: string; readonly port: number };
  readonly destination: { readonly address: string; readonly port: number };
  readonly octets: Uint8Array;
}

const HOP_LIMIT = 64;
const IPV4_OCTETS = 4;

/** The IP packet in which a socket sends a datagram, with a checksum. `identification`: of IPv4, 16 bits; default 0. */
export function packetAround({ source, destination, octets }: Datagram, identification = 0): OwnOctets {
  const addresses = { source: parseAddress(source.address), destination: parseAddress(destination.address) };
  const datagram = { sourcePort: source.port, destinationPort: destination.port, payload: octets };
  const payload = encodeUdp(datagram, addresses);
  if (addresses.source.length === IPV4_OCTETS) {
    return encodeIpv4({ ...addresses, identification, protocol: PROTOCOL.udp, payload });
  }
  const header = { trafficClass: 0, flowLabel: 0, nextHeader: PROTOCOL.udp, hopLimit: HOP_LIMIT };
  return encodeIpv6({ ...header, ...addresses, payload });
}

/** The datagram in a whole IP packet; undefined where there is none, it is a fragment, or a checksum is wrong. */
export function datagramIn(packet: Uint8Array): Datagram | undefined {
  const end = ip.packetOctets(packet, 0, packet.length);
  if (end < 0 || !ip.headerChecksumOk(packet, 0) || ip.isFragment(packet, 0, end)) return undefined;
  if (ip.protocol(packet, 0, end) !== PROTOCOL.udp) return undefined;
  try {
    const { source, destination, payload } = decoded(packet.subarray(0, end));
    const udp = decodeUdp(payload, { source, destination });
    if (udp.checksum === 'bad') return undefined;
    return {
      source: { address: formatAddress(source), port: udp.sourcePort },
      destination: { address: formatAddress(destination), port: udp.destinationPort },
      octets: udp.payload,
    };
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function decoded(packet: Uint8Array): ReturnType<typeof decodeIpv4> | ReturnType<typeof decodeIpv6> {
  return ip.version(packet, 0) === IPV4_OCTETS ? decodeIpv4(packet) : decodeIpv6(packet);
}

/** Where a packet goes to, in text; undefined where it is none. */
export function destinationOf(packet: Uint8Array): string | undefined {
  if (ip.packetOctets(packet, 0, packet.length) < 0) return undefined;
  return formatAddress(ip.destinationOctets(packet, 0));
}

/** One line about a packet for a log: between whom, what, how many octets. */
export function describePacket(packet: Uint8Array): string {
  const end = ip.packetOctets(packet, 0, packet.length);
  if (end < 0) return `${packet.length} octets that are no packet`;
  const ends = `${formatAddress(ip.sourceOctets(packet, 0))} > ${formatAddress(ip.destinationOctets(packet, 0))}`;
  if (ip.isFragment(packet, 0, end)) return `${ends} fragment, ${end} octets`;
  const protocol = ip.protocol(packet, 0, end);
  const at = ip.payloadAt(packet, 0, end);
  if (at < 0) return `${ends} broken headers, ${end} octets`;
  const word = (offset: number): number => ((packet[offset] ?? 0) << 8) | (packet[offset + 1] ?? 0);
  const double = (offset: number): number => word(offset) * 0x10000 + word(offset + 2);
  const esp = (offset: number): string => `ESP ${hex(double(offset), 8)} #${double(offset + 4)}`;
  if (protocol === PROTOCOL.esp) return `${ends} ${esp(at)}, ${end} octets`;
  if (protocol === PROTOCOL.ah) return `${ends} AH ${hex(double(at + 4), 8)} #${double(at + 8)}, ${end} octets`;
  if (protocol !== PROTOCOL.udp) return `${ends} protocol ${protocol}, ${end} octets`;
  const [from, to] = [word(at), word(at + 2)];
  const isFloated = from === 4500 || to === 4500;
  const inUdp = at + 8;
  if (isFloated && end === inUdp + 1) return `${ends} keepalive`;
  if (isFloated && double(inUdp) !== 0) return `${ends} :${from} > :${to} ${esp(inUdp)}, ${end} octets`;
  const isakmp = inUdp + (isFloated ? 4 : 0);
  const exchange = packet[isakmp + 18];
  return `${ends} :${from} > :${to} exchange ${exchange} id ${hex(double(isakmp + 20), 8)}, ${end} octets`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
