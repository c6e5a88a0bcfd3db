/** Bits of an RSA modulus from which on it needs no leave (NIST SP 800-131A), and with leave. */
const BITS = 2048;
const BITS_LEGACY = 1024;

/** Bits that an RSA modulus must have. */
export function modulusBitsLeast(allowsLegacy: boolean): number {
  return allowsLegacy ? BITS_LEGACY : BITS;
}
