import { readU16 } from '@espalier/wire';
import type { Layer } from '../layer.ts';
import { llc } from './llc.ts';

/** Below it the field is a length (IEEE 802.3 §3.2.6). */
const LEAST_ETHER_TYPE = 0x0600;

/** Two addresses of 6 octets, and the type of what follows: as a link, and as GRE carries it (RFC 1701). */
export const ethernet: Layer = {
  name: 'Ethernet',
  found: [
    ['link-type', 1],
    ['ether-type', 0x6558],
  ],
  read(octets, at) {
    const type = readU16(octets, at + 12);
    if (type < LEAST_ETHER_TYPE) return llc(octets, at + 14);
    return { key: ['ether-type', type], at: at + 14 };
  },
};
