import type { Rng } from '@espalier/crypto';
import {
  encodeIpv6,
  IPV4_OCTETS,
  IPV6_HEADER_OCTETS,
  ipv4,
  PROTOCOL,
  parseAddress,
  readU16,
  readU32,
  writeU16,
} from '@espalier/wire';
import { outerTos } from './ecn.ts';
import { innerDontFragment, innerTos } from './inner.ts';

/** The outer header of a tunnel (RFC 4301 §5.1.2). */
export interface OuterHeaderOptions {
  /** Addresses in text, both of one family. */
  readonly source: string;
  readonly destination: string;
  /** TTL or hop limit. Default 64. */
  readonly ttl?: number;
  /** Don't Fragment of an IPv4 header; an inner IPv6 packet counts as having it set. Default `copy`. */
  readonly df?: 'clear' | 'set' | 'copy';
  /** Differentiated services code point: 0 to 63, or that of the inner packet. Default `copy`. */
  readonly dscp?: number | 'copy';
  /** First identification of an IPv4 header; it counts up by one a packet. Default: random. */
  readonly identification?: number;
}

/** Writes the outer headers of one SA. */
export interface OuterHeader {
  readonly octets: number;
  /** Writes the header at `at` of a packet of `packetOctets`, for the inner packet that lies in clear at `innerAt`. */
  write(memory: Uint8Array, at: number, packetOctets: number, innerAt: number): void;
}

/** @throws RangeError for a value out of bounds, or addresses that are none or of different families. */
export function createOuterHeader(options: OuterHeaderOptions, rng: Rng): OuterHeader {
  const { ttl = 64, df = 'copy', dscp = 'copy', identification = random16(rng) } = options;
  within('ttl', ttl, 1, 255);
  if (dscp !== 'copy') within('dscp', dscp, 0, 63);
  within('identification', identification, 0, 0xffff);
  const source = parseAddress(options.source);
  const destination = parseAddress(options.destination);
  if (source.length !== destination.length) throw new RangeError('outer: source and destination must be of one family');
  return source.length === IPV4_OCTETS
    ? new Ipv4OuterHeader({ source, destination, ttl, df, dscp, identification })
    : new Ipv6OuterHeader({ source, destination, ttl, df, dscp, identification });
}

interface Fields extends Required<Omit<OuterHeaderOptions, 'source' | 'destination'>> {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

class Ipv4OuterHeader implements OuterHeader {
  readonly octets = ipv4.HEADER_OCTETS;
  readonly #template = new Uint8Array(ipv4.HEADER_OCTETS);
  readonly #df: 'clear' | 'set' | 'copy';
  readonly #dscp: number | 'copy';
  #identification: number;

  constructor({ source, destination, ttl, df, dscp, identification }: Fields) {
    this.#df = df;
    this.#dscp = dscp;
    this.#identification = identification;
    ipv4.setVersionAndHeader(this.#template, 0, ipv4.HEADER_OCTETS);
    ipv4.setTtl(this.#template, 0, ttl);
    ipv4.setProtocol(this.#template, 0, PROTOCOL.esp);
    ipv4.setSource(this.#template, 0, readU32(source, 0));
    ipv4.setDestination(this.#template, 0, readU32(destination, 0));
  }

  write(memory: Uint8Array, at: number, packetOctets: number, innerAt: number): void {
    memory.set(this.#template, at);
    ipv4.setTos(memory, at, outerTos(innerTos(memory, innerAt), this.#dscp));
    ipv4.setTotalLength(memory, at, packetOctets);
    ipv4.setIdentification(memory, at, this.#identification);
    ipv4.setFragmentation(memory, at, this.#dontFragment(memory, innerAt), false, 0);
    ipv4.setHeaderChecksum(memory, at);
    this.#identification = (this.#identification + 1) & 0xffff;
  }

  #dontFragment(memory: Uint8Array, innerAt: number): boolean {
    return this.#df === 'copy' ? innerDontFragment(memory, innerAt) : this.#df === 'set';
  }
}

class Ipv6OuterHeader implements OuterHeader {
  readonly octets = IPV6_HEADER_OCTETS;
  readonly #template: Uint8Array;
  readonly #dscp: number | 'copy';

  constructor({ source, destination, ttl, dscp }: Fields) {
    this.#dscp = dscp;
    const payload = new Uint8Array(0);
    this.#template = encodeIpv6({
      trafficClass: 0,
      flowLabel: 0,
      nextHeader: PROTOCOL.esp,
      hopLimit: ttl,
      source,
      destination,
      payload,
    });
  }

  write(memory: Uint8Array, at: number, packetOctets: number, innerAt: number): void {
    memory.set(this.#template, at);
    writeU16(memory, at, 0x6000 | (outerTos(innerTos(memory, innerAt), this.#dscp) << 4));
    writeU16(memory, at + 4, packetOctets - IPV6_HEADER_OCTETS);
  }
}

function random16(rng: Rng): number {
  const octets = new Uint8Array(2);
  rng.fill(octets);
  return readU16(octets, 0);
}

function within(name: string, value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw new RangeError(`outer.${name}: must be a whole number from ${least} to ${most}`);
  }
}
