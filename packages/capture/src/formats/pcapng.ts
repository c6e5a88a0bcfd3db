import { readU32 } from '@espalier/wire';
import { Fields, type Format, fault, MOST_FRAME_OCTETS, need, type Step } from './format.ts';

/** Blocks of https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng: the obsolete packet block of its Appendix A too. */
const BLOCK = { section: 0x0a0d0d0a, interface: 1, obsoletePacket: 2, simplePacket: 3, enhancedPacket: 6 } as const;

/** What is in other blocks is of no use here; what is passed over is told by these names. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [4, 'name resolution'],
  [5, 'interface statistics'],
  [7, 'IRIG timestamp'],
  [8, 'ARINC 429'],
  [9, 'systemd journal'],
  [10, 'decryption secrets'],
  [0x0bad, 'custom'],
  [0x4000_0bad, 'custom'],
]);

const BYTE_ORDER = 0x1a2b3c4d;
const BYTE_ORDER_SWAPPED = 0x4d3c2b1a;
const OPTION = { end: 0, timeResolution: 9, timeOffset: 14 } as const;
/** Type, length, and the length again behind. */
const FRAME_OCTETS = 12;
/** A frame with its options, or an interface with its. */
const MOST_BLOCK_OCTETS = MOST_FRAME_OCTETS + 65_536;
const MOST_INTERFACES = 65_536;

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  readonly ticksPerSecond: number;
  /** Seconds to add. */
  readonly offset: number;
}

export function pcapngFormat(beginning: Uint8Array): Format | undefined {
  return readU32(beginning, 0) === BLOCK.section ? new Pcapng() : undefined;
}

class Pcapng implements Format {
  readonly name = 'pcapng';
  #littleEndian = false;
  #interfaces: Interface[] = [];
  /** Of earlier sections. */
  #interfacesBefore = 0;

  next(octets: Uint8Array, at: number): Step {
    if (octets.length - at < FRAME_OCTETS) return need(FRAME_OCTETS);
    if (readU32(octets, at) === BLOCK.section) {
      const order = readU32(octets, at + 8);
      if (order !== BYTE_ORDER && order !== BYTE_ORDER_SWAPPED) return fault('bad byte-order magic of a section');
      this.#littleEndian = order === BYTE_ORDER_SWAPPED;
    }
    const fields = new Fields(octets, this.#littleEndian);
    const type = fields.u32(at);
    const length = fields.u32(at + 4);
    if (length < FRAME_OCTETS || length % 4 !== 0) return fault(`impossible block length ${length}`);
    if (type === BLOCK.section) return this.#section(length);
    if (!isRead(type))
      return { kind: 'pass', octets: length, name: NAMES.get(type) ?? `unknown, 0x${type.toString(16)}` };
    if (length > MOST_BLOCK_OCTETS) return fault(`impossible block length ${length}`);
    if (octets.length - at < length) return need(length);
    if (fields.u32(at + length - 4) !== length) return fault('the two lengths of a block differ');

    const end = at + length - 4;
    const done = type === BLOCK.interface ? this.#interface(fields, at + 8, end) : this.#packet(type, octets, at, end);
    return typeof done === 'string' ? fault(done) : done;
  }

  #section(length: number): Step {
    this.#interfacesBefore += this.#interfaces.length;
    this.#interfaces = [];
    return { kind: 'pass', octets: length };
  }

  #interface(fields: Fields, at: number, end: number): Step | string {
    if (end - at < 8) return 'an interface description is too short';
    if (this.#interfaces.length === MOST_INTERFACES) return `more than ${MOST_INTERFACES} interfaces`;
    let [ticksPerSecond, offset] = [1e6, 0];
    for (let option = at + 8; option + 4 <= end; ) {
      const code = fields.u16(option);
      const length = fields.u16(option + 2);
      if (code === OPTION.end) break;
      if (option + 4 + length > end) return 'an option of an interface is longer than its block';
      if (code === OPTION.timeResolution && length >= 1) ticksPerSecond = resolution(fields, option + 4);
      if (code === OPTION.timeOffset && length >= 8) offset = fields.i64(option + 4);
      option += 4 + length + (-length & 3);
    }
    const [linkType, snapLength] = [fields.u16(at), fields.u32(at + 4)];
    this.#interfaces.push({ linkType, snapLength, ticksPerSecond, offset });
    return { kind: 'pass', octets: end + 4 - (at - 8) };
  }

  /** `at`: of the block; `end`: of its body. */
  #packet(type: number, octets: Uint8Array, at: number, end: number): Step | string {
    const fields = new Fields(octets, this.#littleEndian);
    const body = at + 8;
    const isSimple = type === BLOCK.simplePacket;
    const frameAt = body + (isSimple ? 4 : 20);
    if (frameAt > end) return 'a packet block is too short';
    const index = isSimple ? 0 : type === BLOCK.enhancedPacket ? fields.u32(body) : fields.u16(body);
    const source = this.#interfaces[index];
    if (source === undefined) return `a packet of interface ${index}, which is not described`;

    const original = fields.u32(isSimple ? body : body + 16);
    const room = end - frameAt;
    const captured = isSimple ? Math.min(original, source.snapLength || original, room) : fields.u32(body + 12);
    if (captured > room || captured > MOST_FRAME_OCTETS) return `impossible frame length ${captured}`;
    const ticks = isSimple ? undefined : fields.u32(body + 4) * 2 ** 32 + fields.u32(body + 8);
    return {
      kind: 'frame',
      octets: end + 4 - at,
      frame: {
        time: ticks === undefined ? 0 : ticks / source.ticksPerSecond + source.offset,
        linkType: source.linkType,
        octets: octets.subarray(frameAt, frameAt + captured),
        originalOctets: Math.max(captured, original),
        interfaceId: this.#interfacesBefore + index,
      },
    };
  }
}

function isRead(type: number): boolean {
  return (
    type === BLOCK.interface ||
    type === BLOCK.enhancedPacket ||
    type === BLOCK.simplePacket ||
    type === BLOCK.obsoletePacket
  );
}

/** if_tsresol: a power of 2 where the highest bit is set, else of 10. */
function resolution(fields: Fields, at: number): number {
  const octet = fields.u8(at);
  return octet >= 0x80 ? 2 ** (octet & 0x7f) : 10 ** octet;
}
