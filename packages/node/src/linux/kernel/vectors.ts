/** Octets of `struct iovec`. */
export const VECTOR_OCTETS = 16;

const HIGH = 2 ** 32;

/** A `struct iovec` from the word `at` on: where octets lie, and how many. */
export function writeVector(words: Uint32Array, at: number, address: number, octets: number): void {
  writeAddress(words, at, address);
  words[at + 2] = octets;
  words[at + 3] = 0;
}

/** A pointer of 64 bits in the two words from `at` on. */
export function writeAddress(words: Uint32Array, at: number, address: number): void {
  words[at] = address;
  words[at + 1] = address / HIGH;
}
