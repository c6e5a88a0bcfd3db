/** PC-1 and PC-2 (FIPS 46-3 Appendix 1): which bit of the key, and of C | D, comes next; counted from 1. */
const PC1: readonly number[] = [
  57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36, 63, 55,
  47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
];
const PC2: readonly number[] = [
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41, 52, 31, 37, 47, 55, 30,
  40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];

/** How far C and D have been rotated by each round. */
const ROTATIONS: readonly number[] = [1, 2, 4, 6, 8, 10, 12, 14, 15, 17, 19, 21, 23, 25, 27, 28];

/** Words of a schedule: two for each of 16 rounds. */
const SCHEDULE_WORDS = 32;

/**
 * The round keys of one 8-octet DES key; its parity bits are ignored. The first word of a round holds the six bits
 * each of S-boxes 1, 3, 5 and 7 in its octets, the second those of 2, 4, 6 and 8.
 */
export function desSchedule(key: Uint8Array, direction: 'encrypt' | 'decrypt'): Int32Array {
  const schedule = new Int32Array(SCHEDULE_WORDS);
  const cd = PC1.map((bit) => keyBit(key, bit));
  ROTATIONS.forEach((rotation, round) => {
    const place = 2 * (direction === 'encrypt' ? round : 15 - round);
    PC2.forEach((bit, i) => {
      const sBox = Math.floor(i / 6);
      const shift = 24 - 8 * (sBox >> 1) + (5 - (i % 6));
      const value = cd[rotated(bit - 1, rotation)] ?? 0;
      schedule[place + (sBox & 1)] = (schedule[place + (sBox & 1)] ?? 0) | (value << shift);
    });
  });
  cd.fill(0);
  return schedule;
}

function keyBit(key: Uint8Array, bit: number): number {
  return ((key[(bit - 1) >> 3] ?? 0) >> ((8 - bit) & 7)) & 1;
}

/** Where the bit now at `index` of C | D stood before both halves of 28 bits were rotated left. */
function rotated(index: number, rotation: number): number {
  return index < 28 ? (index + rotation) % 28 : 28 + ((index - 28 + rotation) % 28);
}

/** EDE: encrypt under the first key, decrypt under the second, encrypt under the third (RFC 2451 §2.2). */
export function tripleDesSchedule(key: Uint8Array, direction: 'encrypt' | 'decrypt'): Int32Array {
  const inner = direction === 'encrypt' ? 'decrypt' : 'encrypt';
  const stages = [
    desSchedule(key.subarray(0, 8), direction),
    desSchedule(key.subarray(8, 16), inner),
    desSchedule(key.subarray(16, 24), direction),
  ];
  if (direction === 'decrypt') stages.reverse();
  const schedule = new Int32Array(3 * SCHEDULE_WORDS);
  stages.forEach((stage, i) => {
    schedule.set(stage, i * SCHEDULE_WORDS);
    stage.fill(0);
  });
  return schedule;
}
