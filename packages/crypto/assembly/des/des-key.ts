// The key schedule of DES (FIPS 46-3), in groups of six bits: an octet for each S-box of each round.
import { groupAt } from './des-table';

// biome-ignore format: rows as in FIPS 46-3
const PC1: usize = memory.data<u8>([
  57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
  63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
]);

// biome-ignore format: rows as in FIPS 46-3
const PC2: usize = memory.data<u8>([
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
  41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
]);

/** How far C and D have been rotated after each round. */
const ROTATED: usize = memory.data<u8>([1, 2, 4, 6, 8, 10, 12, 14, 15, 17, 19, 21, 23, 25, 27, 28]);

/** Writes the schedule of `keys` x 8 octets at `key` into the zeroed octets at `groups`: 128 for each. */
export function scheduleKeys(key: usize, keys: usize, groups: usize): void {
  for (let n: usize = 0; n < keys * 16; n++) {
    const rotated = <usize>load<u8>(ROTATED + (n & 15));
    for (let j: usize = 0; j < 48; j++) {
      const group = groups + 8 * n + groupAt(j / 6);
      store<u8>(group, (load<u8>(group) << 1) | scheduledBit(key + 8 * (n >> 4), rotated, j));
    }
  }
}

/** Bit j of the round key for which C and D were rotated left by `rotated`. */
function scheduledBit(key: usize, rotated: usize, j: usize): u32 {
  const chosen = <usize>load<u8>(PC2 + j) - 1;
  const half: usize = chosen < 28 ? 0 : 28;
  const bit = <usize>load<u8>(PC1 + half + ((chosen - half + rotated) % 28)) - 1;
  return (((<u32>load<u8>(key + (bit >> 3))) << (<u32>(bit & 7))) >> 7) & 1;
}
