import type { Rng } from '@espalier/crypto';
import {
  concat,
  IPV4_OCTETS,
  IPV6_HEADER_OCTETS,
  ip,
  ipv4,
  PROTOCOL,
  pseudoHeaderSum,
  readU16,
  readU32,
  requireMembers,
  requireObject,
  writeU16,
  writeU32,
} from '@espalier/wire';
import { addressOf, oneOf, within } from '../sa/arguments.ts';
import { OuterTos } from './tos.ts';
import { setUdpChecksum, setUdpLength, type UdpPorts, udpTemplate } from './udp.ts';

/** Where the IPv6 header has its payload's length, what follows, its hop limit and its addresses (RFC 8200 §3). */
const IPV6_LENGTH_AT = 4;
const IPV6_NEXT_HEADER_AT = 6;
const IPV6_HOP_LIMIT_AT = 7;
const IPV6_SOURCE_AT = 8;
const VERSION_6 = 6 << 28;

/** The outer header of a tunnel (RFC 4301 §5.1.2). */
export interface OuterHeaderOptions {
  /** Addresses in text, both of one family. */
  readonly source: string;
  readonly destination: string;
  /** TTL or hop limit: 1 to 255, or that of the inner packet. Default 64. */
  readonly ttl?: number | 'copy';
  /** Don't Fragment of an IPv4 header; an inner IPv6 packet counts as having it set. Default `copy`. */
  readonly df?: 'clear' | 'set' | 'copy';
  /** Differentiated services code point: 0 to 63, or that of the inner packet. Default `copy`. */
  readonly dscp?: number | 'copy';
  /**
   * Explicit Congestion Notification (RFC 6040 §4.1): as inside, or in `compatibility` mode none, for a far end that would
   * lose the mark. Default `normal`.
   */
  readonly ecn?: 'normal' | 'compatibility';
  /**
   * Flow label of an IPv6 header: 0 to 0xfffff, or that of the inner packet, which is 0 for one of IPv4. Default 0: it tells
   * nobody which flows there are (RFC 6437 §3).
   */
  readonly flowLabel?: number | 'copy';
  /** First identification of an IPv4 header; it counts up by one a packet. Default: random. */
  readonly identification?: number;
  /**
   * Encapsulate in UDP between these ports. Over IPv4 the checksum is zero, none (RFC 3948 §2.1); over IPv6 there is one,
   * for hosts refuse datagrams without (RFC 8200 §8.1) unless they were told not to (RFC 6935 §5). Default: not in UDP.
   */
  readonly udp?: UdpPorts;
}

const MEMBERS: Readonly<Record<keyof OuterHeaderOptions, true>> = {
  source: true,
  destination: true,
  ttl: true,
  df: true,
  dscp: true,
  ecn: true,
  flowLabel: true,
  identification: true,
  udp: true,
};

/** Writes the outer headers of one SA. */
export interface OuterHeader {
  readonly family: 4 | 6;
  readonly octets: number;
  /** Of the longest packet that begins with it. */
  readonly mostOctets: number;
  /** Whether `cover` has something to do. */
  readonly coversPayload: boolean;
  /** Writes the header at `at` of a packet of `packetOctets`, for the inner packet that lies in clear at `innerAt`. */
  write(memory: Uint8Array, at: number, packetOctets: number, innerAt: number): void;
  /** Writes the checksum of the UDP datagram in the packet at `at`, whose payload is sealed by now. */
  cover(memory: Uint8Array, at: number, packetOctets: number): void;
}

/**
 * @param protocol What follows, where that is not UDP.
 * @throws RangeError for a value out of bounds, or addresses that are none or of different families; TypeError for what is
 * no object, has another member, or is no text.
 */
export function createOuterHeader(options: OuterHeaderOptions, rng: Rng, protocol: number = PROTOCOL.esp): OuterHeader {
  requireObject('outer', options);
  requireMembers('outer', options, MEMBERS);
  const { ttl = 64, df = 'copy', dscp = 'copy', ecn = 'normal', flowLabel = 0 } = options;
  const { identification = random16(rng) } = options;
  if (ttl !== 'copy') within('outer.ttl', ttl, 1, 255);
  if (dscp !== 'copy') within('outer.dscp', dscp, 0, 63);
  if (flowLabel !== 'copy') within('outer.flowLabel', flowLabel, 0, 0xfffff);
  oneOf('outer.df', df, ['clear', 'set', 'copy']);
  oneOf('outer.ecn', ecn, ['normal', 'compatibility']);
  within('outer.identification', identification, 0, 0xffff);
  const source = addressOf('outer.source', options.source);
  const destination = addressOf('outer.destination', options.destination);
  if (source.length !== destination.length) throw new RangeError('outer: source and destination must be of one family');
  const tos = new OuterTos(dscp, ecn);
  const fields = { source, destination, protocol, ttl, df, tos, flowLabel, identification };
  const udp = udpTemplate('outer.udp', options.udp);
  return source.length === IPV4_OCTETS ? new Ipv4OuterHeader(fields, udp) : new Ipv6OuterHeader(fields, udp);
}

interface Fields extends Required<Pick<OuterHeaderOptions, 'ttl' | 'df' | 'flowLabel' | 'identification'>> {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly protocol: number;
  readonly tos: OuterTos;
}

