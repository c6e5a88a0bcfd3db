// What the kernels do to whole vectors: interleavings, as their transposes need them, and rotations of words.

export function low8(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

export function high8(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

export function low16(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

export function high16(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

export function low32(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 0, 4, 1, 5);
}

export function high32(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 2, 6, 3, 7);
}

export function low64(a: v128, b: v128): v128 {
  return v128.shuffle<u64>(a, b, 0, 2);
}

export function high64(a: v128, b: v128): v128 {
  return v128.shuffle<u64>(a, b, 1, 3);
}

/** Four vectors' first words together, `stride` octets after them their second ones, and so on. */
export function storeColumns(to: usize, stride: usize, x0: v128, x1: v128, x2: v128, x3: v128): void {
  const l0 = low32(x0, x1);
  const h0 = high32(x0, x1);
  const l1 = low32(x2, x3);
  const h1 = high32(x2, x3);
  v128.store(to, low64(l0, l1));
  v128.store(to + stride, high64(l0, l1));
  v128.store(to + 2 * stride, low64(h0, h1));
  v128.store(to + 3 * stride, high64(h0, h1));
}

// Octets of words change places by swizzle, which V8 compiles to one instruction with the places in a register; for a
// shuffle it takes two, or loads the places anew each time.

/** The octets of each word in the other order. */
export function swap32(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}

export function rotateLeft8(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14));
}

export function rotateLeft16(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
}

export function rotateLeft32(x: v128, n: i32): v128 {
  return v128.or(v128.shl<i32>(x, n), v128.shr<u32>(x, 32 - n));
}

export function add32(a: v128, b: v128): v128 {
  return v128.add<i32>(a, b);
}

/** The first octets of a vector, and zeros behind them. */
export function firstOctets(x: v128, octets: usize): v128 {
  const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return v128.and(x, v128.lt<u8>(places, i8x16.splat(<i8>octets)));
}
