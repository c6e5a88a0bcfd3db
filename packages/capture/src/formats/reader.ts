/** One captured frame. */
export interface Frame {
  /** Position in the file, from 1, as Wireshark counts. */
  readonly number: number;
  /** Seconds since 1970. */
  readonly time: number;
  /** LINKTYPE_* of the interface, for example 1 for Ethernet. */
  readonly linkType: number;
  /** What was captured; may be shorter than what was sent. */
  readonly octets: Uint8Array;
}

/** Why reading a file ended. `reason` is undefined where the file ended where a record ended. */
export interface CaptureEnd {
  readonly frames: readonly Frame[];
  readonly reason: string | undefined;
}

/** No frame of a capture is larger; a length beyond it is taken for corruption (as libpcap does). */
const MAX_FRAME_OCTETS = 262_144;

/**
 * Reads a pcap or pcapng file. A truncated or corrupted file gives the frames before the damage and the reason why
 * reading stopped; it never throws for what a file holds.
 */
export function readCapture(file: Uint8Array): CaptureEnd {
  if (file.length < 4) return { frames: [], reason: 'the file is shorter than a capture header' };
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const magic = view.getUint32(0, false);
  if (magic === 0x0a0d0d0a) return readPcapng(file, view);
  const format = PCAP_MAGIC.get(magic);
  if (format === undefined) return { frames: [], reason: 'neither pcap nor pcapng: unknown magic number' };
  return readPcap(file, view, format);
}

interface PcapFormat {
  readonly littleEndian: boolean;
  readonly ticksPerSecond: number;
}

const PCAP_MAGIC: ReadonlyMap<number, PcapFormat> = new Map([
  [0xa1b2c3d4, { littleEndian: false, ticksPerSecond: 1e6 }],
  [0xd4c3b2a1, { littleEndian: true, ticksPerSecond: 1e6 }],
  [0xa1b23c4d, { littleEndian: false, ticksPerSecond: 1e9 }],
  [0x4d3cb2a1, { littleEndian: true, ticksPerSecond: 1e9 }],
]);

const PCAP_HEADER_OCTETS = 24;
const PCAP_RECORD_OCTETS = 16;

function readPcap(file: Uint8Array, view: DataView, { littleEndian, ticksPerSecond }: PcapFormat): CaptureEnd {
  const frames: Frame[] = [];
  if (file.length < PCAP_HEADER_OCTETS) return { frames, reason: 'the pcap header is truncated' };
  const linkType = view.getUint32(20, littleEndian) & 0xffff;
  let at = PCAP_HEADER_OCTETS;
  while (at < file.length) {
    if (file.length - at < PCAP_RECORD_OCTETS) return { frames, reason: `record header truncated at octet ${at}` };
    const time = view.getUint32(at, littleEndian) + view.getUint32(at + 4, littleEndian) / ticksPerSecond;
    const captured = view.getUint32(at + 8, littleEndian);
    if (captured > MAX_FRAME_OCTETS) return { frames, reason: `impossible frame length ${captured} at octet ${at}` };
    const start = at + PCAP_RECORD_OCTETS;
    if (captured > file.length - start) return { frames, reason: `frame truncated at octet ${start}` };
    at = start + captured;
    frames.push({ number: frames.length + 1, time, linkType, octets: file.subarray(start, at) });
  }
  return { frames, reason: undefined };
}

const BLOCK = { section: 0x0a0d0d0a, interface: 1, simplePacket: 3, enhancedPacket: 6 } as const;
const OPTION_END = 0;
const OPTION_TIME_RESOLUTION = 9;

interface Interface {
  readonly linkType: number;
  readonly ticksPerSecond: number;
}

function readPcapng(file: Uint8Array, view: DataView): CaptureEnd {
  const frames: Frame[] = [];
  let interfaces: Interface[] = [];
  let littleEndian = false;
  let at = 0;
  while (at < file.length) {
    if (file.length - at < 12) return { frames, reason: `block truncated at octet ${at}` };
    if (view.getUint32(at, false) === BLOCK.section) {
      const order = view.getUint32(at + 8, false);
      if (order !== 0x1a2b3c4d && order !== 0x4d3c2b1a)
        return { frames, reason: `bad byte-order magic at octet ${at}` };
      littleEndian = order === 0x4d3c2b1a;
      interfaces = [];
    }
    const type = view.getUint32(at, littleEndian);
    const length = view.getUint32(at + 4, littleEndian);
    if (length < 12 || length % 4 !== 0) return { frames, reason: `impossible block length ${length} at octet ${at}` };
    if (length > file.length - at) return { frames, reason: `block truncated at octet ${at}` };
    const body = new DataView(view.buffer, view.byteOffset + at + 8, length - 12);
    if (type === BLOCK.interface) {
      const description = readInterface(body, littleEndian);
      if (description === undefined) return { frames, reason: `bad interface description at octet ${at}` };
      interfaces.push(description);
    } else if (type === BLOCK.enhancedPacket || type === BLOCK.simplePacket) {
      const frame = readPacket(type, body, littleEndian, interfaces, frames.length + 1);
      if (frame === undefined) return { frames, reason: `bad packet block at octet ${at}` };
      frames.push(frame);
    }
    at += length;
  }
  return { frames, reason: undefined };
}

function readInterface(body: DataView, littleEndian: boolean): Interface | undefined {
  if (body.byteLength < 8) return undefined;
  let ticksPerSecond = 1e6;
  for (let at = 8; at + 4 <= body.byteLength; ) {
    const code = body.getUint16(at, littleEndian);
    const length = body.getUint16(at + 2, littleEndian);
    if (code === OPTION_END) break;
    if (at + 4 + length > body.byteLength) return undefined;
    if (code === OPTION_TIME_RESOLUTION && length >= 1) {
      const resolution = body.getUint8(at + 4);
      ticksPerSecond = resolution >= 0x80 ? 2 ** (resolution & 0x7f) : 10 ** resolution;
    }
    at += 4 + length + (-length & 3);
  }
  return { linkType: body.getUint16(0, littleEndian), ticksPerSecond };
}

function readPacket(
  type: number,
  body: DataView,
  littleEndian: boolean,
  interfaces: readonly Interface[],
  number: number,
): Frame | undefined {
  const enhanced = type === BLOCK.enhancedPacket;
  const headerOctets = enhanced ? 20 : 4;
  if (body.byteLength < headerOctets) return undefined;
  const source = interfaces[enhanced ? body.getUint32(0, littleEndian) : 0];
  if (source === undefined) return undefined;
  const available = body.byteLength - headerOctets;
  const captured = enhanced ? body.getUint32(12, littleEndian) : Math.min(body.getUint32(0, littleEndian), available);
  if (captured > available || captured > MAX_FRAME_OCTETS) return undefined;
  const ticks = enhanced ? body.getUint32(4, littleEndian) * 2 ** 32 + body.getUint32(8, littleEndian) : 0;
  const octets = new Uint8Array(body.buffer, body.byteOffset + headerOctets, captured);
  return { number, time: ticks / source.ticksPerSecond, linkType: source.linkType, octets };
}
