// Memory that the compression functions share: the chaining state and the message schedule.
import { high32, high64, low32, low64, swap32 } from './vectors';

export const LANES_AT_MOST: i32 = 8;

/** Chaining state: word i of lane l at (i * lanes + l) words. */
export const STATE: usize = memory.data(8 * 32, 16);

/** Message schedule: 80 words of up to 32 octets. */
export const W: usize = memory.data(80 * 32, 16);

export function forgetHashes(): void {
  memory.fill(STATE, 0, 8 * 32);
  memory.fill(W, 0, 80 * 32);
}

/** The first 16 words of the schedule, of four messages. */
export function loadWords4(p0: usize, p1: usize, p2: usize, p3: usize, bigEndian: bool): void {
  loadWords(W, 16, p0, p1, p2, p3, bigEndian);
}

/** Words of four messages, those of the same place together, `stride` octets after the ones before. */
export function loadWords(to: usize, stride: usize, p0: usize, p1: usize, p2: usize, p3: usize, bigEndian: bool): void {
  for (let i: usize = 0; i < 64; i += 16) {
    const x0 = words(p0 + i, bigEndian);
    const x1 = words(p1 + i, bigEndian);
    const x2 = words(p2 + i, bigEndian);
    const x3 = words(p3 + i, bigEndian);
    const l0 = low32(x0, x1);
    const h0 = high32(x0, x1);
    const l1 = low32(x2, x3);
    const h1 = high32(x2, x3);
    v128.store(to, low64(l0, l1));
    v128.store(to + stride, high64(l0, l1));
    v128.store(to + 2 * stride, low64(h0, h1));
    v128.store(to + 3 * stride, high64(h0, h1));
    to += 4 * stride;
  }
}

function words(p: usize, bigEndian: bool): v128 {
  const x = v128.load(p);
  return bigEndian ? swap32(x) : x;
}
