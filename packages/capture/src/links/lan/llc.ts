import { readU16, readU32 } from '@espalier/wire';
import type { Inside } from '../layer.ts';

/** IEEE 802.2 §3.2, with the SNAP extension (RFC 1042), in which an EtherType is. */
export function llc(octets: Uint8Array, at: number): Inside {
  if (readU16(octets, at) === 0xaaaa && readU32(octets, at + 2) >>> 8 === 0x03_0000) {
    return { key: ['ether-type', readU16(octets, at + 6)], at: at + 8 };
  }
  return { stop: 'IEEE 802.2 without SNAP' };
}
