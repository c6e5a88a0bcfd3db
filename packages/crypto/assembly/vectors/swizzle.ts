/** Looks up 16 indices at once; one with its highest bit set reads as 0, and no other may be above 15. */
export function look(table: v128, indices: v128): v128 {
  return RELAXED ? i8x16.relaxed_swizzle(table, indices) : i8x16.swizzle(table, indices);
}

export function lowNibbles(x: v128): v128 {
  return v128.and(x, i8x16.splat(15));
}

export function highNibbles(x: v128): v128 {
  return v128.and(v128.shr<u16>(x, 4), i8x16.splat(15));
}
