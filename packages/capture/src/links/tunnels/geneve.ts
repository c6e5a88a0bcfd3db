import { readU16 } from '@espalier/wire';
import type { Layer } from '../layer.ts';

/** RFC 8926 §3.4: length of the options in words, flags, an EtherType, a network's number. */
export const geneve: Layer = {
  name: 'Geneve',
  found: [['udp-port', 6081]],
  read(octets, at) {
    const first = octets[at] ?? 0;
    if (first >> 6 !== 0) return { stop: `Geneve of version ${first >> 6}` };
    return { key: ['ether-type', readU16(octets, at + 2)], at: at + 8 + 4 * (first & 0x3f) };
  },
};
