import { after, type Instant, readU32, seconds } from '@espalier/wire';
import type { Environment } from '../../runtime/environment.ts';
import { randomOctets } from '../../runtime/random.ts';
import type { Due, Timer } from '../../runtime/timers.ts';
import type { DeadPeerDetection } from '../../types.ts';

/** What is watched. */
export interface Watched {
  /** Whether there is any SA with the peer. */
  readonly isInUse: boolean;
  /** Asks for a sign of life. */
  probe(sequence: number): void;
  dead(): void;
}

/** How a peer is asked that was asked for, watched or not. */
export const ASKED_PACE: DeadPeerDetection = { idle: seconds(10), interval: seconds(2), retries: 2 };

/** Tells when a peer that has fallen silent is dead (RFC 3706 §5.4 and §5.5). While it is not silent, nothing is sent. */
export class DeadPeerDetector implements Due {
  readonly #environment: Environment;
  readonly #pace: DeadPeerDetection;
  /** How it asks now. */
  #asking: DeadPeerDetection;
  readonly #watched: Watched;
  /** Whether it begins by itself, whenever the peer has fallen silent. */
  #isWatching = false;
  #timer: Timer | undefined;
  #lastSign: Instant;
  #unanswered = 0;
  /** Of the last probe; drawn with the first. */
  #sequence: number | undefined;

  constructor(environment: Environment, pace: DeadPeerDetection, watched: Watched) {
    this.#environment = environment;
    this.#pace = pace;
    this.#asking = pace;
    this.#watched = watched;
    this.#lastSign = environment.now;
  }

  /** Begins, unless it has begun. */
  watch(): void {
    this.alive();
    this.#isWatching = true;
    if (this.#timer === undefined) this.#waitForSilence();
  }

  /** Asks now, and soon again if need be, unless it is asking so already. */
  ask(): void {
    const pace = quicker(this.#pace, ASKED_PACE);
    if (this.#unanswered > 0 && this.#asking === pace) return;
    this.#environment.timers.cancel(this.#timer);
    this.#asking = pace;
    this.#probe();
  }

  stop(): void {
    this.#environment.timers.cancel(this.#timer);
    this.#timer = undefined;
    this.#unanswered = 0;
  }

  /** Something authentic came. */
  alive(): void {
    this.#lastSign = this.#environment.now;
    this.#unanswered = 0;
  }

  /** R-U-THERE-ACK: only the answer to a probe that is not answered yet shows life. */
  acknowledged(sequence: number): void {
    if (this.#sequence === undefined) return;
    const age = (this.#sequence - sequence) >>> 0;
    if (age < this.#unanswered) this.alive();
  }

  #waitForSilence(): void {
    this.#setTimer(after(this.#lastSign, this.#pace.idle));
  }

  #setTimer(at: Instant): void {
    this.#timer = this.#environment.timers.set(at, 'dead-peer-detection', this);
  }

  due(): void {
    const { now } = this.#environment;
    const isAnswered = this.#unanswered === 0;
    if (isAnswered) this.#asking = this.#pace;
    const { idle, retries } = this.#asking;
    this.#timer = undefined;
    if (!this.#watched.isInUse || (isAnswered && !this.#isWatching)) this.stop();
    else if (isAnswered && now < after(this.#lastSign, idle)) this.#waitForSilence();
    else if (this.#unanswered > retries) {
      this.stop();
      this.#watched.dead();
    } else this.#probe();
  }

  #probe(): void {
    this.#unanswered++;
    this.#setTimer(after(this.#environment.now, this.#asking.interval));
    this.#watched.probe(this.#nextSequence());
  }

  /** The first is random, its highest bit 0; each one more (RFC 3706 §6.2). */
  #nextSequence(): number {
    this.#sequence =
      this.#sequence === undefined
        ? readU32(randomOctets(this.#environment.rng, 4), 0) >>> 1
        : (this.#sequence + 1) >>> 0;
    return this.#sequence;
  }
}

function quicker(a: DeadPeerDetection, b: DeadPeerDetection): DeadPeerDetection {
  return verdictAfter(a) <= verdictAfter(b) ? a : b;
}

/** Milliseconds from the first probe until a peer is dead. */
function verdictAfter({ interval, retries }: DeadPeerDetection): number {
  return interval * (retries + 1);
}
