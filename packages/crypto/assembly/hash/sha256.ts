// The SHA-256 compression function (FIPS 180-4 §6.2.2), of one message and of four at once.

import { add32, rotateLeft32 } from '../vectors/vectors';
import { STATE, W } from './hash-state';

// biome-ignore format: rows
export const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

/** One block of four messages, loaded into W: state word i of message l is lane l of vector i of STATE. */
export function sha256Four(): void {
  let a = v128.load(STATE, 0);
  let b = v128.load(STATE, 16);
  let c = v128.load(STATE, 32);
  let d = v128.load(STATE, 48);
  let e = v128.load(STATE, 64);
  let f = v128.load(STATE, 80);
  let g = v128.load(STATE, 96);
  let h = v128.load(STATE, 112);
  let t: v128;
  let x: v128;
  let y = v128.xor(b, c);
  let k = K;
  let w = W;
  for (; k < K + 64; k += 32, w += 128) {
    t = first4(e, f, g, h, k, 0, v128.load(w, 0));
    d = add32(d, t);
    x = v128.xor(a, b);
    h = add32(t, second4(a, b, x, y));
    t = first4(d, e, f, g, k, 1, v128.load(w, 16));
    c = add32(c, t);
    y = v128.xor(h, a);
    g = add32(t, second4(h, a, y, x));
    t = first4(c, d, e, f, k, 2, v128.load(w, 32));
    b = add32(b, t);
    x = v128.xor(g, h);
    f = add32(t, second4(g, h, x, y));
    t = first4(b, c, d, e, k, 3, v128.load(w, 48));
    a = add32(a, t);
    y = v128.xor(f, g);
    e = add32(t, second4(f, g, y, x));
    t = first4(a, b, c, d, k, 4, v128.load(w, 64));
    h = add32(h, t);
    x = v128.xor(e, f);
    d = add32(t, second4(e, f, x, y));
    t = first4(h, a, b, c, k, 5, v128.load(w, 80));
    g = add32(g, t);
    y = v128.xor(d, e);
    c = add32(t, second4(d, e, y, x));
    t = first4(g, h, a, b, k, 6, v128.load(w, 96));
    f = add32(f, t);
    x = v128.xor(c, d);
    b = add32(t, second4(c, d, x, y));
    t = first4(f, g, h, a, k, 7, v128.load(w, 112));
    e = add32(e, t);
    y = v128.xor(b, c);
    a = add32(t, second4(b, c, y, x));
  }
  for (; k < K + 256; k += 32, w += 128) {
    t = first4(e, f, g, h, k, 0, schedule4(w + 0));
    d = add32(d, t);
    x = v128.xor(a, b);
    h = add32(t, second4(a, b, x, y));
    t = first4(d, e, f, g, k, 1, schedule4(w + 16));
    c = add32(c, t);
    y = v128.xor(h, a);
    g = add32(t, second4(h, a, y, x));
    t = first4(c, d, e, f, k, 2, schedule4(w + 32));
    b = add32(b, t);
    x = v128.xor(g, h);
    f = add32(t, second4(g, h, x, y));
    t = first4(b, c, d, e, k, 3, schedule4(w + 48));
    a = add32(a, t);
    y = v128.xor(f, g);
    e = add32(t, second4(f, g, y, x));
    t = first4(a, b, c, d, k, 4, schedule4(w + 64));
    h = add32(h, t);
    x = v128.xor(e, f);
    d = add32(t, second4(e, f, x, y));
    t = first4(h, a, b, c, k, 5, schedule4(w + 80));
    g = add32(g, t);
    y = v128.xor(d, e);
    c = add32(t, second4(d, e, y, x));
    t = first4(g, h, a, b, k, 6, schedule4(w + 96));
    f = add32(f, t);
    x = v128.xor(c, d);
    b = add32(t, second4(c, d, x, y));
    t = first4(f, g, h, a, k, 7, schedule4(w + 112));
    e = add32(e, t);
    y = v128.xor(b, c);
    a = add32(t, second4(b, c, y, x));
  }
  v128.store(STATE, add32(v128.load(STATE, 0), a), 0);
  v128.store(STATE, add32(v128.load(STATE, 16), b), 16);
  v128.store(STATE, add32(v128.load(STATE, 32), c), 32);
  v128.store(STATE, add32(v128.load(STATE, 48), d), 48);
  v128.store(STATE, add32(v128.load(STATE, 64), e), 64);
  v128.store(STATE, add32(v128.load(STATE, 80), f), 80);
  v128.store(STATE, add32(v128.load(STATE, 96), g), 96);
  v128.store(STATE, add32(v128.load(STATE, 112), h), 112);
}

/** T1 of FIPS 180-4: h + S1(e) + Ch(e, f, g) + K + W. */
export function first4(e: v128, f: v128, g: v128, h: v128, k: usize, i: usize, w: v128): v128 {
  const choose = v128.xor(g, v128.and(e, v128.xor(f, g)));
  const sum = v128.xor(v128.xor(rotateLeft32(e, 26), rotateLeft32(e, 21)), rotateLeft32(e, 7));
  return add32(add32(add32(add32(w, v128.load32_splat(k + 4 * i)), h), choose), sum);
}

/**
 * T2 of FIPS 180-4: S0(a) + Maj(a, b, c), where Maj is b unless both others differ from it. What b and c differ in, a and
 * b differed in a step before.
 */
export function second4(a: v128, b: v128, ab: v128, bc: v128): v128 {
  const majority = v128.xor(b, v128.and(ab, bc));
  const sum = v128.xor(v128.xor(rotateLeft32(a, 30), rotateLeft32(a, 19)), rotateLeft32(a, 10));
  return add32(sum, majority);
}

