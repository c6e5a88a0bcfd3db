/** The highest sequence number that an inbound SA may take for now, as two u32 halves. */
export class SequenceBound {
  #high = 0;
  #low = 0;

  constructor(end: bigint) {
    this.extend(end);
  }

  get end(): bigint {
    return (BigInt(this.#high) << 32n) | BigInt(this.#low);
  }

  isBelow(low: number, high: number): boolean {
    return high > this.#high || (high === this.#high && low > this.#low);
  }

  /** From now on numbers up to `end` may be taken, which is none below those before. */
  extend(end: bigint): void {
    if (end <= this.end) return;
    this.#high = Number(end >> 32n);
    this.#low = Number(BigInt.asUintN(32, end));
  }
}
