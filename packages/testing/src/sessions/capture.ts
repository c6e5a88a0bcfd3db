import {
  encodeIpv4,
  encodeIpv6,
  encodeUdp,
  type Ipv4Packet,
  type OwnOctets,
  PROTOCOL,
  parseAddress,
} from '@espalier/wire';
import { espLine, ikeLine } from '../wireshark/key-tables.ts';
import { pcapOf } from '../wireshark/pcap.ts';
import type { Session } from './session.ts';
import { SIDES } from './specification.ts';

const HOPS = 64;
const IPV4_OCTETS = 4;

/** A session as files that Wireshark opens. */
export interface SessionCapture {
  /** What was delivered, as it arrived: a pcap file. */
  readonly pcap: OwnOctets;
  /** Wireshark's table of the keys of IKE SAs: what is in the messages is shown with it. */
  readonly ikev1DecryptionTable: string;
  /** Likewise of children. */
  readonly espSa: string;
}

/** The transcript of a session with all keys, those of both ends where they differ. */
export function captureOf({ delivered, ends }: Session): SessionCapture {
  const packets = delivered.map(({ source, destination, arrives, delivered: octets }, index) => {
    const between = { source: parseAddress(source.address), destination: parseAddress(destination.address) };
    const ports = { sourcePort: source.port, destinationPort: destination.port };
    const payload = encodeUdp({ ...ports, payload: octets }, between);
    return { at: arrives, packet: packetOf({ ...between, identification: index & 0xffff, payload }) };
  });
  const books = SIDES.flatMap((side) => ends[side].keys ?? []);
  const esp = books.flatMap(({ children }) => children.flatMap((entry) => (entry.kind === 'esp' ? [entry] : [])));
  return {
    pcap: pcapOf(packets),
    ikev1DecryptionTable: table(books.flatMap(({ ikeSas }) => ikeSas.map(ikeLine))),
    espSa: table(esp.flatMap((entry) => espLine(entry) ?? [])),
  };
}

function packetOf(datagram: Pick<Ipv4Packet, 'source' | 'destination' | 'identification' | 'payload'>): OwnOctets {
  const { source, destination, payload } = datagram;
  if (source.length === IPV4_OCTETS) return encodeIpv4({ ...datagram, protocol: PROTOCOL.udp, ttl: HOPS });
  const fields = { source, destination, trafficClass: 0, flowLabel: 0, nextHeader: PROTOCOL.udp, hopLimit: HOPS };
  return encodeIpv6({ ...fields, payload });
}

/** Each line once. */
function table(lines: readonly string[]): string {
  return [...new Set(lines)].map((line) => `${line}\n`).join('');
}
