// The SHA-1 compression function (FIPS 180-4 §6.1.2), of one message and of four at once.

import { add32, rotateLeft32 } from '../vectors/vectors';
import { STATE, W } from './hash-state';

/** One block of four messages, loaded into W: state word i of message l is lane l of vector i of STATE. */
export function sha1Four(): void {
  let a = v128.load(STATE);
  let b = v128.load(STATE, 16);
  let c = v128.load(STATE, 32);
  let d = v128.load(STATE, 48);
  let e = v128.load(STATE, 64);
  let k = i32x4.splat(0x5a827999);
  let w = W;
  for (; w < W + 240; w += 80) {
    e = step4(e, a, choose4(b, c, d), k, v128.load(w));
    b = rotateLeft32(b, 30);
    d = step4(d, e, choose4(a, b, c), k, v128.load(w, 16));
    a = rotateLeft32(a, 30);
    c = step4(c, d, choose4(e, a, b), k, v128.load(w, 32));
    e = rotateLeft32(e, 30);
    b = step4(b, c, choose4(d, e, a), k, v128.load(w, 48));
    d = rotateLeft32(d, 30);
    a = step4(a, b, choose4(c, d, e), k, v128.load(w, 64));
    c = rotateLeft32(c, 30);
  }
  e = step4(e, a, choose4(b, c, d), k, v128.load(w));
  b = rotateLeft32(b, 30);
  d = step4(d, e, choose4(a, b, c), k, schedule4(w + 16));
  a = rotateLeft32(a, 30);
  c = step4(c, d, choose4(e, a, b), k, schedule4(w + 32));
  e = rotateLeft32(e, 30);
  b = step4(b, c, choose4(d, e, a), k, schedule4(w + 48));
  d = rotateLeft32(d, 30);
  a = step4(a, b, choose4(c, d, e), k, schedule4(w + 64));
  c = rotateLeft32(c, 30);
  w += 80;
  k = i32x4.splat(0x6ed9eba1);
  for (; w < W + 640; w += 80) {
    e = step4(e, a, parity4(b, c, d), k, schedule4(w));
    b = rotateLeft32(b, 30);
    d = step4(d, e, parity4(a, b, c), k, schedule4(w + 16));
    a = rotateLeft32(a, 30);
    c = step4(c, d, parity4(e, a, b), k, schedule4(w + 32));
    e = rotateLeft32(e, 30);
    b = step4(b, c, parity4(d, e, a), k, schedule4(w + 48));
    d = rotateLeft32(d, 30);
    a = step4(a, b, parity4(c, d, e), k, schedule4(w + 64));
    c = rotateLeft32(c, 30);
  }
  k = i32x4.splat(0x8f1bbcdc);
  for (; w < W + 960; w += 80) {
    e = step4(e, a, majority4(b, c, d), k, schedule4(w));
    b = rotateLeft32(b, 30);
    d = step4(d, e, majority4(a, b, c), k, schedule4(w + 16));
    a = rotateLeft32(a, 30);
    c = step4(c, d, majority4(e, a, b), k, schedule4(w + 32));
    e = rotateLeft32(e, 30);
    b = step4(b, c, majority4(d, e, a), k, schedule4(w + 48));
    d = rotateLeft32(d, 30);
    a = step4(a, b, majority4(c, d, e), k, schedule4(w + 64));
    c = rotateLeft32(c, 30);
  }
  k = i32x4.splat(0xca62c1d6);
  for (; w < W + 1280; w += 80) {
    e = step4(e, a, parity4(b, c, d), k, schedule4(w));
    b = rotateLeft32(b, 30);
    d = step4(d, e, parity4(a, b, c), k, schedule4(w + 16));
    a = rotateLeft32(a, 30);
    c = step4(c, d, parity4(e, a, b), k, schedule4(w + 32));
    e = rotateLeft32(e, 30);
    b = step4(b, c, parity4(d, e, a), k, schedule4(w + 48));
    d = rotateLeft32(d, 30);
    a = step4(a, b, parity4(c, d, e), k, schedule4(w + 64));
    c = rotateLeft32(c, 30);
  }
  v128.store(STATE, add32(v128.load(STATE), a));
  v128.store(STATE, add32(v128.load(STATE, 16), b), 16);
  v128.store(STATE, add32(v128.load(STATE, 32), c), 32);
  v128.store(STATE, add32(v128.load(STATE, 48), d), 48);
  v128.store(STATE, add32(v128.load(STATE, 64), e), 64);
}

/** The new a; what depends on the last one comes in as late as can be, as each step waits for it. */
export function step4(e: v128, a: v128, f: v128, k: v128, w: v128): v128 {
  return add32(add32(add32(add32(w, k), e), f), rotateLeft32(a, 5));
}

export function choose4(b: v128, c: v128, d: v128): v128 {
  return v128.xor(d, v128.and(b, v128.xor(c, d)));
}

export function parity4(b: v128, c: v128, d: v128): v128 {
  return v128.xor(v128.xor(b, c), d);
}

export function majority4(b: v128, c: v128, d: v128): v128 {
  return v128.or(v128.and(b, c), v128.and(d, v128.or(b, c)));
}

