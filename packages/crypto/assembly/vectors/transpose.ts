// The transpose of 16 x 16 octets: sixteen blocks into one vector for each octet of a block, and back.
import { high8, low8 } from './vectors';

/** Of the blocks with even numbers, then of those with odd ones: octets 2k, then octets 2k + 1, in vector k. */
const EVEN: usize = memory.data(8 * 16, 16);
const ODD: usize = memory.data(8 * 16, 16);

/** Octet k of sixteen blocks, each `offset` octets behind its pointer, to vector k at `to`. */
// @inline
export function transpose(pointers: usize, offset: usize, to: usize): void {
  transposeEight(pointers, offset, EVEN);
  transposeEight(pointers + 4, offset, ODD);
  for (let i: usize = 0; i < 128; i += 16) {
    const even = v128.load(EVEN + i);
    const odd = v128.load(ODD + i);
    v128.store(to + 2 * i, low8(even, odd));
    v128.store(to + 2 * i, high8(even, odd), 16);
  }
}

export function forgetTranspose(): void {
  memory.fill(EVEN, 0, 128);
  memory.fill(ODD, 0, 128);
}

/** Every second block. Three times the first half of what there is goes between the octets of the second. */
function transposeEight(pointers: usize, offset: usize, to: usize): void {
  const r0 = block(pointers, offset);
  const r1 = block(pointers + 8, offset);
  const r2 = block(pointers + 16, offset);
  const r3 = block(pointers + 24, offset);
  const r4 = block(pointers + 32, offset);
  const r5 = block(pointers + 40, offset);
  const r6 = block(pointers + 48, offset);
  const r7 = block(pointers + 56, offset);
  const x0 = low8(r0, r4);
  const x1 = high8(r0, r4);
  const x2 = low8(r1, r5);
  const x3 = high8(r1, r5);
  const x4 = low8(r2, r6);
  const x5 = high8(r2, r6);
  const x6 = low8(r3, r7);
  const x7 = high8(r3, r7);
  interleaveFour(x0, x2, x4, x6, to);
  interleaveFour(x1, x3, x5, x7, to + 64);
}

function interleaveFour(a: v128, b: v128, c: v128, d: v128, to: usize): void {
  const l0 = low8(a, c);
  const l1 = low8(b, d);
  const h0 = high8(a, c);
  const h1 = high8(b, d);
  v128.store(to, low8(l0, l1));
  v128.store(to, high8(l0, l1), 16);
  v128.store(to, low8(h0, h1), 32);
  v128.store(to, high8(h0, h1), 48);
}

function block(pointer: usize, offset: usize): v128 {
  return v128.load(<usize>load<u32>(pointer) + offset);
}
