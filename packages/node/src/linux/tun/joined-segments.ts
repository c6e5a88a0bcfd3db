import { IPV6_HEADER_OCTETS, ip, ipv4, PROTOCOL, readU32, writeU16 } from '@espalier/wire';
import type { Block, Native } from '../kernel/native.ts';
import { Places } from '../kernel/places.ts';
import { VECTOR_OCTETS, writeVector } from '../kernel/vectors.ts';
import { isChecksumGood, pseudoSum } from './checksums.ts';
import {
  GSO,
  TCP_ACK,
  TCP_CHECKSUM_AT,
  TCP_FLAGS_AT,
  TCP_HEADER_OCTETS,
  TCP_OFFSET_AT,
  TCP_PSH,
  TCP_SEQUENCE_AT,
  VIRTIO_HEADER_OCTETS,
  writeTcpHeader,
} from './virtio.ts';

/** Octets of the longest packet of IP. */
const MOST_OCTETS = 65_535;
/** Parts of one frame: its headers, and payloads. */
const MOST_VECTORS = 128;

/** Where the headers of a frame are put together: those of the packet behind that of virtio, and even. */
const HEAD_AT = 16;
const VIRTIO_AT: number = HEAD_AT - VIRTIO_HEADER_OCTETS;
/** Behind them, the header of virtio of a frame that is one packet: zeros. */
const PLAIN_AT = 1024;

/** Version and header length of IPv4 without options; version of IPv6. */
const PLAIN_IPV4 = 0x45;
const IPV6 = 6;
/** Where headers of one stream may differ: lengths, identification and checksum of IPv4; the length of IPv6. */
const DIFFERS = { 4: new Set([2, 3, 4, 5, 10, 11]), 6: new Set([4, 5]) } as const;
/** Likewise of TCP, but for flags: sequence number and checksum. */
const DIFFERS_IN_TCP = new Set([4, 5, 6, 7, 16, 17]);

/**
 * Packets for a TUN, written from where they lie. Segments of TCP that follow each other in one stream, and which nothing but
 * their numbers tells apart, go as one frame, which the stack takes as one packet: the kernel knows where to cut it again.
 */
export class JoinedSegments {
  readonly #native: Native;
  readonly #fd: number;
  readonly #failed: (errno: number) => void;
  readonly #headed: boolean;
  readonly #places: Places;
  readonly #vectors: Block;
  readonly #head: Block;
  /** Packets of the frame that is being put together. */
  #count = 0;
  #tcpAt = 0;
  #headOctets = 0;
  #segmentOctets = 0;
  #octets = 0;
  #nextSequence = 0;
  /** A segment that is shorter, or is to be handed over at once, is the last. */
  #isOver = false;
  #firstAddress = 0;

  /** `headed`: whether frames begin with a header of virtio; only then can segments be joined. */
  constructor(native: Native, fd: number, headed: boolean, failed: (errno: number) => void) {
    this.#native = native;
    this.#fd = fd;
    this.#headed = headed;
    this.#failed = failed;
    this.#places = new Places(native, () => this.flush());
    this.#vectors = native.allocate(MOST_VECTORS * VECTOR_OCTETS);
    this.#head = native.allocate(2 * PLAIN_AT);
  }

