import type { Instant } from '@espalier/wire';
import { monotonicNow } from './clock.ts';

/** A timer of Node takes no longer delay, in milliseconds; it is set anew when it ends. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** Rings once at an instant, or earlier where that is far off; setting it forgets the one before. */
export class Alarm {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;
  #at: Instant | undefined;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** `undefined`: never. */
  set(at: Instant | undefined): void {
    if (at === this.#at) return;
    clearTimeout(this.#timer);
    this.#at = at;
    if (at === undefined) return;
    const delay = Math.min(Math.max(0, Math.ceil(at - monotonicNow())), LONGEST_DELAY);
    this.#timer = setTimeout(() => {
      this.#at = undefined;
      this.#ring();
    }, delay);
  }
}
