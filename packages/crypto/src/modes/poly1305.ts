import { word } from '../memory.ts';

/** 2^22 and its inverse: a number modulo 2^130 - 5 is six limbs of 22 bits, and 2^132 is worth 4 * 5 = 20. */
const LIMB = 0x400000;
const INVERSE = 1 / LIMB;
const MASK = LIMB - 1;

/**
 * Poly1305 (RFC 8439 §2.5) in floating point: with limbs of 22 bits every sum of products stays below 2^53, where it
 * is exact. Only whole blocks are needed: the AEAD pads with zeros (§2.8).
 */
export class Poly1305 {
  readonly #r: Float64Array = new Float64Array(6);
  readonly #s: Int32Array = new Int32Array(4);
  readonly #h: Float64Array = new Float64Array(6);
  /** h modulo 2^128, in the end. */
  readonly #words: Int32Array = new Int32Array(4);

  /** Takes up the one-time key: the first eight words of `key` are r and s. */
  start(key: Int32Array): void {
    const r = this.#r;
    const t0 = word(key, 0) & 0x0fffffff;
    const t1 = word(key, 1) & 0x0ffffffc;
    const t2 = word(key, 2) & 0x0ffffffc;
    const t3 = word(key, 3) & 0x0ffffffc;
    r[0] = t0 & MASK;
    r[1] = ((t0 >>> 22) | (t1 << 10)) & MASK;
    r[2] = ((t1 >>> 12) | (t2 << 20)) & MASK;
    r[3] = (t2 >>> 2) & MASK;
    r[4] = ((t2 >>> 24) | (t3 << 8)) & MASK;
    r[5] = t3 >>> 14;
    for (let i = 0; i < 4; i++) this.#s[i] = word(key, 4 + i);
    this.#h.fill(0);
  }

  /** h = (h + block + 2^128) * r modulo 2^130 - 5, for each block from `from` to `to`. */
  absorb(view: DataView, from: number, to: number): void {
    const r = this.#r;
    const h = this.#h;
    const r0 = limb(r, 0);
    const r1 = limb(r, 1);
    const r2 = limb(r, 2);
    const r3 = limb(r, 3);
    const r4 = limb(r, 4);
    const r5 = limb(r, 5);
    const s1 = 20 * r1;
    const s2 = 20 * r2;
    const s3 = 20 * r3;
    const s4 = 20 * r4;
    const s5 = 20 * r5;
    let h0 = limb(h, 0);
    let h1 = limb(h, 1);
    let h2 = limb(h, 2);
    let h3 = limb(h, 3);
    let h4 = limb(h, 4);
    let h5 = limb(h, 5);
    for (let at = from; at < to; at += 16) {
      const t0 = view.getInt32(at, true);
      const t1 = view.getInt32(at + 4, true);
      const t2 = view.getInt32(at + 8, true);
      const t3 = view.getInt32(at + 12, true);
      h0 += t0 & MASK;
      h1 += ((t0 >>> 22) | (t1 << 10)) & MASK;
      h2 += ((t1 >>> 12) | (t2 << 20)) & MASK;
      h3 += (t2 >>> 2) & MASK;
      h4 += ((t2 >>> 24) | (t3 << 8)) & MASK;
      h5 += (t3 >>> 14) | 0x40000;
      const d0 = h0 * r0 + h1 * s5 + h2 * s4 + h3 * s3 + h4 * s2 + h5 * s1;
      const c0 = Math.floor(d0 * INVERSE);
      const d1 = h0 * r1 + h1 * r0 + h2 * s5 + h3 * s4 + h4 * s3 + h5 * s2 + c0;
      const c1 = Math.floor(d1 * INVERSE);
      const d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s5 + h4 * s4 + h5 * s3 + c1;
      const c2 = Math.floor(d2 * INVERSE);
      const d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s5 + h5 * s4 + c2;
      const c3 = Math.floor(d3 * INVERSE);
      const d4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0 + h5 * s5 + c3;
      const c4 = Math.floor(d4 * INVERSE);
      const d5 = h0 * r5 + h1 * r4 + h2 * r3 + h3 * r2 + h4 * r1 + h5 * r0 + c4;
      const c5 = Math.floor(d5 * INVERSE);
      const e0 = d0 - c0 * LIMB + 20 * c5;
      const c6 = Math.floor(e0 * INVERSE);
      h0 = e0 - c6 * LIMB;
      h1 = d1 - c1 * LIMB + c6;
      h2 = d2 - c2 * LIMB;
      h3 = d3 - c3 * LIMB;
      h4 = d4 - c4 * LIMB;
      h5 = d5 - c5 * LIMB;
    }
    h[0] = h0;
    h[1] = h1;
    h[2] = h2;
    h[3] = h3;
    h[4] = h4;
    h[5] = h5;
  }

  /** Writes the 16 octets of (h + s) modulo 2^128. */
  write(view: DataView, at: number): void {
    const h = this.#h;
    reduce(h);
    const words = this.#words;
    words[0] = limb(h, 0) | (limb(h, 1) << 22);
    words[1] = (limb(h, 1) >>> 10) | (limb(h, 2) << 12);
    words[2] = (limb(h, 2) >>> 20) | (limb(h, 3) << 2) | (limb(h, 4) << 24);
    words[3] = (limb(h, 4) >>> 8) | (limb(h, 5) << 14);
    let sum = 0;
    for (let i = 0; i < 4; i++) {
      sum = Math.floor(sum / 0x1_0000_0000) + (word(words, i) >>> 0) + (word(this.#s, i) >>> 0);
      view.setInt32(at + 4 * i, sum | 0, true);
    }
  }

  wipe(): void {
    this.#r.fill(0);
    this.#s.fill(0);
    this.#h.fill(0);
    this.#words.fill(0);
  }
}

/** Brings h below 2^130 - 5, without a branch on its value. */
function reduce(h: Float64Array): void {
  fold(h, carry(h));
  fold(h, carry(h));
  let beyond = 5;
  for (let i = 0; i < 6; i++) beyond = (beyond + limb(h, i)) >>> (i < 5 ? 22 : 20);
  fold(h, beyond);
  carry(h);
}

/** Brings every limb back to 22 bits, the last to 20, and returns what lay beyond 2^130. */
function carry(h: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < 5; i++) {
    sum += limb(h, i);
    h[i] = sum & MASK;
    sum >>>= 22;
  }
  sum += limb(h, 5);
  h[5] = sum & 0xfffff;
  return sum >>> 20;
}

/** 2^130 is worth 5. */
function fold(h: Float64Array, beyond: number): void {
  h[0] = limb(h, 0) + 5 * beyond;
}

function limb(limbs: Float64Array, index: number): number {
  return limbs[index] ?? 0;
}
