import type { Rng } from '../rng.ts';
import { wipe } from '../secrets.ts';

/** What is asked of the generator at once: it costs far less by the kilobyte than by the block. */
const POOL_OCTETS = 1024;

/** Unpredictable IVs (RFC 3602 §3), each octet given out once. */
export class IvPool {
  readonly #rng: Rng;
  readonly #pool = new Uint8Array(POOL_OCTETS);
  #used = POOL_OCTETS;

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  write(view: DataView, at: number, octets: number): void {
    if (this.#used + octets > POOL_OCTETS) {
      this.#rng.fill(this.#pool);
      this.#used = 0;
    }
    for (let i = 0; i < octets; i++) view.setUint8(at + i, this.#pool[this.#used + i] ?? 0);
    this.#used += octets;
  }

  wipe(): void {
    wipe(this.#pool);
    this.#used = POOL_OCTETS;
  }
}
