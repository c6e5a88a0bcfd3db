import { ip, ipv4, PROTOCOL, readU32, UDP_HEADER_OCTETS, writeU16, writeU32 } from '@espalier/wire';
import { pseudoSum, type Summed, sumOf } from './checksums.ts';
import {
  GSO,
  readVirtioHeader,
  TCP_CWR,
  TCP_FIN,
  TCP_FLAGS_AT,
  TCP_OFFSET_AT,
  TCP_PSH,
  TCP_SEQUENCE_AT,
  VIRTIO_HEADER_OCTETS,
  type VirtioHeader,
} from './virtio.ts';

const UDP_LENGTH_AT = 4;

/**
 * Packets of IP from a frame of a TUN that has left work to its reader: checksums, and the cutting of TCP and UDP into segments
 * (what the network card of a machine would do). They are views that the next one reuses.
 */
export class Segments {
  readonly #scratch: Summed;

  /** `octets`: of the longest frame. */
  constructor(octets: number) {
    const scratch = new Uint8Array(octets);
    this.#scratch = { octets: scratch, halves: new Uint16Array(scratch.buffer) };
  }

  /** `frame`: the header of virtio and a packet that is even in memory, of `octets` from `at` on, both together. */
  *of(frame: Summed, at: number, octets: number): Generator<Uint8Array, void> {
    const header = readVirtioHeader(frame.octets.subarray(at, at + VIRTIO_HEADER_OCTETS));
    const [from, end] = [at + VIRTIO_HEADER_OCTETS, at + octets];
    if (header.gso === GSO.none || header.segmentOctets === 0) {
      if (header.needsChecksum) finishChecksum(frame, from, end, header);
      if (end > from) yield frame.octets.subarray(from, end);
    } else yield* this.#cut(frame, from, end, header);
  }

  *#cut(frame: Summed, from: number, end: number, header: VirtioHeader): Generator<Uint8Array, void> {
    const { segmentOctets, checksumStart: transportAt } = header;
    const source = frame.octets;
    const isTcp = header.gso !== GSO.udp;
    const transportOctets = isTcp ? ((source[from + transportAt + TCP_OFFSET_AT] ?? 0) >>> 4) * 4 : UDP_HEADER_OCTETS;
    const headOctets = transportAt + transportOctets;
    const { octets } = this.#scratch;
    octets.set(source.subarray(from, from + headOctets));
    const flags = octets[transportAt + TCP_FLAGS_AT] ?? 0;
    const sequence = readU32(octets, transportAt + TCP_SEQUENCE_AT);
    const identification = ipv4.identification(octets, 0);
    for (let number = 0, at = from + headOctets; at < end; number++, at += segmentOctets) {
      const payloadOctets = Math.min(segmentOctets, end - at);
      const length = headOctets + payloadOctets;
      octets.set(source.subarray(at, at + payloadOctets), headOctets);
      ip.setPacketOctets(octets, 0, length);
      if (ip.version(octets, 0) === 4) {
        ipv4.setIdentification(octets, 0, identification + number);
        ipv4.setHeaderChecksum(octets, 0);
      }
      if (isTcp) {
        writeU32(octets, transportAt + TCP_SEQUENCE_AT, sequence + number * segmentOctets);
        octets[transportAt + TCP_FLAGS_AT] = flagsOf(flags, number === 0, at + payloadOctets === end);
      } else writeU16(octets, transportAt + UDP_LENGTH_AT, transportOctets + payloadOctets);
      writeU16(
        octets,
        transportAt + header.checksumOffset,
        pseudoSum(octets, 0, transportAt, isTcp ? PROTOCOL.tcp : PROTOCOL.udp, length),
      );
      finishChecksum(this.#scratch, 0, length, header);
      yield octets.subarray(0, length);
    }
  }
}

/** What is said once is said with the first (RFC 3168 §6.1.2) or with the last. */
function flagsOf(flags: number, isFirst: boolean, isLast: boolean): number {
  return flags & ~(isFirst ? 0 : TCP_CWR) & ~(isLast ? 0 : TCP_FIN | TCP_PSH);
}

/** Where the checksum is to be stands the sum of the pseudo-header: it counts as a part of what is summed. */
function finishChecksum(
  memory: Summed,
  from: number,
  end: number,
  { checksumStart, checksumOffset }: VirtioHeader,
): void {
  const start = from + checksumStart;
  const sum = ~sumOf(memory, start, end - start) & 0xffff;
  // Over UDP zero would be none (RFC 768), and for TCP it is the same number.
  writeU16(memory.octets, start + checksumOffset, sum === 0 ? 0xffff : sum);
}
