// Memory that the compression functions share: the chaining state and the message schedule.
import { storeColumns, swap32 } from '../vectors/vectors';

export const LANES_AT_MOST: i32 = 8;

/** Chaining state: word i of lane l at (i * lanes + l) words. */
export const STATE: usize = memory.data(8 * 32, 16);

/** Message schedule: 80 words of up to 32 octets. */
export const W: usize = memory.data(80 * 32, 16);

export function forgetHashes(): void {
  memory.fill(STATE, 0, 8 * 32);
  memory.fill(W, 0, 80 * 32);
}

/** The first 16 words of the schedule, of one message: words of 32 bits, the first octet being the highest. */
export function loadOne32(p: usize): void {
  for (let i: usize = 0; i < 64; i += 4) store<u32>(W + i, bswap<u32>(load<u32>(p + i)));
}

/** The same for words of 64 bits. */
export function loadOne64(p: usize): void {
  for (let i: usize = 0; i < 128; i += 8) store<u64>(W + i, bswap<u64>(load<u64>(p + i)));
}

/**
 * The first 16 words of the schedule, of four of several messages, at `pointers`: words of the same place together, and
 * `stride` octets after the ones before. The first octet is the highest.
 */
export function loadFour(to: usize, stride: usize, pointers: usize): void {
  const p0 = <usize>load<u32>(pointers);
  const p1 = <usize>load<u32>(pointers, 4);
  const p2 = <usize>load<u32>(pointers, 8);
  const p3 = <usize>load<u32>(pointers, 12);
  for (let i: usize = 0; i < 64; i += 16) {
    const x0 = swap32(v128.load(p0 + i));
    const x1 = swap32(v128.load(p1 + i));
    const x2 = swap32(v128.load(p2 + i));
    const x3 = swap32(v128.load(p3 + i));
    storeColumns(to, stride, x0, x1, x2, x3);
    to += 4 * stride;
  }
}

/** For a hash whose words begin with the lowest octet: the words of four messages, as `loadFour` has loaded them. */
export function reverseLoaded(): void {
  for (let w = W; w < W + 256; w += 16) v128.store(w, swap32(v128.load(w)));
}
