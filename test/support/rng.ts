/** A reproducible stream of octets (xorshift128); for tests, never for keys. */
export function seededRng(seed: number): { fill(out: Uint8Array): void } {
  let [a, b, c, d] = [seed, 0x9e3779b9, 0x243f6a88, 0xb7e15162];
  return {
    fill(out: Uint8Array): void {
      for (let i = 0; i < out.length; i++) {
        const t = a ^ (a << 11);
        [a, b, c] = [b, c, d];
        d = d ^ (d >>> 19) ^ t ^ (t >>> 8);
        out[i] = d & 0xff;
      }
    },
  };
}
