// Poly1305 (RFC 8439 §2.5) in limbs of 32 bits. As the limbs of r have their upper four bits clear, a limb of the sum may
// grow to nearly 34 bits before the sums of products overflow 64: carries go around once for a block.

const LIMB: u64 = 0xffffffff;

let h0: u64 = 0;
let h1: u64 = 0;
let h2: u64 = 0;
let h3: u64 = 0;
let h4: u64 = 0;
let r0: u64 = 0;
let r1: u64 = 0;
let r2: u64 = 0;
let r3: u64 = 0;
let s0: u64 = 0;
let s1: u64 = 0;

/** Starts a tag under the 32 octets of one-time key at `key`. */
export function polyBegin(key: usize): void {
  r0 = load<u32>(key) & 0x0fffffff;
  r1 = load<u32>(key, 4) & 0x0ffffffc;
  r2 = load<u32>(key, 8) & 0x0ffffffc;
  r3 = load<u32>(key, 12) & 0x0ffffffc;
  s0 = load<u64>(key, 16);
  s1 = load<u64>(key, 24);
  h0 = 0;
  h1 = 0;
  h2 = 0;
  h3 = 0;
  h4 = 0;
}

/** Takes whole blocks: h = (h + block) * r for each. */
export function polyUpdate(blocks: usize, octets: usize): void {
  // Locals, as globals would be kept in memory. r1 to r3 are multiples of 4, and 2^130 is 5: so 2^128 r is 5/4 r.
  const a = r0;
  const b = r1;
  const c = r2;
  const d = r3;
  const b5 = b + (b >> 2);
  const c5 = c + (c >> 2);
  const d5 = d + (d >> 2);
  let v = h0;
  let w = h1;
  let x = h2;
  let y = h3;
  let z = h4;
  for (const end = blocks + octets; blocks < end; blocks += 16) {
    v += load<u32>(blocks);
    w += load<u32>(blocks, 4);
    x += load<u32>(blocks, 8);
    y += load<u32>(blocks, 12);
    z += 1;
    const p0 = v * a + w * d5 + x * c5 + y * b5;
    const p1 = v * b + w * a + x * d5 + y * c5 + z * b5 + (p0 >> 32);
    const p2 = v * c + w * b + x * a + y * d5 + z * c5 + (p1 >> 32);
    const p3 = v * d + w * c + x * b + y * a + z * d5 + (p2 >> 32);
    const p4 = z * a + (p3 >> 32);
    v = (p0 & LIMB) + (p4 >> 2) * 5;
    w = p1 & LIMB;
    x = p2 & LIMB;
    y = p3 & LIMB;
    z = p4 & 3;
  }
  h0 = v;
  h1 = w;
  h2 = x;
  h3 = y;
  h4 = z;
}

/** Writes the 16 octets of the tag. */
export function polyFinish(tag: usize): void {
  carry();
  carry();
  // h - p, which is h + 5 - 2^130, is taken unless it is negative.
  const g0 = h0 + 5;
  const g1 = h1 + (g0 >> 32);
  const g2 = h2 + (g1 >> 32);
  const g3 = h3 + (g2 >> 32);
  const taken = 0 - ((h4 + (g3 >> 32)) >> 2);
  const f0 = h0 ^ ((h0 ^ (g0 & LIMB)) & taken);
  const f1 = h1 ^ ((h1 ^ (g1 & LIMB)) & taken);
  const f2 = h2 ^ ((h2 ^ (g2 & LIMB)) & taken);
  const f3 = h3 ^ ((h3 ^ (g3 & LIMB)) & taken);
  const sum = (f0 | (f1 << 32)) + s0;
  store<u64>(tag, sum);
  store<u64>(tag, (f2 | (f3 << 32)) + s1 + <u64>(sum < s0), 8);
}

/** Limbs of 32 bits, and two bits in h4. */
function carry(): void {
  h1 += h0 >> 32;
  h0 &= LIMB;
  h2 += h1 >> 32;
  h1 &= LIMB;
  h3 += h2 >> 32;
  h2 &= LIMB;
  h4 += h3 >> 32;
  h3 &= LIMB;
  h0 += (h4 >> 2) * 5;
  h4 &= 3;
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
  s0 = 0;
  s1 = 0;
}
