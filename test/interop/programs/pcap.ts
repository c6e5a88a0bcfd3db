import { readFileSync } from 'node:fs';

export interface SeenDatagram {
  readonly port: 500 | 4500;
  readonly octets: Buffer;
}

const FILE_HEADER_OCTETS = 24;
const RECORD_HEADER_OCTETS = 16;
const ETHERNET_OCTETS = 14;
const UDP_HEADER_OCTETS = 8;

/** Whole IKE and ESP datagrams to `target` in a little-endian pcap file of Ethernet frames, as tcpdump writes here. */
export function readUdp(file: string, target: string): SeenDatagram[] {
  const octets = readFileSync(file);
  const seen: SeenDatagram[] = [];
  let at = FILE_HEADER_OCTETS;
  while (at + RECORD_HEADER_OCTETS <= octets.length) {
    const captured = octets.readUInt32LE(at + 8);
    const frame = octets.subarray(at + RECORD_HEADER_OCTETS, at + RECORD_HEADER_OCTETS + captured);
    at += RECORD_HEADER_OCTETS + captured;
    const datagram = udpOf(frame, target);
    if (datagram !== undefined) seen.push(datagram);
  }
  return seen;
}

function udpOf(frame: Buffer, target: string): SeenDatagram | undefined {
  const ip = frame.subarray(ETHERNET_OCTETS);
  if (ip.length < 20 || ip.readUInt16BE(6) & 0x3fff || ip[9] !== 17) return undefined;
  if ([...ip.subarray(16, 20)].join('.') !== target) return undefined;
  const udp = ip.subarray(((ip[0] ?? 0) & 15) * 4, ip.readUInt16BE(2));
  if (udp.length < UDP_HEADER_OCTETS) return undefined;
  const port = udp.readUInt16BE(2);
  const octets = udp.subarray(UDP_HEADER_OCTETS);
  return port === 500 || port === 4500 ? { port, octets } : undefined;
}
