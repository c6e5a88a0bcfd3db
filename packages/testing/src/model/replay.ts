/** Numbers that have come, all of them: no window that slides, no bits. */
export class ModelReplay {
  readonly #seen = new Set<bigint>();
  readonly #packets: bigint;
  readonly #esn: boolean;
  #highest = 0n;

  constructor(packets: number, esn: boolean) {
    this.#packets = BigInt(packets);
    this.#esn = esn;
  }

  /**
   * The whole number of a packet that says 32 bits of it: the one of those from the bottom of the window on, of which there are
   * 2^32 (RFC 4303 Appendix A2.2).
   */
  whole(low: number): bigint {
    if (!this.#esn) return BigInt(low);
    const bottom = this.#highest - this.#packets + 1n;
    const first = bottom < 0n ? 0n : bottom;
    const from = first - (first % 2n ** 32n) + BigInt(low);
    return from < first ? from + 2n ** 32n : from;
  }

  /** RFC 4303 §3.4.3. */
  verdict(number: bigint): 'new' | 'replayed' | 'too-old' {
    if (number <= this.#highest - this.#packets) return 'too-old';
    return this.#seen.has(number) ? 'replayed' : 'new';
  }

  /** Once it has been delivered. */
  take(number: bigint): void {
    this.#seen.add(number);
    if (number > this.#highest) this.#highest = number;
  }
}
