// The MD5 compression function (RFC 1321 §3.4), of four messages at once.

import { add32, rotateLeft32 } from '../vectors/vectors';
import { STATE, W } from './hash-state';

// biome-ignore format: rows
const T: usize = memory.data<u32>([
  0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
  0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
  0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
  0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
  0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
  0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
  0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
  0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
]);

/** One block of four messages, loaded into W: state word i of message l is lane l of vector i of STATE. */
export function md5Four(): void {
  let a = v128.load(STATE);
  let b = v128.load(STATE, 16);
  let c = v128.load(STATE, 32);
  let d = v128.load(STATE, 48);
  for (let i: usize = 0; i < 16; i += 4) {
    a = step4(a, b, f(b, c, d), i, i, 7);
    d = step4(d, a, f(a, b, c), i + 1, i + 1, 12);
    c = step4(c, d, f(d, a, b), i + 2, i + 2, 17);
    b = step4(b, c, f(c, d, a), i + 3, i + 3, 22);
  }
  for (let i: usize = 16; i < 32; i += 4) {
    a = step4(a, b, g(b, c, d), i, 5 * i + 1, 5);
    d = step4(d, a, g(a, b, c), i + 1, 5 * (i + 1) + 1, 9);
    c = step4(c, d, g(d, a, b), i + 2, 5 * (i + 2) + 1, 14);
    b = step4(b, c, g(c, d, a), i + 3, 5 * (i + 3) + 1, 20);
  }
  for (let i: usize = 32; i < 48; i += 4) {
    a = step4(a, b, h(b, c, d), i, 3 * i + 5, 4);
    d = step4(d, a, h(a, b, c), i + 1, 3 * (i + 1) + 5, 11);
    c = step4(c, d, h(d, a, b), i + 2, 3 * (i + 2) + 5, 16);
    b = step4(b, c, h(c, d, a), i + 3, 3 * (i + 3) + 5, 23);
  }
  for (let i: usize = 48; i < 64; i += 4) {
    a = step4(a, b, j(b, c, d), i, 7 * i, 6);
    d = step4(d, a, j(a, b, c), i + 1, 7 * (i + 1), 10);
    c = step4(c, d, j(d, a, b), i + 2, 7 * (i + 2), 15);
    b = step4(b, c, j(c, d, a), i + 3, 7 * (i + 3), 21);
  }
  v128.store(STATE, add32(v128.load(STATE), a));
  v128.store(STATE, add32(v128.load(STATE, 16), b), 16);
  v128.store(STATE, add32(v128.load(STATE, 32), c), 32);
  v128.store(STATE, add32(v128.load(STATE, 48), d), 48);
}

function step4(a: v128, b: v128, mixed: v128, i: usize, word: usize, rotation: i32): v128 {
  const known = add32(add32(v128.load32_splat(T + 4 * i), v128.load(W + 16 * (word & 15))), a);
  const sum = add32(known, mixed);
  return add32(b, rotateLeft32(sum, rotation));
}

function f(x: v128, y: v128, z: v128): v128 {
  return v128.xor(z, v128.and(x, v128.xor(y, z)));
}

function g(x: v128, y: v128, z: v128): v128 {
  return v128.xor(y, v128.and(z, v128.xor(x, y)));
}

function h(x: v128, y: v128, z: v128): v128 {
  return v128.xor(v128.xor(x, y), z);
}

/** The function that RFC 1321 calls I. */
function j(x: v128, y: v128, z: v128): v128 {
  return v128.xor(y, v128.or(x, v128.not(z)));
}