function schedule4(w: usize): v128 {
  const word = expand4(v128.load(w - 256), v128.load(w - 240), v128.load(w - 112), v128.load(w - 32));
  v128.store(w, word);
  return word;
}

/** W[t] of FIPS 180-4: s1(W[t-2]) + W[t-7] + s0(W[t-15]) + W[t-16]. */
export function expand4(w16: v128, w15: v128, w7: v128, w2: v128): v128 {
  const s0 = v128.xor(v128.xor(rotateLeft32(w15, 25), rotateLeft32(w15, 14)), v128.shr<u32>(w15, 3));
  const s1 = v128.xor(v128.xor(rotateLeft32(w2, 15), rotateLeft32(w2, 13)), v128.shr<u32>(w2, 10));
  return add32(add32(w16, s0), add32(w7, s1));
}

/** One block of one message, loaded into W: its state is the first eight words of STATE. */
export function sha256One(): void {
  let a = load<u32>(STATE, 0);
  let b = load<u32>(STATE, 4);
  let c = load<u32>(STATE, 8);
  let d = load<u32>(STATE, 12);
  let e = load<u32>(STATE, 16);
  let f = load<u32>(STATE, 20);
  let g = load<u32>(STATE, 24);
  let h = load<u32>(STATE, 28);
  let t: u32;
  let k = K;
  let w = W;
  for (; k < K + 64; k += 32, w += 32) {
    t = load<u32>(w, 0) + load<u32>(k, 0) + h + choose(e, f, g) + sum1(e);
    d += t;
    h = t + second(a, b, c);
    t = load<u32>(w, 4) + load<u32>(k, 4) + g + choose(d, e, f) + sum1(d);
    c += t;
    g = t + second(h, a, b);
    t = load<u32>(w, 8) + load<u32>(k, 8) + f + choose(c, d, e) + sum1(c);
    b += t;
    f = t + second(g, h, a);
    t = load<u32>(w, 12) + load<u32>(k, 12) + e + choose(b, c, d) + sum1(b);
    a += t;
    e = t + second(f, g, h);
    t = load<u32>(w, 16) + load<u32>(k, 16) + d + choose(a, b, c) + sum1(a);
    h += t;
    d = t + second(e, f, g);
    t = load<u32>(w, 20) + load<u32>(k, 20) + c + choose(h, a, b) + sum1(h);
    g += t;
    c = t + second(d, e, f);
    t = load<u32>(w, 24) + load<u32>(k, 24) + b + choose(g, h, a) + sum1(g);
    f += t;
    b = t + second(c, d, e);
    t = load<u32>(w, 28) + load<u32>(k, 28) + a + choose(f, g, h) + sum1(f);
    e += t;
    a = t + second(b, c, d);
  }
  for (; k < K + 256; k += 32, w += 32) {
    t = schedule(w + 0) + load<u32>(k, 0) + h + choose(e, f, g) + sum1(e);
    d += t;
    h = t + second(a, b, c);
    t = schedule(w + 4) + load<u32>(k, 4) + g + choose(d, e, f) + sum1(d);
    c += t;
    g = t + second(h, a, b);
    t = schedule(w + 8) + load<u32>(k, 8) + f + choose(c, d, e) + sum1(c);
    b += t;
    f = t + second(g, h, a);
    t = schedule(w + 12) + load<u32>(k, 12) + e + choose(b, c, d) + sum1(b);
    a += t;
    e = t + second(f, g, h);
    t = schedule(w + 16) + load<u32>(k, 16) + d + choose(a, b, c) + sum1(a);
    h += t;
    d = t + second(e, f, g);
    t = schedule(w + 20) + load<u32>(k, 20) + c + choose(h, a, b) + sum1(h);
    g += t;
    c = t + second(d, e, f);
    t = schedule(w + 24) + load<u32>(k, 24) + b + choose(g, h, a) + sum1(g);
    f += t;
    b = t + second(c, d, e);
    t = schedule(w + 28) + load<u32>(k, 28) + a + choose(f, g, h) + sum1(f);
    e += t;
    a = t + second(b, c, d);
  }
  store<u32>(STATE, load<u32>(STATE, 0) + a, 0);
  store<u32>(STATE, load<u32>(STATE, 4) + b, 4);
  store<u32>(STATE, load<u32>(STATE, 8) + c, 8);
  store<u32>(STATE, load<u32>(STATE, 12) + d, 12);
  store<u32>(STATE, load<u32>(STATE, 16) + e, 16);
  store<u32>(STATE, load<u32>(STATE, 20) + f, 20);
  store<u32>(STATE, load<u32>(STATE, 24) + g, 24);
  store<u32>(STATE, load<u32>(STATE, 28) + h, 28);
}

function choose(e: u32, f: u32, g: u32): u32 {
  return g ^ (e & (f ^ g));
}

function sum1(e: u32): u32 {
  return rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
}

function second(a: u32, b: u32, c: u32): u32 {
  return (rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)) + ((a & b) | (c & (a | b)));
}

function schedule(w: usize): u32 {
  const x = load<u32>(w - 60);
  const y = load<u32>(w - 8);
  const s0 = rotr<u32>(x, 7) ^ rotr<u32>(x, 18) ^ (x >> 3);
  const s1 = rotr<u32>(y, 17) ^ rotr<u32>(y, 19) ^ (y >> 10);
  const word = load<u32>(w - 64) + s0 + load<u32>(w - 28) + s1;
  store<u32>(w, word);
  return word;
}
