import {
  classifyAtIkePort,
  classifyUdpEncapsulated,
  DecodeError,
  decodeUdp,
  formatAddress,
  type Instant,
  instant,
  ip,
  NAT_TRAVERSAL_PORT,
  NON_ESP_MARKER_OCTETS,
  NON_IKE_MARKER_OCTETS,
  PROTOCOL,
  Reassembler,
} from '@espalier/wire';
import type { Frame } from '../formats/reader.ts';
import { ipPacketIn } from '../links/link.ts';

/**
 * What of IPsec a frame carries. `source` and `destination` are `address:port`, `[address]:port` of IPv6, or an address
 * for bare ESP.
 */
export interface Carried {
  readonly kind: 'isakmp' | 'esp' | 'keepalive';
  readonly source: string;
  readonly destination: string;
  readonly octets: Uint8Array;
}

/** Where a datagram is ISAKMP, or by the first drafts of NAT traversal ESP behind a marker; at 4500 it is the other way. */
const ISAKMP_PORT = 500;

/** Takes frames in order and finds what belongs to IPsec in them. */
export class PacketFinder {
  readonly #reassembler = new Reassembler();

  /** Undefined for what is not IPsec, for a fragment whose datagram is not whole yet, and for a malformed packet. */
  find(frame: Frame): Carried | undefined {
    const packet = ipPacketIn(frame.linkType, frame.octets);
    if (packet === undefined) return undefined;
    try {
      return this.#findInIp(instant(frame.time * 1000), packet);
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
  }

  /** `padded`: a link may have added octets behind the packet. */
  #findInIp(now: Instant, padded: Uint8Array): Carried | undefined {
    const octets = ip.packetOctets(padded, 0, padded.length);
    if (octets < 0) return undefined;
    const result = this.#reassembler.accept(now, padded.subarray(0, octets));
    if (result.kind !== 'whole') return undefined;
    const { packet } = result;
    const payload = packet.subarray(ip.payloadAt(packet, 0, packet.length));
    const protocol = ip.protocol(packet, 0, packet.length);
    return findIn(protocol, payload, ip.sourceOctets(packet, 0), ip.destinationOctets(packet, 0));
  }
}

function findIn(protocol: number, payload: Uint8Array, from: Uint8Array, to: Uint8Array): Carried | undefined {
  const source = formatAddress(from);
  const destination = formatAddress(to);
  if (protocol === PROTOCOL.esp) return { kind: 'esp', source, destination, octets: payload };
  if (protocol !== PROTOCOL.udp) return undefined;
  const udp = decodeUdp(payload);
  const ends = { source: endPoint(source, udp.sourcePort), destination: endPoint(destination, udp.destinationPort) };
  const ports = [udp.sourcePort, udp.destinationPort];
  if (ports.includes(ISAKMP_PORT)) {
    const kind = classifyAtIkePort(udp.payload);
    if (kind === 'ike') return { kind: 'isakmp', ...ends, octets: udp.payload };
    return { kind, ...ends, octets: udp.payload.subarray(kind === 'esp' ? NON_IKE_MARKER_OCTETS : 0) };
  }
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

/** As URIs have it (RFC 3986 §3.2.2). */
function endPoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
