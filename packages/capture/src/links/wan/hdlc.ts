import { readU16 } from '@espalier/wire';
import type { Layer } from '../layer.ts';

/** Cisco's HDLC: address, control, EtherType. */
export const hdlc: Layer = {
  name: 'Cisco HDLC',
  found: [['link-type', 104]],
  read: (octets, at) => ({ key: ['ether-type', readU16(octets, at + 2)], at: at + 4 }),
};
