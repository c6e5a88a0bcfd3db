import { type OwnOctets, octetsView } from '@espalier/crypto';
import { concat, requireObject } from '@espalier/wire';
import { fromUtf8 } from '../text/utf8.ts';
import { MOST_FRAME_OCTETS } from './format.ts';

/** One frame to be written. */
export interface FrameToWrite {
  /** Seconds since 1970; written to the microsecond. */
  readonly time: number;
  /** At most 262144 octets. */
  readonly octets: Uint8Array;
  /** Octets that went by; default those that are there. */
  readonly originalOctets?: number;
  /** For people: shown by Wireshark with the frame. */
  readonly comment?: string;
}

/** LINKTYPE_RAW: each frame begins with its IP header. */
const RAW_IP = 101;
const COMMENT = 1;
/** What does not fit an option is cut off. */
const COMMENT_MOST = 60_000;

/** Blocks of a pcapng file with one interface, for the caller to write one behind the other: the beginning, then frames. */
export class PcapngWriter {
  readonly #linkType: number;

  /** @param linkType LINKTYPE_* of its frames; default 101, IP packets as they are. @throws RangeError unless it fits 16 bits. */
  constructor(linkType: number = RAW_IP) {
    if (!Number.isInteger(linkType) || linkType < 0 || linkType > 0xffff)
      throw new RangeError('linkType must be an integer of 16 bits');
    this.#linkType = linkType;
  }

  /** What the file begins with. */
  beginning(): OwnOctets {
    const section = block(0x0a0d0d0a, 16, (view) => {
      view.setUint32(8, 0x1a2b3c4d, true);
      view.setUint16(12, 1, true);
      view.setBigInt64(16, -1n, true);
    });
    const description = block(1, 8, (view) => view.setUint16(8, this.#linkType, true));
    return concat(section, description);
  }

  /**
   * An enhanced packet block.
   * @throws RangeError for a frame that is too long, a time that is none, or a length that no frame had; TypeError for what
   *   is no frame.
   */
  frame(frame: FrameToWrite): OwnOctets {
    requireObject('frame', frame);
    const { time, comment = '', originalOctets = 0 } = frame;
    const view = octetsView('octets', frame.octets);
    if (typeof comment !== 'string') throw new TypeError('comment must be a string');
    if (!(Number.isInteger(originalOctets) && originalOctets >= 0 && originalOctets < 2 ** 32))
      throw new RangeError('originalOctets must be an integer of 32 bits');
    if (view.length > MOST_FRAME_OCTETS) throw new RangeError(`octets must be at most ${MOST_FRAME_OCTETS}`);
    if (!(time >= 0 && time < 2 ** 43)) throw new RangeError('time must be seconds since 1970');
    const ticks = Math.round(time * 1e6);
    const text = fromUtf8(comment, COMMENT_MOST);
    const frameOctets = padded(view.length);
    const optionOctets = text.length === 0 ? 0 : 4 + padded(text.length) + 4;
    return block(6, 20 + frameOctets + optionOctets, (fields, whole) => {
      fields.setUint32(12, Math.floor(ticks / 2 ** 32), true);
      fields.setUint32(16, ticks % 2 ** 32, true);
      fields.setUint32(20, view.length, true);
      fields.setUint32(24, Math.max(view.length, originalOctets), true);
      whole.set(view, 28);
      if (text.length === 0) return;
      fields.setUint16(28 + frameOctets, COMMENT, true);
      fields.setUint16(30 + frameOctets, text.length, true);
      whole.set(text, 32 + frameOctets);
    });
  }
}

/** Type, length, body, length. */
function block(type: number, bodyOctets: number, fill: (view: DataView, whole: Uint8Array) => void): OwnOctets {
  const whole = new Uint8Array(12 + bodyOctets);
  const view = new DataView(whole.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, whole.length, true);
  view.setUint32(whole.length - 4, whole.length, true);
  fill(view, whole);
  return whole;
}

function padded(octets: number): number {
  return octets + (-octets & 3);
}
