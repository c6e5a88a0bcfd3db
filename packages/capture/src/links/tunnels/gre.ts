import { readU16 } from '@espalier/wire';
import type { Layer } from '../layer.ts';

const FLAG = { checksum: 0x8000, routing: 0x4000, key: 0x2000, sequence: 0x1000, acknowledgement: 0x0080 } as const;

/** GRE with what RFC 2784 §2.1 and RFC 2890 §2 add to it; version 1 is PPTP's (RFC 2637 §4.1). */
export const gre: Layer = {
  name: 'GRE',
  found: [['protocol', 47]],
  read(octets, at) {
    const flags = readU16(octets, at);
    const version = flags & 7;
    if (version > 1) return { stop: `GRE of version ${version}` };
    if ((flags & FLAG.routing) !== 0) return { stop: 'GRE with source routes (RFC 1701)' };
    const words = [FLAG.checksum, FLAG.key, FLAG.sequence, version === 1 ? FLAG.acknowledgement : 0];
    const optional = words.filter((flag) => (flags & flag) !== 0).length;
    return { key: ['ether-type', readU16(octets, at + 2)], at: at + 4 + 4 * optional };
  },
};
