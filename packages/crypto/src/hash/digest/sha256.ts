import { compressSha256 } from './sha256.generated.ts';
import type { Digest } from './types.ts';

/** SHA-256 (FIPS 180-4 §6.2). */
export const SHA2_256: Digest = {
  octets: 32,
  blockOctets: 64,
  lengthOctets: 8,
  littleEndian: false,
  initial: [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19],
  compress: compressSha256,
};
