import { readU16 } from '@espalier/wire';
import type { Layer } from '../layer.ts';

const FLAG = { control: 0x8000, length: 0x4000, sequence: 0x0800, offset: 0x0200 } as const;
const VERSION = 0x000f;

/** PPP in UDP (RFC 2661 §3.1): flags, and by them a length, always tunnel and session, sequence numbers, an offset. */
export const l2tp: Layer = {
  name: 'L2TP',
  found: [['udp-port', 1701]],
  read(octets, at) {
    const flags = readU16(octets, at);
    if ((flags & VERSION) !== 2) return { stop: `L2TP of version ${flags & VERSION}` };
    if ((flags & FLAG.control) !== 0) return { stop: 'L2TP control message' };
    const tunnel = at + ((flags & FLAG.length) === 0 ? 2 : 4);
    const offset = tunnel + ((flags & FLAG.sequence) === 0 ? 4 : 8);
    const inside = (flags & FLAG.offset) === 0 ? offset : offset + 2 + readU16(octets, offset);
    return { key: ['link-type', 9], at: inside };
  },
};
