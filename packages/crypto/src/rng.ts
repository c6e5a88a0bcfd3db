/** A source of unpredictable octets. The library has none of its own: the caller brings one. */
export interface Rng {
  /** Overwrites every octet of `out`. */
  fill(out: Uint8Array): void;
}
