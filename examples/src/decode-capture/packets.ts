import {
  classifyUdpEncapsulated,
  DecodeError,
  decodeIpv4,
  decodeIpv6,
  decodeUdp,
  formatAddress,
  type Instant,
  instant,
  ipv4,
  NAT_TRAVERSAL_PORT,
  NON_ESP_MARKER_OCTETS,
  PROTOCOL,
  Reassembler,
} from '@espalier/wire';
import { ipPacketIn } from '../capture/link.ts';
import type { Frame } from '../capture/reader.ts';

/** What of IPsec a frame carries. `source` and `destination` are `address:port`, or an address for bare ESP. */
export interface Carried {
  readonly kind: 'isakmp' | 'esp' | 'keepalive';
  readonly source: string;
  readonly destination: string;
  readonly octets: Uint8Array;
}

/** Ports on which a datagram is ISAKMP (500), or ISAKMP behind a marker or ESP (4500). */
const ISAKMP_PORT = 500;

/** Takes frames in order and finds what belongs to IPsec in them. */
export class PacketFinder {
  readonly #reassembler = new Reassembler();

  /** Undefined for what is not IPsec, for a fragment whose datagram is not whole yet, and for a malformed packet. */
  find(frame: Frame): Carried | undefined {
    const packet = ipPacketIn(frame.linkType, frame.octets);
    if (packet === undefined) return undefined;
    try {
      return (packet[0] ?? 0) >> 4 === 6
        ? this.#findInIpv6(packet)
        : this.#findInIpv4(instant(frame.time * 1000), packet);
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
  }

  #findInIpv4(now: Instant, padded: Uint8Array): Carried | undefined {
    if (padded.length < ipv4.HEADER_OCTETS) return undefined;
    const result = this.#reassembler.accept(now, padded.subarray(0, ipv4.totalLength(padded, 0)));
    if (result.kind !== 'whole') return undefined;
    const { source, destination, protocol, payload } = decodeIpv4(result.packet);
    return findIn(protocol, payload, source, destination);
  }

  #findInIpv6(padded: Uint8Array): Carried | undefined {
    if (padded.length < 40) return undefined;
    const octets = 40 + (((padded[4] ?? 0) << 8) | (padded[5] ?? 0));
    const { source, destination, nextHeader, payload } = decodeIpv6(padded.subarray(0, octets));
    return findIn(nextHeader, payload, source, destination);
  }
}

function findIn(protocol: number, payload: Uint8Array, from: Uint8Array, to: Uint8Array): Carried | undefined {
  const source = formatAddress(from);
  const destination = formatAddress(to);
  if (protocol === PROTOCOL.esp) return { kind: 'esp', source, destination, octets: payload };
  if (protocol !== PROTOCOL.udp) return undefined;
  const udp = decodeUdp(payload);
  const ends = { source: `${source}:${udp.sourcePort}`, destination: `${destination}:${udp.destinationPort}` };
  const ports = [udp.sourcePort, udp.destinationPort];
  if (ports.includes(ISAKMP_PORT)) return { kind: 'isakmp', ...ends, octets: udp.payload };
  if (!ports.includes(NAT_TRAVERSAL_PORT)) return undefined;
  switch (classifyUdpEncapsulated(udp.payload)) {
    case 'keepalive':
      return { kind: 'keepalive', ...ends, octets: udp.payload };
    case 'ike':
      return { kind: 'isakmp', ...ends, octets: udp.payload.subarray(NON_ESP_MARKER_OCTETS) };
    case 'esp':
      return { kind: 'esp', ...ends, octets: udp.payload };
    case 'malformed':
      return undefined;
  }
}
