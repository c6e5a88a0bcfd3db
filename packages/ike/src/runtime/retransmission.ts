import { after, type Duration, milliseconds } from '@espalier/wire';
import { FIRST_PAUSE, LONGEST_PAUSE, RETRANSMISSIONS, RETRANSMISSIONS_WHEN_REFUSED } from '../limits.ts';
import type { Environment } from './environment.ts';
import type { Due, Timer } from './timers.ts';

/** Repeats one message until it is answered, or has been repeated `times` times: see the schedule in `limits.ts`. */
export class Retransmission implements Due {
  readonly #environment: Environment;
  readonly #repeat: () => void;
  readonly #fail: () => void;
  #timer: Timer | undefined;
  #left: number;
  #pause: Duration = FIRST_PAUSE;

  constructor(environment: Environment, repeat: () => void, fail: () => void, times: number = RETRANSMISSIONS) {
    this.#environment = environment;
    this.#repeat = repeat;
    this.#fail = fail;
    this.#left = times;
    this.#wait();
  }

  /** The answer is there, or the exchange is given up. */
  stop(): void {
    this.#environment.timers.cancel(this.#timer);
    this.#timer = undefined;
  }

  /** The peer has answered otherwise than hoped: what else it might say is not waited for as long. */
  hasten(): void {
    this.#left = Math.min(this.#left, RETRANSMISSIONS_WHEN_REFUSED);
  }

  #wait(): void {
    const { timers, now } = this.#environment;
    this.#timer = timers.set(after(now, this.#pause), 'retransmission', this);
    this.#pause = milliseconds(Math.min(2 * this.#pause, LONGEST_PAUSE));
  }

  due(): void {
    if (this.#left === 0) {
      this.#fail();
      return;
    }
    this.#left--;
    this.#wait();
    this.#repeat();
  }
}