/** W[t] = ROTL1(W[t-3] ^ W[t-8] ^ W[t-14] ^ W[t-16]), for the word at `w`. */
function schedule4(w: usize): v128 {
  const old = v128.xor(v128.xor(v128.load(w - 224), v128.load(w - 256)), v128.load(w - 128));
  const word = rotateLeft32(v128.xor(old, v128.load(w - 48)), 1);
  v128.store(w, word);
  return word;
}

/** One block of one message, loaded into W: its state is the first five words of STATE. */
export function sha1One(): void {
  let a = load<u32>(STATE);
  let b = load<u32>(STATE, 4);
  let c = load<u32>(STATE, 8);
  let d = load<u32>(STATE, 12);
  let e = load<u32>(STATE, 16);
  let w = W;
  for (; w < W + 60; w += 20) {
    e = step(e, a, choose(b, c, d) + 0x5a827999, load<u32>(w));
    b = rotl<u32>(b, 30);
    d = step(d, e, choose(a, b, c) + 0x5a827999, load<u32>(w, 4));
    a = rotl<u32>(a, 30);
    c = step(c, d, choose(e, a, b) + 0x5a827999, load<u32>(w, 8));
    e = rotl<u32>(e, 30);
    b = step(b, c, choose(d, e, a) + 0x5a827999, load<u32>(w, 12));
    d = rotl<u32>(d, 30);
    a = step(a, b, choose(c, d, e) + 0x5a827999, load<u32>(w, 16));
    c = rotl<u32>(c, 30);
  }
  e = step(e, a, choose(b, c, d) + 0x5a827999, load<u32>(w));
  b = rotl<u32>(b, 30);
  d = step(d, e, choose(a, b, c) + 0x5a827999, schedule(w + 4));
  a = rotl<u32>(a, 30);
  c = step(c, d, choose(e, a, b) + 0x5a827999, schedule(w + 8));
  e = rotl<u32>(e, 30);
  b = step(b, c, choose(d, e, a) + 0x5a827999, schedule(w + 12));
  d = rotl<u32>(d, 30);
  a = step(a, b, choose(c, d, e) + 0x5a827999, schedule(w + 16));
  c = rotl<u32>(c, 30);
  w += 20;
  for (; w < W + 160; w += 20) {
    e = step(e, a, (b ^ c ^ d) + 0x6ed9eba1, schedule(w));
    b = rotl<u32>(b, 30);
    d = step(d, e, (a ^ b ^ c) + 0x6ed9eba1, schedule(w + 4));
    a = rotl<u32>(a, 30);
    c = step(c, d, (e ^ a ^ b) + 0x6ed9eba1, schedule(w + 8));
    e = rotl<u32>(e, 30);
    b = step(b, c, (d ^ e ^ a) + 0x6ed9eba1, schedule(w + 12));
    d = rotl<u32>(d, 30);
    a = step(a, b, (c ^ d ^ e) + 0x6ed9eba1, schedule(w + 16));
    c = rotl<u32>(c, 30);
  }
  for (; w < W + 240; w += 20) {
    e = step(e, a, majority(b, c, d) + 0x8f1bbcdc, schedule(w));
    b = rotl<u32>(b, 30);
    d = step(d, e, majority(a, b, c) + 0x8f1bbcdc, schedule(w + 4));
    a = rotl<u32>(a, 30);
    c = step(c, d, majority(e, a, b) + 0x8f1bbcdc, schedule(w + 8));
    e = rotl<u32>(e, 30);
    b = step(b, c, majority(d, e, a) + 0x8f1bbcdc, schedule(w + 12));
    d = rotl<u32>(d, 30);
    a = step(a, b, majority(c, d, e) + 0x8f1bbcdc, schedule(w + 16));
    c = rotl<u32>(c, 30);
  }
  for (; w < W + 320; w += 20) {
    e = step(e, a, (b ^ c ^ d) + 0xca62c1d6, schedule(w));
    b = rotl<u32>(b, 30);
    d = step(d, e, (a ^ b ^ c) + 0xca62c1d6, schedule(w + 4));
    a = rotl<u32>(a, 30);
    c = step(c, d, (e ^ a ^ b) + 0xca62c1d6, schedule(w + 8));
    e = rotl<u32>(e, 30);
    b = step(b, c, (d ^ e ^ a) + 0xca62c1d6, schedule(w + 12));
    d = rotl<u32>(d, 30);
    a = step(a, b, (c ^ d ^ e) + 0xca62c1d6, schedule(w + 16));
    c = rotl<u32>(c, 30);
  }
  store<u32>(STATE, load<u32>(STATE) + a);
  store<u32>(STATE, load<u32>(STATE, 4) + b, 4);
  store<u32>(STATE, load<u32>(STATE, 8) + c, 8);
  store<u32>(STATE, load<u32>(STATE, 12) + d, 12);
  store<u32>(STATE, load<u32>(STATE, 16) + e, 16);
}

function step(e: u32, a: u32, fk: u32, w: u32): u32 {
  return e + w + fk + rotl<u32>(a, 5);
}

function choose(b: u32, c: u32, d: u32): u32 {
  return d ^ (b & (c ^ d));
}

function majority(b: u32, c: u32, d: u32): u32 {
  return (b & c) + (d & (b ^ c));
}

function schedule(w: usize): u32 {
  const word = rotl<u32>(load<u32>(w - 12) ^ load<u32>(w - 32) ^ load<u32>(w - 56) ^ load<u32>(w - 64), 1);
  store<u32>(w, word);
  return word;
}
