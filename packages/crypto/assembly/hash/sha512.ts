// The compression function of SHA-384 and SHA-512 (FIPS 180-4 §6.4.2). WebAssembly rotates 64-bit numbers in scalar
// code only, which makes one message at a time as fast as two in vectors.
import { STATE, W } from './hash-state';

// biome-ignore format: rows
const K: usize = memory.data<u64>([
  0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
  0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
  0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
  0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
  0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
  0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
  0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
  0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
  0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
  0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
  0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
  0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
  0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
  0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
  0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
  0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
  0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
  0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
  0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
  0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
]);

/** One block of 128 octets, loaded into W: the state is the eight words of STATE. */
export function sha512One(): void {
  let a = load<u64>(STATE, 0);
  let b = load<u64>(STATE, 8);
  let c = load<u64>(STATE, 16);
  let d = load<u64>(STATE, 24);
  let e = load<u64>(STATE, 32);
  let f = load<u64>(STATE, 40);
  let g = load<u64>(STATE, 48);
  let h = load<u64>(STATE, 56);
  let t: u64;
  let k = K;
  let w = W;
  for (; k < K + 128; k += 64, w += 64) {
    t = load<u64>(w, 0) + load<u64>(k, 0) + h + choose(e, f, g) + sum1(e);
    d += t;
    h = t + second(a, b, c);
    t = load<u64>(w, 8) + load<u64>(k, 8) + g + choose(d, e, f) + sum1(d);
    c += t;
    g = t + second(h, a, b);
    t = load<u64>(w, 16) + load<u64>(k, 16) + f + choose(c, d, e) + sum1(c);
    b += t;
    f = t + second(g, h, a);
    t = load<u64>(w, 24) + load<u64>(k, 24) + e + choose(b, c, d) + sum1(b);
    a += t;
    e = t + second(f, g, h);
    t = load<u64>(w, 32) + load<u64>(k, 32) + d + choose(a, b, c) + sum1(a);
    h += t;
    d = t + second(e, f, g);
    t = load<u64>(w, 40) + load<u64>(k, 40) + c + choose(h, a, b) + sum1(h);
    g += t;
    c = t + second(d, e, f);
    t = load<u64>(w, 48) + load<u64>(k, 48) + b + choose(g, h, a) + sum1(g);
    f += t;
    b = t + second(c, d, e);
    t = load<u64>(w, 56) + load<u64>(k, 56) + a + choose(f, g, h) + sum1(f);
    e += t;
    a = t + second(b, c, d);
  }
  for (; k < K + 640; k += 64, w += 64) {
    t = schedule(w + 0) + load<u64>(k, 0) + h + choose(e, f, g) + sum1(e);
    d += t;
    h = t + second(a, b, c);
    t = schedule(w + 8) + load<u64>(k, 8) + g + choose(d, e, f) + sum1(d);
    c += t;
    g = t + second(h, a, b);
    t = schedule(w + 16) + load<u64>(k, 16) + f + choose(c, d, e) + sum1(c);
    b += t;
    f = t + second(g, h, a);
    t = schedule(w + 24) + load<u64>(k, 24) + e + choose(b, c, d) + sum1(b);
    a += t;
    e = t + second(f, g, h);
    t = schedule(w + 32) + load<u64>(k, 32) + d + choose(a, b, c) + sum1(a);
    h += t;
    d = t + second(e, f, g);
    t = schedule(w + 40) + load<u64>(k, 40) + c + choose(h, a, b) + sum1(h);
    g += t;
    c = t + second(d, e, f);
    t = schedule(w + 48) + load<u64>(k, 48) + b + choose(g, h, a) + sum1(g);
    f += t;
    b = t + second(c, d, e);
    t = schedule(w + 56) + load<u64>(k, 56) + a + choose(f, g, h) + sum1(f);
    e += t;
    a = t + second(b, c, d);
  }
  store<u64>(STATE, load<u64>(STATE, 0) + a, 0);
  store<u64>(STATE, load<u64>(STATE, 8) + b, 8);
  store<u64>(STATE, load<u64>(STATE, 16) + c, 16);
  store<u64>(STATE, load<u64>(STATE, 24) + d, 24);
  store<u64>(STATE, load<u64>(STATE, 32) + e, 32);
  store<u64>(STATE, load<u64>(STATE, 40) + f, 40);
  store<u64>(STATE, load<u64>(STATE, 48) + g, 48);
  store<u64>(STATE, load<u64>(STATE, 56) + h, 56);
}

function choose(e: u64, f: u64, g: u64): u64 {
  return g ^ (e & (f ^ g));
}

function sum1(e: u64): u64 {
  return rotr<u64>(e, 14) ^ rotr<u64>(e, 18) ^ rotr<u64>(e, 41);
}

function second(a: u64, b: u64, c: u64): u64 {
  return (rotr<u64>(a, 28) ^ rotr<u64>(a, 34) ^ rotr<u64>(a, 39)) + ((a & b) | (c & (a | b)));
}

function schedule(w: usize): u64 {
  const x = load<u64>(w - 120);
  const y = load<u64>(w - 16);
  const s0 = rotr<u64>(x, 1) ^ rotr<u64>(x, 8) ^ (x >> 7);
  const s1 = rotr<u64>(y, 19) ^ rotr<u64>(y, 61) ^ (y >> 6);
  const word = load<u64>(w - 128) + s0 + load<u64>(w - 56) + s1;
  store<u64>(w, word);
  return word;
}
