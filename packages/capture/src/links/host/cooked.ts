import { readU16 } from '@espalier/wire';
import { llc } from '../lan/llc.ts';
import type { Inside, Layer } from '../layer.ts';

/** What has no EtherType has one of Linux's own: 4 is IEEE 802.2 (https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html). */
const LINUX_802_2 = 4;

/** Linux cooked capture, of `any` interface. */
export const cooked: Layer = {
  name: 'Linux cooked capture',
  found: [['link-type', 113]],
  read: (octets, at) => carried(octets, readU16(octets, at + 14), at + 16),
};

/** Version 2, which libpcap has written since 2018. */
export const cooked2: Layer = {
  name: 'Linux cooked capture v2',
  found: [['link-type', 276]],
  read: (octets, at) => carried(octets, readU16(octets, at), at + 20),
};

function carried(octets: Uint8Array, type: number, at: number): Inside {
  return type === LINUX_802_2 ? llc(octets, at) : { key: ['ether-type', type], at };
}
