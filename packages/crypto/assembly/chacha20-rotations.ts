// As swizzles, which V8 compiles to one instruction with the octets' places in a register; for a shuffle it takes two,
// or loads the places anew each time.

export function rotateLeft16(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
}

export function rotateLeft8(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14));
}
