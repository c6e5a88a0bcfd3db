import type { Rng } from '../../rng.ts';

/** Unpredictable octets in the kernels' memory, each given out once; asked for by the page, which costs far less. */
export class RandomPool {
  readonly #address: number;
  readonly #octets: Uint8Array;
  #used: number;
  #source: Rng | undefined;

  /** The pool is all of `octets`, which lie at `address`. */
  constructor(octets: Uint8Array, address: number) {
    this.#address = address;
    this.#octets = octets;
    this.#used = octets.length;
  }

  /** Address of the next octets, no more than the pool has. */
  take(rng: Rng, octets: number): number {
    if (this.#source !== rng || this.#used + octets > this.#octets.length) {
      rng.fill(this.#octets);
      this.#source = rng;
      this.#used = 0;
    }
    const address = this.#address + this.#used;
    this.#used += octets;
    return address;
  }
}
