import {
  ahSignedSpi,
  classifyAtIkePort,
  DecodeError,
  decodeIcmp,
  decodeIcmpv6,
  ESP_HEADER_OCTETS,
  espSignedSpi,
  IPV6_HEADER_OCTETS,
  ip,
  ipv4,
  NON_IKE_MARKER_OCTETS,
  PROTOCOL,
  readU16,
  UDP_HEADER_OCTETS,
  UNREACHABLE,
} from '@espalier/wire';

/** What a router says of an ESP or AH packet that was too large for the next link. Anyone can say so (RFC 4301 §8.2.1). */
export interface PathNews {
  /** Octets, as the router has it; 0 where it does not say (RFC 1191 §5). */
  readonly mtu: number;
  /** The outer addresses of the packet that it quotes: 4 or 16 octets. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** The ports, if ESP was in UDP. */
  readonly ports: { readonly source: number; readonly destination: number } | undefined;
  /** What the packet was outermost. */
  readonly protocol: 'esp' | 'ah';
  /** With a sign: `spi | 0`. */
  readonly spi: number;
}

/** Reads a whole packet of ICMP or ICMPv6; undefined unless it is such news about ESP or AH. */
export function readPathNews(packet: Uint8Array): PathNews | undefined {
  const tooBig = decodeOrUndefined(packet);
  return tooBig && readQuoted(tooBig.original, tooBig.mtu);
}

function decodeOrUndefined(packet: Uint8Array): { readonly mtu: number; readonly original: Uint8Array } | undefined {
  const payload = packet.subarray(ip.payloadAt(packet, 0, packet.length));
  try {
    if (ip.version(packet, 0) === 4) {
      const message = decodeIcmp(payload);
      const isTooBig = message.kind === 'destination-unreachable' && message.code === UNREACHABLE.fragmentationNeeded;
      return isTooBig ? { mtu: message.nextHopMtu, original: message.original } : undefined;
    }
    const addresses = { source: ip.sourceOctets(packet, 0), destination: ip.destinationOctets(packet, 0) };
    const message = decodeIcmpv6(payload, addresses);
    return message.kind === 'packet-too-big' ? message : undefined;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** That every router quotes (RFC 792): of ESP its SPI and number, of AH as much as its SPI. */
const QUOTED_OCTETS = ESP_HEADER_OCTETS;

/** The beginning of a packet, as much as the router quoted. */
function readQuoted(quoted: Uint8Array, mtu: number): PathNews | undefined {
  const leastOctets = ip.version(quoted, 0) === 4 ? ipv4.HEADER_OCTETS : IPV6_HEADER_OCTETS;
  if (quoted.length < leastOctets || ip.isFragment(quoted, 0, quoted.length)) return undefined;
  const protocol = ip.protocol(quoted, 0, quoted.length);
  const at = ip.payloadAt(quoted, 0, quoted.length);
  const inUdp = protocol === PROTOCOL.udp;
  const payloadAt = inUdp ? at + UDP_HEADER_OCTETS : at;
  const isMarked = inUdp && classifyAtIkePort(quoted, payloadAt) === 'esp';
  const espAt = isMarked ? payloadAt + NON_IKE_MARKER_OCTETS : payloadAt;
  const isAh = protocol === PROTOCOL.ah;
  const isOurs = inUdp || isAh || protocol === PROTOCOL.esp;
  if (at < leastOctets || !isOurs || quoted.length < espAt + QUOTED_OCTETS) return undefined;
  return {
    mtu,
    source: ip.sourceOctets(quoted, 0),
    destination: ip.destinationOctets(quoted, 0),
    ports: inUdp ? { source: readU16(quoted, at), destination: readU16(quoted, at + 2) } : undefined,
    protocol: isAh ? 'ah' : 'esp',
    spi: isAh ? ahSignedSpi(quoted, at) : espSignedSpi(quoted, espAt),
  };
}
