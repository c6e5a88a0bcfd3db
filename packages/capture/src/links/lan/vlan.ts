import { readU16 } from '@espalier/wire';
import type { Layer } from '../layer.ts';

/** A tag of IEEE 802.1Q §9.6, and a service tag in front of it, by whichever number (QinQ). */
export const vlan: Layer = {
  name: 'VLAN',
  found: [
    ['ether-type', 0x8100],
    ['ether-type', 0x88a8],
    ['ether-type', 0x9100],
    ['ether-type', 0x9200],
    ['ether-type', 0x9300],
  ],
  read: (octets, at) => ({ key: ['ether-type', readU16(octets, at + 2)], at: at + 4 }),
};
