import { after, type Duration, type Instant, seconds } from '@espalier/wire';

/** For how long packets may go out with none coming back until that is told; who sends none for so long begins anew. */
const LONGEST: Duration = seconds(10);

/**
 * Whether a tunnel is heard from while it sends. Who has stopped sending waits for no answer: the last packet of a
 * conversation has none.
 */
export class Silence {
  /** When the first packet was sent that nothing has come back after. */
  #since: Instant | undefined;
  #lastSent: Instant | undefined;
  #isTold = false;

  /** Packets were sent. Gives since when nothing has come back, where that is to be told: once, until something comes. */
  sent(now: Instant): Instant | undefined {
    const hasPaused = this.#lastSent === undefined || now >= after(this.#lastSent, LONGEST);
    this.#lastSent = now;
    if (this.#since === undefined || hasPaused) this.#since = now;
    if (this.#isTold || now < after(this.#since, LONGEST)) return undefined;
    this.#isTold = true;
    return this.#since;
  }

  /** Packets came, or there is nothing any more that they could come by. */
  end(): void {
    this.#since = undefined;
    this.#isTold = false;
  }
}
