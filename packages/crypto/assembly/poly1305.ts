// Poly1305 (RFC 8439 §2.5) in five limbs of 26 bits, whose products and sums fit into 64 bits.

const LIMB: u64 = 0x3ffffff;

let h0: u64 = 0;
let h1: u64 = 0;
let h2: u64 = 0;
let h3: u64 = 0;
let h4: u64 = 0;
let r0: u64 = 0;
let r1: u64 = 0;
let r2: u64 = 0;
let r3: u64 = 0;
let r4: u64 = 0;
let s0: u64 = 0;
let s1: u64 = 0;

/** Starts a tag under the 32 octets of one-time key at `key`. */
export function polyBegin(key: usize): void {
  const low = load<u64>(key) & 0x0ffffffc0fffffff;
  const high = load<u64>(key, 8) & 0x0ffffffc0ffffffc;
  r0 = low & LIMB;
  r1 = (low >> 26) & LIMB;
  r2 = ((low >> 52) | (high << 12)) & LIMB;
  r3 = (high >> 14) & LIMB;
  r4 = high >> 40;
  s0 = load<u64>(key, 16);
  s1 = load<u64>(key, 24);
  h0 = 0;
  h1 = 0;
  h2 = 0;
  h3 = 0;
  h4 = 0;
}

/** Takes whole blocks. */
export function polyUpdate(blocks: usize, octets: usize): void {
  // Locals: the engines keep globals in memory.
  const a = r0;
  const b = r1;
  const c = r2;
  const d = r3;
  const e = r4;
  const b5 = 5 * b;
  const c5 = 5 * c;
  const d5 = 5 * d;
  const e5 = 5 * e;
  let v = h0;
  let w = h1;
  let x = h2;
  let y = h3;
  let z = h4;
  for (const end = blocks + octets; blocks < end; blocks += 16) {
    const low = load<u64>(blocks);
    const high = load<u64>(blocks, 8);
    v += low & LIMB;
    w += (low >> 26) & LIMB;
    x += ((low >> 52) | (high << 12)) & LIMB;
    y += (high >> 14) & LIMB;
    z += (high >> 40) | (1 << 24);
    const p0 = v * a + w * e5 + x * d5 + y * c5 + z * b5;
    const p1 = v * b + w * a + x * e5 + y * d5 + z * c5 + (p0 >> 26);
    const p2 = v * c + w * b + x * a + y * e5 + z * d5 + (p1 >> 26);
    const p3 = v * d + w * c + x * b + y * a + z * e5 + (p2 >> 26);
    const p4 = v * e + w * d + x * c + y * b + z * a + (p3 >> 26);
    v = (p0 & LIMB) + (p4 >> 26) * 5;
    w = (p1 & LIMB) + (v >> 26);
    v &= LIMB;
    x = p2 & LIMB;
    y = p3 & LIMB;
    z = p4 & LIMB;
  }
  h0 = v;
  h1 = w;
  h2 = x;
  h3 = y;
  h4 = z;
}

/** Writes the 16 octets of the tag. */
export function polyFinish(tag: usize): void {
  h2 += h1 >> 26;
  h1 &= LIMB;
  h3 += h2 >> 26;
  h2 &= LIMB;
  h4 += h3 >> 26;
  h3 &= LIMB;
  h0 += (h4 >> 26) * 5;
  h4 &= LIMB;
  h1 += h0 >> 26;
  h0 &= LIMB;
  // h - p, taken unless it is negative.
  const g0 = h0 + 5;
  const g1 = h1 + (g0 >> 26);
  const g2 = h2 + (g1 >> 26);
  const g3 = h3 + (g2 >> 26);
  const g4 = h4 + (g3 >> 26) - (1 << 26);
  const taken = (g4 >> 63) - 1;
  const f0 = h0 ^ ((h0 ^ (g0 & LIMB)) & taken);
  const f1 = h1 ^ ((h1 ^ (g1 & LIMB)) & taken);
  const f2 = h2 ^ ((h2 ^ (g2 & LIMB)) & taken);
  const f3 = h3 ^ ((h3 ^ (g3 & LIMB)) & taken);
  const f4 = h4 ^ ((h4 ^ (g4 & LIMB)) & taken);
  const low = f0 | (f1 << 26) | (f2 << 52);
  const high = (f2 >> 12) | (f3 << 14) | (f4 << 40);
  const sum = low + s0;
  store<u64>(tag, sum);
  store<u64>(tag, high + s1 + <u64>(sum < low), 8);
}

export function forgetPoly(): void {
  h0 = 0;
  h1 = 0;
  h2 = 0;
  h3 = 0;
  h4 = 0;
  r0 = 0;
  r1 = 0;
  r2 = 0;
  r3 = 0;
  r4 = 0;
  s0 = 0;
  s1 = 0;
}
