import { after, type Duration, type Instant, seconds } from '@espalier/wire';

/** For how long packets may go out with none coming back until that is told; who sends none for so long begins anew. */
const LONGEST: Duration = seconds(10);

/** How long nothing has come back. */
export interface Unanswered {
  /** When the first packet was sent that nothing has come back after. */
  readonly since: Instant;
  /** Whether this is news. */
  readonly isFirst: boolean;
}

/**
 * Whether a tunnel is heard from while it sends. Who has stopped sending waits for no answer: the last packet of a
 * conversation has none.
 */
export class Silence {
  #since: Instant | undefined;
  #lastSent: Instant | undefined;
  /** When it was noticed last. */
  #noticed: Instant | undefined;

  /** Packets were sent. Tells every 10 s, as long as nothing comes back. */
  sent(now: Instant): Unanswered | undefined {
    const hasPaused = this.#lastSent === undefined || now >= after(this.#lastSent, LONGEST);
    this.#lastSent = now;
    if (this.#since === undefined || hasPaused) this.#since = now;
    if (now < after(this.#since, LONGEST)) return undefined;
    if (this.#noticed !== undefined && now < after(this.#noticed, LONGEST)) return undefined;
    const isFirst = this.#noticed === undefined;
    this.#noticed = now;
    return { since: this.#since, isFirst };
  }

  /** Packets came, or there is nothing any more that they could come by. */
  end(): void {
    this.#since = undefined;
    this.#noticed = undefined;
  }
}
