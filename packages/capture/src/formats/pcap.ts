import { readU32 } from '@espalier/wire';
import { Fields, type Format, fault, MOST_FRAME_OCTETS, need, type Step } from './format.ts';

interface Variant {
  readonly littleEndian: boolean;
  readonly ticksPerSecond: number;
  /** Octets in front of each frame. */
  readonly recordOctets: number;
  readonly name: string;
}

/** https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap; the last two are of a patched libpcap, with interface and protocol behind. */
const VARIANTS: ReadonlyMap<number, Variant> = new Map([
  [0xa1b2c3d4, { littleEndian: false, ticksPerSecond: 1e6, recordOctets: 16, name: 'pcap, big-endian' }],
  [0xd4c3b2a1, { littleEndian: true, ticksPerSecond: 1e6, recordOctets: 16, name: 'pcap' }],
  [0xa1b23c4d, { littleEndian: false, ticksPerSecond: 1e9, recordOctets: 16, name: 'pcap, nanoseconds, big-endian' }],
  [0x4d3cb2a1, { littleEndian: true, ticksPerSecond: 1e9, recordOctets: 16, name: 'pcap, nanoseconds' }],
  [0xa1b2cd34, { littleEndian: false, ticksPerSecond: 1e6, recordOctets: 24, name: 'modified pcap, big-endian' }],
  [0x34cdb2a1, { littleEndian: true, ticksPerSecond: 1e6, recordOctets: 24, name: 'modified pcap' }],
]);

const HEADER_OCTETS = 24;
/**
 * Octets more in front of each frame, with a magic number that does not say so: as patched versions of tcpdump have
 * written them, of Nokia, of SuSE 6.3 and of RedHat 6.1.
 */
const PATCHED_OCTETS = [4, 8] as const;

/** The format of libpcap; undefined where the file begins otherwise. */
export function pcapFormat(beginning: Uint8Array): Format | undefined {
  const variant = VARIANTS.get(readU32(beginning, 0));
  return variant === undefined ? undefined : new Pcap(variant);
}

class Pcap implements Format {
  readonly name: string;
  readonly #variant: Variant;
  #linkType: number | undefined;
  #records = 0;

  constructor(variant: Variant) {
    this.name = variant.name;
    this.#variant = variant;
  }

  next(octets: Uint8Array, at: number): Step {
    return this.#linkType === undefined ? this.#header(octets, at) : this.#record(octets, at, this.#linkType);
  }

  #header(octets: Uint8Array, at: number): Step {
    if (octets.length - at < HEADER_OCTETS) return need(HEADER_OCTETS);
    // The upper half says how long the frame check sequence is.
    this.#linkType = new Fields(octets, this.#variant.littleEndian).u32(at + 20) & 0xffff;
    return { kind: 'pass', octets: HEADER_OCTETS };
  }

  #record(octets: Uint8Array, at: number, linkType: number): Step {
    const { littleEndian, ticksPerSecond, recordOctets } = this.#variant;
    if (octets.length - at < recordOctets) return need(recordOctets);
    const fields = new Fields(octets, littleEndian);
    const captured = fields.u32(at + 8);
    // Where the second record is not, and would be with other headers.
    if (this.#records === 1 && !this.#isHeader(fields, at)) {
      const furthest = recordOctets + 2 * Math.max(...PATCHED_OCTETS);
      if (captured <= MOST_FRAME_OCTETS && octets.length - at < furthest) return need(furthest);
      const more = PATCHED_OCTETS.find((one) => octets.length - at >= furthest && this.#isHeader(fields, at + one));
      if (more !== undefined) return fault(patched(recordOctets + more));
    }
    if (captured > MOST_FRAME_OCTETS) return fault(`impossible frame length ${captured}`);
    const whole = recordOctets + captured;
    if (octets.length - at < whole) return need(whole);
    const time = fields.u32(at) + fields.u32(at + 4) / ticksPerSecond;
    const originalOctets = Math.max(captured, fields.u32(at + 12));
    const frame = octets.subarray(at + recordOctets, at + whole);
    this.#records += 1;
    return { kind: 'frame', octets: whole, frame: { time, linkType, octets: frame, originalOctets, interfaceId: 0 } };
  }

  /** Whether what is in front of a frame could be there: no more parts of a second than it has, no more octets than went by. */
  #isHeader(fields: Fields, at: number): boolean {
    const captured = fields.u32(at + 8);
    return (
      fields.u32(at + 4) < this.#variant.ticksPerSecond &&
      captured <= MOST_FRAME_OCTETS &&
      captured <= fields.u32(at + 12)
    );
  }
}

function patched(octets: number): string {
  return `pcap of a patched tcpdump, with ${octets} octets in front of each frame (Nokia, SuSE 6.3 or RedHat 6.1): convert it with editcap`;
}
