// GHASH of one message, by integer multiplication with holes: each operand is cut into four words that use every fourth
// bit, so that the carries of a product fall into bits that are not looked at. No branch and no address depends on data.

/** The sum so far, its first eight octets in `high`. */
let high: u64 = 0;
let low: u64 = 0;

/** The hash key, and its halves with their bits reversed. */
let h0: u64 = 0;
let h1: u64 = 0;
let h0r: u64 = 0;
let h1r: u64 = 0;

export function ghashOneBegin(key: usize): void {
  h1 = bswap<u64>(load<u64>(key));
  h0 = bswap<u64>(load<u64>(key, 8));
  h1r = reverse(h1);
  h0r = reverse(h0);
  high = 0;
  low = 0;
}

export function ghashOneUpdate(blocks: usize, octets: usize): void {
  for (const end = blocks + octets; blocks < end; blocks += 16) {
    high ^= bswap<u64>(load<u64>(blocks));
    low ^= bswap<u64>(load<u64>(blocks, 8));
    multiply();
  }
}

export function ghashOneFinish(sum: usize): void {
  store<u64>(sum, bswap<u64>(high));
  store<u64>(sum, bswap<u64>(low), 8);
}

/** A hash key to the power of `exponent`, which is at least 1. A sum in progress is lost. */
export function ghashPower(key: usize, exponent: u32, power: usize): void {
  v128.store(power, v128.load(key));
  for (let bit: u32 = 31 - clz<u32>(exponent); bit > 0; ) {
    bit--;
    timesKey(power, power);
    if (((exponent >> bit) & 1) !== 0) timesKey(power, key);
  }
}

/** `block` *= `key`. A sum in progress is lost. */
export function timesKey(block: usize, key: usize): void {
  ghashOneBegin(key);
  ghashOneUpdate(block, 16);
  ghashOneFinish(block);
}

export function forgetGhashOne(): void {
  high = 0;
  low = 0;
  h0 = 0;
  h1 = 0;
  h0r = 0;
  h1r = 0;
}

/** sum *= H: three carry-less products (Karatsuba), each half of which comes from the reversed operands. */
function multiply(): void {
  const lowR = reverse(low);
  const highR = reverse(high);
  const z0 = product(low, h0);
  const z1 = product(high, h1);
  const z2 = product(low ^ high, h0 ^ h1) ^ z0 ^ z1;
  const z0r = product(lowR, h0r);
  const z1r = product(highR, h1r);
  const z2r = product(lowR ^ highR, h0r ^ h1r) ^ z0r ^ z1r;
  reduce(z0, (reverse(z0r) >> 1) ^ z2, z1 ^ (reverse(z2r) >> 1), reverse(z1r) >> 1);
}

/** Modulo x^128 + x^7 + x^2 + x + 1, of a product that lies one bit too low as its bits are reversed. */
function reduce(v0: u64, v1: u64, v2: u64, v3: u64): void {
  v3 = (v3 << 1) | (v2 >> 63);
  v2 = (v2 << 1) | (v1 >> 63);
  v1 = (v1 << 1) | (v0 >> 63);
  v0 = v0 << 1;
  v2 ^= v0 ^ (v0 >> 1) ^ (v0 >> 2) ^ (v0 >> 7);
  v1 ^= (v0 << 63) ^ (v0 << 62) ^ (v0 << 57);
  v3 ^= v1 ^ (v1 >> 1) ^ (v1 >> 2) ^ (v1 >> 7);
  v2 ^= (v1 << 63) ^ (v1 << 62) ^ (v1 << 57);
  low = v2;
  high = v3;
}

/** The low 64 bits of the carry-less product. */
function product(x: u64, y: u64): u64 {
  const x0 = x & 0x1111111111111111;
  const x1 = x & 0x2222222222222222;
  const x2 = x & 0x4444444444444444;
  const x3 = x & 0x8888888888888888;
  const y0 = y & 0x1111111111111111;
  const y1 = y & 0x2222222222222222;
  const y2 = y & 0x4444444444444444;
  const y3 = y & 0x8888888888888888;
  const z0 = (x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1);
  const z1 = (x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2);
  const z2 = (x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3);
  const z3 = (x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0);
  return (z0 & 0x1111111111111111) | (z1 & 0x2222222222222222) | (z2 & 0x4444444444444444) | (z3 & 0x8888888888888888);
}

/** The bits in reverse. */
function reverse(x: u64): u64 {
  x = ((x & 0x5555555555555555) << 1) | ((x >> 1) & 0x5555555555555555);
  x = ((x & 0x3333333333333333) << 2) | ((x >> 2) & 0x3333333333333333);
  x = ((x & 0x0f0f0f0f0f0f0f0f) << 4) | ((x >> 4) & 0x0f0f0f0f0f0f0f0f);
  return bswap<u64>(x);
}
