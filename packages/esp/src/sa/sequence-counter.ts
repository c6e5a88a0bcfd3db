/** Numbers of the leading 32 bits from which on a successor SA is wanted: a sixteenth of them is left. */
const SCARCE_FROM = 0xf0000000;
const LAST = 0xffffffff;

/** The sequence numbers of one outbound SA, as two u32 halves (RFC 4303 §3.3.3). */
export class SequenceCounter {
  readonly #esn: boolean;
  #high = 0;
  #low = 0;

  /**
   * @param first The number that the first packet gets.
   * @throws RangeError unless `first` is at least 1 and has at most 32 bits, or 64 with ESN.
   */
  constructor(first: bigint, esn: boolean) {
    if (first < 1n || first > (esn ? 2n ** 64n : 2n ** 32n) - 1n) {
      throw new RangeError(`firstSequence: must be from 1 to 2^${esn ? 64 : 32} - 1`);
    }
    this.#esn = esn;
    this.#high = Number((first - 1n) >> 32n);
    this.#low = Number((first - 1n) & 0xffffffffn);
  }

  /** The number last given out: u32 halves. */
  get high(): number {
    return this.#high;
  }

  get low(): number {
    return this.#low;
  }

  /** Whether packet 2^32 (2^64 with ESN) would be next, which must never be sent. */
  get isExhausted(): boolean {
    return this.#low === LAST && (!this.#esn || this.#high === LAST);
  }

  /** Whether most numbers are spent. */
  get isScarce(): boolean {
    return (this.#esn ? this.#high : this.#low) >= SCARCE_FROM;
  }

  /** Gives out the next number. The caller has made sure that there is one. */
  advance(): void {
    if (this.#low === LAST) {
      this.#high += 1;
      this.#low = 0;
    } else {
      this.#low += 1;
    }
  }
}
