// From the products of a block's parts to one block: what Karatsuba left to add up, then the reduction of GHASH.

import { beyondOctet, withinOctet } from './ghash-one';

/** The products of both halves of a block and that of their sum, sixteen octets each. */
const HALVES: usize = memory.data(3 * 256, 16);
/** The product of two blocks: octets 0 to 31. */
const WHOLE: usize = memory.data(32 * 16, 16);

/** Takes eight octets for each of nine parts, and gives the sixteen of the block. */
// @inline
export function reduceProducts(products: usize, block: usize): void {
  join(products, products + 128, products + 512, 64, HALVES);
  join(products + 256, products + 384, products + 640, 64, HALVES + 256);
  join(products + 768, products + 896, products + 1024, 64, HALVES + 512);
  join(HALVES, HALVES + 256, HALVES + 512, 128, WHOLE);
  reduce(block);
}

export function forgetReduction(): void {
  memory.fill(HALVES, 0, 3 * 256);
  memory.fill(WHOLE, 0, 512);
}

/** Karatsuba: the product of twice as many octets from those of both halves, `x` and `y`, and that of their sums. */
function join(x: usize, y: usize, sums: usize, half: usize, to: usize): void {
  for (let i: usize = 0; i < half; i += 16) {
    const x0 = v128.load(x + i);
    const x1 = v128.load(x + half + i);
    const y0 = v128.load(y + i);
    const y1 = v128.load(y + half + i);
    const middle0 = v128.xor(v128.load(sums + i), v128.xor(x0, y0));
    const middle1 = v128.xor(v128.load(sums + half + i), v128.xor(x1, y1));
    v128.store(to + i, x0);
    v128.store(to + half + i, v128.xor(x1, middle0));
    v128.store(to + 2 * half + i, v128.xor(y0, middle1));
    v128.store(to + 3 * half + i, y1);
  }
}

/** WHOLE modulo x^128 + x^7 + x^2 + x + 1. In an octet the highest bit belongs to the lowest power. */
function reduce(block: usize): void {
  let above = v128.xor(v128.load(WHOLE, 256), beyondOctet(v128.load(WHOLE, 496)));
  let beyond = i32x4.splat(0);
  for (let k: usize = 0; k < 256; k += 16) {
    if (k > 0) above = v128.load(WHOLE + k, 256);
    v128.store(block + k, v128.xor(v128.xor(v128.load(WHOLE + k), beyond), withinOctet(above)));
    beyond = beyondOctet(above);
  }
}
