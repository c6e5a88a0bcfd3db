import { compressSha1 } from './sha1.generated.ts';
import type { Digest } from './types.ts';

/** SHA-1 (FIPS 180-4 §6.1). */
export const SHA1: Digest = {
  octets: 20,
  blockOctets: 64,
  lengthOctets: 8,
  littleEndian: false,
  initial: [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0],
  compress: compressSha1,
};