/** An IPv4 header, and behind it the UDP header if there is one. */
class Ipv4OuterHeader implements OuterHeader {
  readonly octets: number;
  readonly family = 4;
  readonly mostOctets = ipv4.MAX_PACKET_OCTETS;
  readonly coversPayload = false;
  readonly #template: Uint8Array;
  readonly #df: 'clear' | 'set' | 'copy';
  readonly #copiesTtl: boolean;
  readonly #tos: OuterTos;
  #identification: number;

  constructor({ source, destination, protocol, ttl, df, tos, identification }: Fields, udp: Uint8Array) {
    this.#df = df;
    this.#copiesTtl = ttl === 'copy';
    this.#tos = tos;
    this.#identification = identification;
    this.#template = concat(new Uint8Array(ipv4.HEADER_OCTETS), udp);
    this.octets = this.#template.length;
    ipv4.setVersionAndHeader(this.#template, 0, ipv4.HEADER_OCTETS);
    ipv4.setTtl(this.#template, 0, ttl === 'copy' ? 0 : ttl);
    ipv4.setProtocol(this.#template, 0, udp.length === 0 ? protocol : PROTOCOL.udp);
    ipv4.setSource(this.#template, 0, readU32(source, 0));
    ipv4.setDestination(this.#template, 0, readU32(destination, 0));
  }

  write(memory: Uint8Array, at: number, packetOctets: number, innerAt: number): void {
    memory.set(this.#template, at);
    if (this.#copiesTtl) ipv4.setTtl(memory, at, ip.hopLimit(memory, innerAt));
    ipv4.setTos(memory, at, this.#tos.around(ip.tos(memory, innerAt)));
    ipv4.setTotalLength(memory, at, packetOctets);
    ipv4.setIdentification(memory, at, this.#identification);
    ipv4.setFragmentation(memory, at, this.#dontFragment(memory, innerAt), false, 0);
    ipv4.setHeaderChecksum(memory, at);
    if (this.octets > ipv4.HEADER_OCTETS) {
      setUdpLength(memory, at + ipv4.HEADER_OCTETS, packetOctets - ipv4.HEADER_OCTETS);
    }
    this.#identification = (this.#identification + 1) & 0xffff;
  }

  cover(): void {
    // No checksum.
  }

  #dontFragment(memory: Uint8Array, innerAt: number): boolean {
    return this.#df === 'copy' ? ip.dontFragment(memory, innerAt) : this.#df === 'set';
  }
}

/** An IPv6 header, and behind it the UDP header if there is one. */
class Ipv6OuterHeader implements OuterHeader {
  readonly octets: number;
  readonly family = 6;
  readonly mostOctets = ip.MAX_PACKET_OCTETS;
  readonly coversPayload: boolean;
  readonly #template: Uint8Array;
  readonly #copiesHopLimit: boolean;
  readonly #tos: OuterTos;
  readonly #flowLabel: number | 'copy';
  /** What a UDP checksum starts from, but for the datagram's length. */
  readonly #pseudoHeaderSum: number;

  constructor({ source, destination, protocol, ttl, tos, flowLabel }: Fields, udp: Uint8Array) {
    this.#copiesHopLimit = ttl === 'copy';
    this.#tos = tos;
    this.#flowLabel = flowLabel;
    this.coversPayload = udp.length > 0;
    this.#pseudoHeaderSum = pseudoHeaderSum({ source, destination }, PROTOCOL.udp, 0);
    this.#template = concat(new Uint8Array(IPV6_SOURCE_AT), source, destination, udp);
    this.#template[IPV6_NEXT_HEADER_AT] = this.coversPayload ? PROTOCOL.udp : protocol;
    this.#template[IPV6_HOP_LIMIT_AT] = ttl === 'copy' ? 0 : ttl;
    this.octets = this.#template.length;
  }

  write(memory: Uint8Array, at: number, packetOctets: number, innerAt: number): void {
    memory.set(this.#template, at);
    if (this.#copiesHopLimit) memory[at + IPV6_HOP_LIMIT_AT] = ip.hopLimit(memory, innerAt);
    const flowLabel = this.#flowLabel === 'copy' ? ip.flowLabel(memory, innerAt) : this.#flowLabel;
    const trafficClass = this.#tos.around(ip.tos(memory, innerAt));
    writeU32(memory, at, VERSION_6 | (trafficClass << 20) | flowLabel);
    writeU16(memory, at + IPV6_LENGTH_AT, packetOctets - IPV6_HEADER_OCTETS);
    if (this.coversPayload) {
      setUdpLength(memory, at + IPV6_HEADER_OCTETS, packetOctets - IPV6_HEADER_OCTETS);
    }
  }

  cover(memory: Uint8Array, at: number, packetOctets: number): void {
    const initial = this.#pseudoHeaderSum + packetOctets - IPV6_HEADER_OCTETS;
    setUdpChecksum(memory, at + IPV6_HEADER_OCTETS, at + packetOctets, initial);
  }
}

function random16(rng: Rng): number {
  const octets = new Uint8Array(2);
  rng.fill(octets);
  return readU16(octets, 0);
}
