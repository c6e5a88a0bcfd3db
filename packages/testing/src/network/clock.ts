import { type Instant, instant } from '@espalier/wire';

/** What a clock is, beside the network's own. */
export interface ClockOptions {
  /** What it shows when the network's shows 0, in milliseconds. Default 0. */
  readonly offset?: number;
  /** How much faster than the network's it runs: 1.0001 gains 100 ppm. More than 0. Default 1. */
  readonly rate?: number;
}

/** The clock of one node: it may be wrong, go wrong, and be set. */
export class NodeClock {
  #rate: number;
  /** It showed `#shown` when the network's showed `#since`. */
  #since = 0;
  #shown: number;

  /** @throws RangeError for a rate that is not above 0, and an offset that is no number. */
  constructor({ offset = 0, rate = 1 }: ClockOptions = {}) {
    this.#shown = instant(offset);
    this.#rate = checkedRate(rate);
  }

  /** What it shows when the network's shows `at`. */
  read(at: Instant): Instant {
    return instant(this.#shown + (at - this.#since) * this.#rate);
  }

  /** The first whole millisecond of the network's clock, since this one was set, at which it shows `local` or more. */
  when(local: Instant): Instant {
    let at = Math.ceil(this.#since + Math.max(0, local - this.#shown) / this.#rate);
    // Where it is no more than a rounding away; so far off that milliseconds are lost it need not be found.
    while (at < Number.MAX_SAFE_INTEGER && this.read(instant(at)) < local) at += 1;
    return instant(at);
  }

  /** Somebody sets it: `by` milliseconds forward, or back where that is negative. */
  jump(at: Instant, by: number): void {
    this.#shown = instant(this.read(at) + by);
    this.#since = at;
  }

  /** @throws RangeError for a rate that is not above 0. */
  run(at: Instant, rate: number): void {
    this.#shown = this.read(at);
    this.#since = at;
    this.#rate = checkedRate(rate);
  }
}

function checkedRate(rate: number): number {
  if (!(rate > 0 && Number.isFinite(rate))) throw new RangeError('rate must be a finite number above 0');
  return rate;
}
