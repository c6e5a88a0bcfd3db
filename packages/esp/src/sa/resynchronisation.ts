import { requireObject } from '@espalier/wire';
import { within } from './arguments.ts';

/** When and how an SA with ESN finds the other end again after 2^32 lost packets or more (RFC 4303 Appendix A3). */
export interface Resynchronisation {
  /** Packets with a wrong ICV, one after the other with no good one between, after which one of them is tried. */
  readonly failures: number;
  /** High halves of the sequence number that are tried with it, upwards from the next one: 1 to 256. */
  readonly attempts: number;
}

/** Counts failures in a row. The work for them is bounded: `attempts` ICVs for every `failures` packets. */
export class FailureRow {
  readonly attempts: number;
  readonly #failures: number;
  #row = 0;

  /** @throws TypeError or RangeError that names the option. */
  constructor(options: Resynchronisation) {
    requireObject('resynchronise', options);
    within('resynchronise.failures', options.failures, 1, 2 ** 31);
    within('resynchronise.attempts', options.attempts, 1, 256);
    this.#failures = options.failures;
    this.attempts = options.attempts;
  }

  /** A packet whose ICV was right. */
  end(): void {
    this.#row = 0;
  }

  /** A packet whose ICV was wrong. True when it is the one to try, and the row begins anew. */
  failed(): boolean {
    this.#row += 1;
    if (this.#row < this.#failures) return false;
    this.#row = 0;
    return true;
  }
}
