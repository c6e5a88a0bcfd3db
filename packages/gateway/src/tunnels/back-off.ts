import { after, type Duration, type Instant, seconds } from '@espalier/wire';

const FIRST_PAUSE: Duration = seconds(1);
const LONGEST_PAUSE: Duration = seconds(60);

/**
 * How long to leave a peer in peace: after a failed negotiation 1 s, then twice as long each time, up to a minute; after
 * it has deleted an SA, or was asked for one, a second.
 */
export class BackOff {
  #until: Instant | undefined;
  #pause: Duration = FIRST_PAUSE;
  #failing = false;

  /** The end of the pause; undefined when there is none. */
  get until(): Instant | undefined {
    return this.#until;
  }

  isOver(now: Instant): boolean {
    return this.#until === undefined || now >= this.#until;
  }

  /** Whether it is a failure that the pause is for. */
  get isFailing(): boolean {
    return this.#failing;
  }

  rest(now: Instant): void {
    this.#until = after(now, FIRST_PAUSE);
  }

  failed(now: Instant): void {
    this.#failing = true;
    this.#until = after(now, this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE) as Duration;
  }

  succeeded(): void {
    this.#failing = false;
    this.#until = undefined;
    this.#pause = FIRST_PAUSE;
  }
}
