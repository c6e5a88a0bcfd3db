import { compressMd5 } from './md5.generated.ts';
import type { Digest } from './types.ts';

/** MD5 (RFC 1321). */
export const MD5: Digest = {
  octets: 16,
  blockOctets: 64,
  lengthOctets: 8,
  littleEndian: true,
  initial: [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476],
  compress: compressMd5,
};
