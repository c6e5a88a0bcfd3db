// Poly1305 (RFC 8439 §2.5) in limbs of 32 bits, the highest of which holds two bits more. A sum's state lies in memory:
// the processor forwards what was stored, and whoever computes something else beside it keeps the registers.

/** The sum's limbs, those of r, 5/4 of the upper three of r, and s. */
export const POLY_OCTETS: usize = 112;
const R: usize = 32;
const R_AROUND: usize = 64;
const S: usize = 96;

const LIMB: u64 = 0xffffffff;
const TOP_BITS: u64 = 34;
const TOP: u64 = 0x3ffffffff;
/** 2^128 in the highest limb. */
const WHOLE_BLOCK: u64 = 0x100000000;

/** Starts a tag under the 32 octets of one-time key at `key`. */
export function polyBegin(poly: usize, key: usize): void {
  const b = <u64>load<u32>(key, 4) & 0x0ffffffc;
  const c = <u64>load<u32>(key, 8) & 0x0ffffffc;
  const d = <u64>load<u32>(key, 12) & 0x0ffffffc;
  store<u64>(poly, <u64>load<u32>(key) & 0x0fffffff, R);
  store<u64>(poly, b, R + 8);
  store<u64>(poly, c, R + 16);
  store<u64>(poly, d, R + 24);
  // These are multiples of 4, and 2^130 is 5: so 2^128 b is 5/4 b.
  store<u64>(poly, b + (b >> 2), R_AROUND);
  store<u64>(poly, c + (c >> 2), R_AROUND + 8);
  store<u64>(poly, d + (d >> 2), R_AROUND + 16);
  v128.store(poly, v128.load(key, 16), S);
  v128.store(poly, i32x4.splat(0));
  v128.store(poly, i32x4.splat(0), 16);
}

/**
 * h = (h + block) * r. Before a product the limbs of h are below 3.25, 2, 2 and 6 times 2^32, those of r below 2^28 and
 * 1.25 * 2^28: no sum reaches 2^64.
 */
// @inline
export function polyBlock(poly: usize, block: usize): void {
  const v = load<u64>(poly) + load<u32>(block);
  const w = load<u64>(poly, 8) + load<u32>(block, 4);
  const x = load<u64>(poly, 16) + load<u32>(block, 8);
  const y = load<u64>(poly, 24) + (<u64>load<u32>(block, 12) + WHOLE_BLOCK);
  const a = load<u64>(poly, R);
  const b = load<u64>(poly, R + 8);
  const c = load<u64>(poly, R + 16);
  const d = load<u64>(poly, R + 24);
  const b5 = load<u64>(poly, R_AROUND);
  const c5 = load<u64>(poly, R_AROUND + 8);
  const d5 = load<u64>(poly, R_AROUND + 16);
  // The last limbs of h to be known come last.
  const p0 = w * d5 + x * c5 + (y * b5 + v * a);
  const p1 = w * a + x * d5 + (y * c5 + v * b) + (p0 >> 32);
  const p2 = w * b + x * a + (y * d5 + v * c) + (p1 >> 32);
  const p3 = w * c + x * b + (y * a + v * d) + (p2 >> 32);
  store<u64>(poly, (p0 & LIMB) + (p3 >> TOP_BITS) * 5);
  store<u64>(poly, p1 & LIMB, 8);
  store<u64>(poly, p2 & LIMB, 16);
  store<u64>(poly, p3 & TOP, 24);
}

/** Takes `count` whole blocks. */
export function polyBlocks(poly: usize, blocks: usize, count: usize): void {
  for (const end = blocks + 16 * count; blocks < end; blocks += 16) polyBlock(poly, blocks);
}

/** Returns the 16 octets of the tag. */
export function polyFinish(poly: usize): v128 {
  carry(poly);
  carry(poly);
  const h0 = load<u64>(poly);
  const h1 = load<u64>(poly, 8);
  const h2 = load<u64>(poly, 16);
  const h3 = load<u64>(poly, 24);
  // h - p, which is h + 5 - 2^130, is taken unless it is negative.
  const g0 = h0 + 5;
  const g1 = h1 + (g0 >> 32);
  const g2 = h2 + (g1 >> 32);
  const g3 = h3 + (g2 >> 32);
  const taken = 0 - (g3 >> TOP_BITS);
  const low = h0 | (h1 << 32);
  const high = h2 | (h3 << 32);
  const lowTaken = low ^ ((low ^ ((g0 & LIMB) | (g1 << 32))) & taken);
  const highTaken = high ^ ((high ^ ((g2 & LIMB) | (g3 << 32))) & taken);
  const s0 = load<u64>(poly, S);
  const sum = lowTaken + s0;
  return i64x2(sum, highTaken + load<u64>(poly, S + 8) + <u64>(sum < s0));
}

/** Limbs of 32 bits, and of 34. */
function carry(poly: usize): void {
  const v = load<u64>(poly);
  const w = load<u64>(poly, 8) + (v >> 32);
  const x = load<u64>(poly, 16) + (w >> 32);
  const y = load<u64>(poly, 24) + (x >> 32);
  store<u64>(poly, (v & LIMB) + (y >> TOP_BITS) * 5);
  store<u64>(poly, w & LIMB, 8);
  store<u64>(poly, x & LIMB, 16);
  store<u64>(poly, y & TOP, 24);
}