  /** Takes a packet, which stays where it is until `flush`. @throws RangeError where there is no such part of `memory`. */
  add(memory: Uint8Array, offset: number, length: number): void {
    this.#places.find(memory, offset, length);
    const { octets, at, address } = this.#places;
    const tcpAt = this.#headed ? joinableAt(octets, at, length) : 0;
    if (tcpAt !== 0 && isChecksumGood(this.#places, at, tcpAt, length)) {
      if (!this.#follows(octets, at, tcpAt, length)) this.#begin(octets, at, tcpAt, length, address);
      this.#append(octets, at, length, address);
    } else {
      this.#write();
      this.#writeAlone(address, length);
    }
  }

  flush(): void {
    this.#write();
    this.#places.clear();
  }

  #begin(octets: Uint8Array, at: number, tcpAt: number, length: number, address: number): void {
    this.#write();
    this.#tcpAt = tcpAt;
    this.#headOctets = tcpAt + tcpOctets(octets, at + tcpAt);
    this.#segmentOctets = length - this.#headOctets;
    this.#octets = this.#headOctets;
    this.#firstAddress = address;
    this.#head.octets.set(octets.subarray(at, at + this.#headOctets), HEAD_AT);
  }

  #append(octets: Uint8Array, at: number, length: number, address: number): void {
    const payloadOctets = length - this.#headOctets;
    this.#count += 1;
    this.#octets += payloadOctets;
    this.#nextSequence = (readU32(octets, at + this.#tcpAt + TCP_SEQUENCE_AT) + payloadOctets) >>> 0;
    const isPushed = ((octets[at + this.#tcpAt + TCP_FLAGS_AT] ?? 0) & TCP_PSH) !== 0;
    const flagsAt = HEAD_AT + this.#tcpAt + TCP_FLAGS_AT;
    if (isPushed) this.#head.octets[flagsAt] = (this.#head.octets[flagsAt] ?? 0) | TCP_PSH;
    this.#isOver = isPushed || payloadOctets < this.#segmentOctets;
    this.#setVector(this.#count, address + this.#headOctets, payloadOctets);
  }

  /** Whether it goes on where the frame ends. */
  #follows(octets: Uint8Array, at: number, tcpAt: number, length: number): boolean {
    const payloadOctets = length - this.#headOctets;
    return (
      this.#count > 0 &&
      !this.#isOver &&
      this.#count < MOST_VECTORS - 1 &&
      tcpAt === this.#tcpAt &&
      tcpAt + tcpOctets(octets, at + tcpAt) === this.#headOctets &&
      payloadOctets <= this.#segmentOctets &&
      this.#octets + payloadOctets <= MOST_OCTETS &&
      readU32(octets, at + tcpAt + TCP_SEQUENCE_AT) === this.#nextSequence &&
      this.#hasSameHead(octets, at)
    );
  }

  #hasSameHead(octets: Uint8Array, at: number): boolean {
    const head = this.#head.octets;
    const differs = this.#tcpAt === IPV6_HEADER_OCTETS ? DIFFERS[6] : DIFFERS[4];
    for (let i = 0; i < this.#tcpAt; i++) {
      if (octets[at + i] !== head[HEAD_AT + i] && !differs.has(i)) return false;
    }
    for (let i = this.#tcpAt; i < this.#headOctets; i++) {
      const difference = (octets[at + i] ?? 0) ^ (head[HEAD_AT + i] ?? 0);
      if (difference === 0 || DIFFERS_IN_TCP.has(i - this.#tcpAt)) continue;
      if (i - this.#tcpAt !== TCP_FLAGS_AT || difference !== TCP_PSH) return false;
    }
    return true;
  }

  #write(): void {
    const count = this.#count;
    this.#count = 0;
    if (count === 1) this.#writeAlone(this.#firstAddress, this.#octets);
    if (count < 2) return;
    const { octets, address } = this.#head;
    const tcpAt = this.#tcpAt;
    ip.setPacketOctets(octets, HEAD_AT, this.#octets);
    const is4 = ip.version(octets, HEAD_AT) === 4;
    if (is4) ipv4.setHeaderChecksum(octets, HEAD_AT);
    writeU16(octets, HEAD_AT + tcpAt + TCP_CHECKSUM_AT, pseudoSum(octets, HEAD_AT, tcpAt, PROTOCOL.tcp, this.#octets));
    writeTcpHeader(octets.subarray(VIRTIO_AT), is4 ? GSO.tcp4 : GSO.tcp6, this.#headOctets, this.#segmentOctets, tcpAt);
    this.#setVector(0, address + VIRTIO_AT, VIRTIO_HEADER_OCTETS + this.#headOctets);
    this.#give(count + 1);
  }

  #writeAlone(address: number, length: number): void {
    const headers = this.#headed ? 1 : 0;
    if (this.#headed) this.#setVector(0, this.#head.address + PLAIN_AT, VIRTIO_HEADER_OCTETS);
    this.#setVector(headers, address, length);
    this.#give(headers + 1);
  }

  #give(vectors: number): void {
    if (this.#native.writev(this.#fd, this.#vectors.address, vectors) < 0) this.#failed(this.#native.errno());
  }

  #setVector(vector: number, address: number, octets: number): void {
    writeVector(this.#vectors.words, (vector * VECTOR_OCTETS) >>> 2, address, octets);
  }
}

/**
 * Where TCP begins in a packet of a stream in mid-flow, or 0: IPv4 without options and not to be fragmented (what is told apart
 * by its identification stays by itself, RFC 6864 §4.1), or IPv6 without extension headers; payload, and no flags but ACK and PSH.
 */
function joinableAt(octets: Uint8Array, at: number, length: number): number {
  const tcpAt = tcpBehind(octets, at);
  if (tcpAt === 0 || length < tcpAt + TCP_HEADER_OCTETS || ip.packetOctets(octets, at, at + length) !== length)
    return 0;
  const headOctets = tcpAt + tcpOctets(octets, at + tcpAt);
  const flags = octets[at + tcpAt + TCP_FLAGS_AT] ?? 0;
  const isPlain = (flags & ~TCP_PSH) === TCP_ACK && headOctets >= tcpAt + TCP_HEADER_OCTETS;
  return isPlain && length > headOctets ? tcpAt : 0;
}

function tcpBehind(octets: Uint8Array, at: number): number {
  if (octets[at] === PLAIN_IPV4) {
    const isWhole = !ipv4.isFragment(octets, at) && ipv4.dontFragment(octets, at);
    return isWhole && ipv4.protocol(octets, at) === PROTOCOL.tcp ? ipv4.HEADER_OCTETS : 0;
  }
  const isTcp6 = (octets[at] ?? 0) >>> 4 === IPV6 && octets[at + IPV6_NEXT_HEADER_AT] === PROTOCOL.tcp;
  return isTcp6 ? IPV6_HEADER_OCTETS : 0;
}

const IPV6_NEXT_HEADER_AT = 6;

function tcpOctets(octets: Uint8Array, tcpAt: number): number {
  return ((octets[tcpAt + TCP_OFFSET_AT] ?? 0) >>> 4) * 4;
}
