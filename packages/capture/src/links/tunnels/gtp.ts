import type { Inside, Layer } from '../layer.ts';

const G_PDU = 255;
const FLAG = { extension: 4, sequence: 2, number: 1 } as const;

/** GTP-U, in which mobile networks carry the packets of phones (3GPP TS 29.281 §5.1): flags, type, length, tunnel. */
export const gtp: Layer = {
  name: 'GTP-U',
  found: [['udp-port', 2152]],
  read(octets, at, end): Inside {
    const flags = octets[at] ?? 0;
    if (flags >> 5 !== 1) return { stop: `GTP of version ${flags >> 5}` };
    if (octets[at + 1] !== G_PDU) return { stop: 'GTP-U control message' };
    if ((flags & (FLAG.extension | FLAG.sequence | FLAG.number)) === 0) return { ip: true, at: at + 8 };
    let inside = at + 12;
    let next = (flags & FLAG.extension) === 0 ? 0 : octets[at + 11];
    while (next !== 0 && inside < end) {
      inside += 4 * Math.max(1, octets[inside] ?? 0);
      next = octets[inside - 1];
    }
    return { ip: true, at: inside };
  },
};
