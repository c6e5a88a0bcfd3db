import { readU32 } from '@espalier/wire';
import type { Inside, Layer } from '../layer.ts';

/** AF_INET, and AF_INET6 as Linux, NetBSD, FreeBSD and macOS number it. */
const FAMILIES: readonly number[] = [2, 10, 24, 28, 30];

/** The address family, in the byte order of whichever machine it was. */
export const nullLoopback: Layer = {
  name: 'null or loopback',
  found: [
    ['link-type', 0],
    ['link-type', 108],
  ],
  read(octets, at): Inside {
    const family = readU32(octets, at);
    const swapped = ((octets[at + 1] ?? 0) << 8) | (octets[at] ?? 0);
    if (FAMILIES.includes(family) || (family > 0xffff && FAMILIES.includes(swapped))) return { ip: true, at: at + 4 };
    return { stop: `address family ${family > 0xffff ? swapped : family}` };
  },
};
