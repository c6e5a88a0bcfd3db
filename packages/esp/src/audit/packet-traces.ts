import { formatAddress, ip, PROTOCOL, readU32, UDP_HEADER_OCTETS } from '@espalier/wire';

/** What an audit log is told of a packet (RFC 4303 §3.4); what there is not is undefined. No keys, no payload. */
export interface PacketTraces {
  readonly spi: number | undefined;
  /** Addresses of the outer header, in text. */
  readonly source: string | undefined;
  readonly destination: string | undefined;
  /** As the packet carries it: the low 32 bits. */
  readonly sequence: number | undefined;
  /** Of IPv6. */
  readonly flowLabel: number | undefined;
}

/** From the SPI to the sequence number. */
const SEQUENCE_AT = 4;
const SPI_IN_ESP = 0;
const SPI_IN_AH = 4;

/** The traces of the IP packet at `at`, or what is left of one, which ends before `end`: it may be anything. */
export function packetTraces(memory: Uint8Array, at: number, end: number): PacketTraces {
  if (ip.packetOctets(memory, at, end) < 0) return NO_TRACES;
  const isIpv6 = ip.version(memory, at) === 6;
  return {
    ...headerTraces(memory, spiAt(memory, at, end), end),
    source: formatAddress(ip.sourceOctets(memory, at)),
    destination: formatAddress(ip.destinationOctets(memory, at)),
    flowLabel: isIpv6 ? ip.flowLabel(memory, at) : undefined,
  };
}

/** The traces of what begins with an SPI at `at`, and came without an IP header. */
export function espTraces(
  memory: Uint8Array,
  at: number,
  end: number,
  ends: { readonly source: string; readonly destination: string },
): PacketTraces {
  const { source, destination } = ends;
  return { ...headerTraces(memory, at, end), source, destination, flowLabel: undefined };
}

const NO_TRACES: PacketTraces = {
  spi: undefined,
  source: undefined,
  destination: undefined,
  sequence: undefined,
  flowLabel: undefined,
};

function headerTraces(memory: Uint8Array, at: number, end: number): Pick<PacketTraces, 'spi' | 'sequence'> {
  if (at < 0 || at + SEQUENCE_AT + 4 > end) return { spi: undefined, sequence: undefined };
  return { spi: readU32(memory, at), sequence: readU32(memory, at + SEQUENCE_AT) };
}

/** Where a whole IP packet has its SPI; below 0 where it has none, or in another fragment. */
function spiAt(memory: Uint8Array, at: number, end: number): number {
  if (ip.fragmentOffset(memory, at, end) !== 0) return -1;
  const payloadAt = ip.payloadAt(memory, at, end);
  if (payloadAt < 0) return -1;
  switch (ip.protocol(memory, at, end)) {
    case PROTOCOL.esp:
      return payloadAt + SPI_IN_ESP;
    case PROTOCOL.ah:
      return payloadAt + SPI_IN_AH;
    case PROTOCOL.udp:
      return payloadAt + UDP_HEADER_OCTETS;
    default:
      return -1;
  }
}
