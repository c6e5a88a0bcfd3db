import { lastSequence } from './snapshot.ts';

/** Numbers of the leading 32 bits from which on a successor SA is wanted: a sixteenth of them is left. */
const SCARCE_FROM = 0xf0000000;
const LAST = 0xffffffff;

/** The sequence numbers of one outbound SA, as two u32 halves (RFC 4303 §3.3.3). */
export class SequenceCounter {
  readonly #esn: boolean;
  #high: number;
  #low: number;
  /** The last number that may be given out for now. */
  #endHigh: number;
  #endLow: number;

  /**
   * @param before The number before the first that is given out.
   * @param end The last that may be given out, until `extend` says otherwise. Default: the last that there is.
   */
  constructor(before: bigint, esn: boolean, end: bigint = lastSequence(esn)) {
    this.#esn = esn;
    this.#high = highOf(before);
    this.#low = lowOf(before);
    this.#endHigh = highOf(end);
    this.#endLow = lowOf(end);
  }

  /** The number last given out: u32 halves. */
  get high(): number {
    return this.#high;
  }

  get low(): number {
    return this.#low;
  }

  /** The number last given out. */
  get current(): bigint {
    return join(this.#high, this.#low);
  }

  /** The last that may be given out for now. */
  get end(): bigint {
    return join(this.#endHigh, this.#endLow);
  }

  /** Whether none may be given out for now. */
  get isSpent(): boolean {
    return this.#low === this.#endLow && this.#high === this.#endHigh;
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

  /** From now on numbers up to `end` may be given out, which is none below those before. */
  extend(end: bigint): void {
    if (end <= this.end) return;
    this.#endHigh = highOf(end);
    this.#endLow = lowOf(end);
  }
}

/**
 * The number before the one that the first packet is to get.
 * @throws TypeError unless `firstSequence` is a bigint; RangeError unless it is a sequence number (RFC 4303 §2.2).
 */
export function numberBefore(firstSequence: bigint, esn: boolean): bigint {
  if (typeof firstSequence !== 'bigint') throw new TypeError('firstSequence must be a bigint');
  if (firstSequence < 1n || firstSequence > lastSequence(esn)) {
    throw new RangeError(`firstSequence: must be from 1 to 2^${esn ? 64 : 32} - 1`);
  }
  return firstSequence - 1n;
}

function highOf(sequence: bigint): number {
  return Number(sequence >> 32n);
}

function lowOf(sequence: bigint): number {
  return Number(BigInt.asUintN(32, sequence));
}

function join(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}
