import { after, type Duration, type Instant } from '@espalier/wire';

/** How often something is done in a while, for one address and in all. */
export interface PaceLimits {
  readonly perAddress: number;
  readonly inAll: number;
  readonly pause: Duration;
}

/**
 * How often something is done for an address that has proved nothing: so often in a while, and for all together so often.
 * What is remembered ends with the while, so it is bounded by what is done for all.
 */
export class Pace {
  readonly #now: () => Instant;
  readonly #limits: PaceLimits;
  readonly #done = new Map<string, number>();
  #inAll = 0;
  #ends: Instant | undefined;

  constructor(now: () => Instant, limits: PaceLimits) {
    this.#now = now;
    this.#limits = limits;
  }

  /** Whether it may be done once more; then it counts as done. */
  admits(address: string): boolean {
    const { perAddress, inAll, pause } = this.#limits;
    const now = this.#now();
    if (this.#ends === undefined || now >= this.#ends) {
      this.#ends = after(now, pause);
      this.#done.clear();
      this.#inAll = 0;
    }
    const done = this.#done.get(address) ?? 0;
    if (done >= perAddress || this.#inAll >= inAll) return false;
    this.#done.set(address, done + 1);
    this.#inAll++;
    return true;
  }
}
