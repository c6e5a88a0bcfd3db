// ChaCha20 (RFC 8439 §2.3), four blocks at a time.
import { add32, high32, high64, low32, low64, rotateLeft32 } from './vectors';

/** Writes four blocks of 64 octets at `to`, the counter and the three words of the nonce of each in a lane. */
export function chachaBlocks(to: usize, key: usize, counters: v128, nonce0: v128, nonce1: v128, nonce2: v128): void {
  const sigma0 = i32x4.splat(0x61707865);
  const sigma1 = i32x4.splat(0x3320646e);
  const sigma2 = i32x4.splat(0x79622d32);
  const sigma3 = i32x4.splat(0x6b206574);
  let x0 = sigma0;
  let x1 = sigma1;
  let x2 = sigma2;
  let x3 = sigma3;
  let x4 = v128.load32_splat(key);
  let x5 = v128.load32_splat(key, 4);
  let x6 = v128.load32_splat(key, 8);
  let x7 = v128.load32_splat(key, 12);
  let x8 = v128.load32_splat(key, 16);
  let x9 = v128.load32_splat(key, 20);
  let x10 = v128.load32_splat(key, 24);
  let x11 = v128.load32_splat(key, 28);
  let x12 = counters;
  let x13 = nonce0;
  let x14 = nonce1;
  let x15 = nonce2;
  for (let i = 0; i < 10; i++) {
    x0 = add32(x0, x4);
    x1 = add32(x1, x5);
    x2 = add32(x2, x6);
    x3 = add32(x3, x7);
    x12 = xorRotate16(x12, x0);
    x13 = xorRotate16(x13, x1);
    x14 = xorRotate16(x14, x2);
    x15 = xorRotate16(x15, x3);
    x8 = add32(x8, x12);
    x9 = add32(x9, x13);
    x10 = add32(x10, x14);
    x11 = add32(x11, x15);
    x4 = xorRotate(x4, x8, 12);
    x5 = xorRotate(x5, x9, 12);
    x6 = xorRotate(x6, x10, 12);
    x7 = xorRotate(x7, x11, 12);
    x0 = add32(x0, x4);
    x1 = add32(x1, x5);
    x2 = add32(x2, x6);
    x3 = add32(x3, x7);
    x12 = xorRotate8(x12, x0);
    x13 = xorRotate8(x13, x1);
    x14 = xorRotate8(x14, x2);
    x15 = xorRotate8(x15, x3);
    x8 = add32(x8, x12);
    x9 = add32(x9, x13);
    x10 = add32(x10, x14);
    x11 = add32(x11, x15);
    x4 = xorRotate(x4, x8, 7);
    x5 = xorRotate(x5, x9, 7);
    x6 = xorRotate(x6, x10, 7);
    x7 = xorRotate(x7, x11, 7);
    x0 = add32(x0, x5);
    x1 = add32(x1, x6);
    x2 = add32(x2, x7);
    x3 = add32(x3, x4);
    x15 = xorRotate16(x15, x0);
    x12 = xorRotate16(x12, x1);
    x13 = xorRotate16(x13, x2);
    x14 = xorRotate16(x14, x3);
    x10 = add32(x10, x15);
    x11 = add32(x11, x12);
    x8 = add32(x8, x13);
    x9 = add32(x9, x14);
    x5 = xorRotate(x5, x10, 12);
    x6 = xorRotate(x6, x11, 12);
    x7 = xorRotate(x7, x8, 12);
    x4 = xorRotate(x4, x9, 12);
    x0 = add32(x0, x5);
    x1 = add32(x1, x6);
    x2 = add32(x2, x7);
    x3 = add32(x3, x4);
    x15 = xorRotate8(x15, x0);
    x12 = xorRotate8(x12, x1);
    x13 = xorRotate8(x13, x2);
    x14 = xorRotate8(x14, x3);
    x10 = add32(x10, x15);
    x11 = add32(x11, x12);
    x8 = add32(x8, x13);
    x9 = add32(x9, x14);
    x5 = xorRotate(x5, x10, 7);
    x6 = xorRotate(x6, x11, 7);
    x7 = xorRotate(x7, x8, 7);
    x4 = xorRotate(x4, x9, 7);
  }
  storeRows(to, add32(x0, sigma0), add32(x1, sigma1), add32(x2, sigma2), add32(x3, sigma3));
  storeRows(to + 16, keyed(x4, key), keyed(x5, key + 4), keyed(x6, key + 8), keyed(x7, key + 12));
  storeRows(to + 32, keyed(x8, key + 16), keyed(x9, key + 20), keyed(x10, key + 24), keyed(x11, key + 28));
  x13 = add32(x13, nonce0);
  x14 = add32(x14, nonce1);
  x15 = add32(x15, nonce2);
  storeRows(to + 48, add32(x12, counters), x13, x14, x15);
}

function keyed(x: v128, word: usize): v128 {
  return add32(x, v128.load32_splat(word));
}

/** Four words of each of the four blocks: lanes become rows, 64 octets apart. */
function storeRows(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const l0 = low32(a, b);
  const h0 = high32(a, b);
  const l1 = low32(c, d);
  const h1 = high32(c, d);
  v128.store(to, low64(l0, l1));
  v128.store(to, high64(l0, l1), 64);
  v128.store(to, low64(h0, h1), 128);
  v128.store(to, high64(h0, h1), 192);
}

function xorRotate(a: v128, b: v128, n: i32): v128 {
  return rotateLeft32(v128.xor(a, b), n);
}

function xorRotate16(a: v128, b: v128): v128 {
  const x = v128.xor(a, b);
  return v128.shuffle<u8>(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

function xorRotate8(a: v128, b: v128): v128 {
  const x = v128.xor(a, b);
  return v128.shuffle<u8>(x, x, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14);
}
