import { after, type Duration, type Instant, instant } from '@espalier/wire';
import type { Environment } from '../runtime/environment.ts';
import type { Timer } from '../runtime/timers.ts';
import type { Role } from '../types.ts';

/** The two timers of an SA, which can only be shortened. */
export class SaLifetime {
  readonly #environment: Environment;
  readonly #from: Instant;
  readonly #role: Role;
  readonly #kind: 'ike' | 'child';
  readonly #due: { readonly soft: () => void; readonly hard: () => void };
  #hard: Duration;
  #softTimer: Timer | undefined;
  #hardTimer: Timer | undefined;

  constructor(
    environment: Environment,
    kind: 'ike' | 'child',
    role: Role,
    hard: Duration,
    due: { readonly soft: () => void; readonly hard: () => void },
  ) {
    this.#environment = environment;
    this.#from = environment.now;
    this.#role = role;
    this.#kind = kind;
    this.#due = due;
    this.#hard = hard;
    this.#set();
  }

  get hard(): Duration {
    return this.#hard;
  }

  get soft(): Duration {
    return this.#environment.softLifetime(this.#hard, this.#role);
  }

  get softExpiry(): Instant {
    return after(this.#from, this.soft);
  }

  get hardExpiry(): Instant {
    return after(this.#from, this.#hard);
  }

  /** Counted from when the SA was established. A longer lifetime changes nothing. */
  shorten(hard: Duration): void {
    if (hard >= this.#hard) return;
    this.stop();
    this.#hard = hard;
    this.#set();
  }

  /** Fires the soft timer again after `pause`, though not before it is due, unless the SA is over by then. */
  retryAfter(pause: Duration): void {
    const { timers, now } = this.#environment;
    const at = instant(Math.max(after(now, pause), this.softExpiry));
    timers.cancel(this.#softTimer);
    this.#softTimer = timers.set(at, `${this.#kind}-soft-expiry`, this.#due.soft);
  }

  stop(): void {
    this.#environment.timers.cancel(this.#softTimer);
    this.#environment.timers.cancel(this.#hardTimer);
  }

  #set(): void {
    const { timers } = this.#environment;
    this.#softTimer = timers.set(this.softExpiry, `${this.#kind}-soft-expiry`, this.#due.soft);
    this.#hardTimer = timers.set(this.hardExpiry, `${this.#kind}-hard-expiry`, this.#due.hard);
  }
}
