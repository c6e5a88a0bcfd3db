import { after, type Instant } from '@espalier/wire';
import { NOTIFIES_IN_ALL, NOTIFIES_PAUSE, NOTIFIES_PER_ADDRESS } from '../limits.ts';

/**
 * How often an address that has proved nothing is told why it was refused: so often in a while, and all together so often.
 * What is remembered ends with the while, so it is bounded by what all are told.
 */
export class Pace {
  readonly #now: () => Instant;
  readonly #told = new Map<string, number>();
  #inAll = 0;
  #ends: Instant | undefined;

  constructor(now: () => Instant) {
    this.#now = now;
  }

  /** Whether one more may be told; it counts as told. */
  admits(address: string): boolean {
    const now = this.#now();
    if (this.#ends === undefined || now >= this.#ends) {
      this.#ends = after(now, NOTIFIES_PAUSE);
      this.#told.clear();
      this.#inAll = 0;
    }
    const told = this.#told.get(address) ?? 0;
    if (told >= NOTIFIES_PER_ADDRESS || this.#inAll >= NOTIFIES_IN_ALL) return false;
    this.#told.set(address, told + 1);
    this.#inAll++;
    return true;
  }
}
