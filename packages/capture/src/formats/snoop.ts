import { equalOctets, fromAscii } from '@espalier/wire';
import { Fields, type Format, fault, MOST_FRAME_OCTETS, need, type Step } from './format.ts';

const MAGIC = fromAscii('snoop\0\0\0');
const HEADER_OCTETS = 16;
const RECORD_OCTETS = 24;

/** LINKTYPE_* of a datalink type (RFC 1761): 802.3 and Ethernet are Ethernet, and Solaris has one for what is IP alone. */
const LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [2, 6],
  [4, 1],
  [8, 10],
  [26, 226],
]);
/** A datalink type without a LINKTYPE_*: above all of those. */
const UNKNOWN_LINK = 0x1_0000;

/** What Solaris's snoop writes (RFC 1761). */
export function snoopFormat(beginning: Uint8Array): Format | undefined {
  return equalOctets(beginning.subarray(0, MAGIC.length), MAGIC) ? new Snoop() : undefined;
}

class Snoop implements Format {
  readonly name = 'snoop';
  #linkType: number | undefined;

  next(octets: Uint8Array, at: number): Step {
    const fields = new Fields(octets, false);
    const linkType = this.#linkType;
    if (linkType !== undefined) return record(fields, octets, at, linkType);
    if (octets.length - at < HEADER_OCTETS) return need(HEADER_OCTETS);
    const version = fields.u32(at + 8);
    if (version !== 2) return fault(`snoop of version ${version}: 2 is read`);
    const dataLink = fields.u32(at + 12);
    this.#linkType = LINK_TYPES.get(dataLink) ?? UNKNOWN_LINK + dataLink;
    return { kind: 'pass', octets: HEADER_OCTETS };
  }
}

/** Original length, included length, record length, drops, seconds, microseconds, the frame, padding. */
function record(fields: Fields, octets: Uint8Array, at: number, linkType: number): Step {
  if (octets.length - at < RECORD_OCTETS) return need(RECORD_OCTETS);
  const captured = fields.u32(at + 4);
  const length = fields.u32(at + 8);
  if (captured > MOST_FRAME_OCTETS) return fault(`impossible frame length ${captured}`);
  if (length < RECORD_OCTETS + captured || length > RECORD_OCTETS + MOST_FRAME_OCTETS)
    return fault(`impossible record length ${length}`);
  if (octets.length - at < length) return need(length);
  const frame = octets.subarray(at + RECORD_OCTETS, at + RECORD_OCTETS + captured);
  const time = fields.u32(at + 16) + fields.u32(at + 20) / 1e6;
  const originalOctets = Math.max(captured, fields.u32(at));
  return { kind: 'frame', octets: length, frame: { time, linkType, octets: frame, originalOctets, interfaceId: 0 } };
}
