/** Big-endian integers at an offset, for what is touched per packet: no check, no allocation. Outside the view reads 0. */

/** The 2 octets at `at`. Checks nothing: outside the view reads 0. */
export function readU16(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}

/** The 4 octets at `at`, unsigned. Checks nothing: outside the view reads 0. */
export function readU32(octets: Uint8Array, at: number): number {
  return readI32(octets, at) >>> 0;
}

/** The same with a sign: no number that it returns needs an object of its own, whether V8 inlines the call or not. */
export function readI32(octets: Uint8Array, at: number): number {
  return (
    ((octets[at] ?? 0) << 24) | ((octets[at + 1] ?? 0) << 16) | ((octets[at + 2] ?? 0) << 8) | (octets[at + 3] ?? 0)
  );
}

/** Writes the low 16 bits of `value`; outside the view nothing. */
export function writeU16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 8;
  octets[at + 1] = value;
}

/** Writes the low 32 bits of `value`, signed or not; outside the view nothing. */
export function writeU32(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 24;
  octets[at + 1] = value >>> 16;
  octets[at + 2] = value >>> 8;
  octets[at + 3] = value;
}
