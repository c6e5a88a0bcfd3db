import { after, type Duration, type Instant, instant } from '@espalier/wire';
import type { Environment } from '../../runtime/environment.ts';
import type { Due, Timer } from '../../runtime/timers.ts';
import type { Role } from '../../types.ts';

/** What has a lifetime: it is told when it is to be renewed, and when it is over. */
export interface Mortal {
  readonly kind: 'ike' | 'child';
  softExpired(): void;
  hardExpired(): void;
}

/** The lifetime of an SA, which can only be shortened. One timer is set: for what comes next. */
export class SaLifetime implements Due {
  readonly #environment: Environment;
  readonly #of: Mortal;
  readonly #role: Role;
  readonly #from: Instant;
  /** Asked for once: it is the caller's to compute. */
  #soft: Duration;
  #hard: Duration;
  #timer: Timer | undefined;

  constructor(environment: Environment, of: Mortal, role: Role, hard: Duration) {
    this.#environment = environment;
    this.#of = of;
    this.#role = role;
    this.#from = environment.now;
    this.#hard = hard;
    this.#soft = environment.softLifetime(hard, role);
    this.#await(this.softExpiry);
  }

  get soft(): Duration {
    return this.#soft;
  }

  get softExpiry(): Instant {
    return after(this.#from, this.#soft);
  }

  get hardExpiry(): Instant {
    return after(this.#from, this.#hard);
  }

  /** Counted from when the SA was established. A longer lifetime changes nothing. */
  shorten(hard: Duration): void {
    if (hard >= this.#hard) return;
    this.#hard = hard;
    this.#soft = this.#environment.softLifetime(hard, this.#role);
    this.#await(this.softExpiry);
  }

  /** To be renewed again after `pause`, though not before it is due, unless the SA is over by then. */
  retryAfter(pause: Duration): void {
    this.#await(instant(Math.max(after(this.#environment.now, pause), this.softExpiry)));
  }

  stop(): void {
    this.#environment.timers.cancel(this.#timer);
  }

  due(): void {
    if (this.#timer?.reason === `${this.#of.kind}-hard-expiry`) {
      this.#of.hardExpired();
      return;
    }
    this.#set('hard', this.hardExpiry);
    this.#of.softExpired();
  }

  #await(soft: Instant): void {
    this.stop();
    if (soft <= this.hardExpiry) this.#set('soft', soft);
    else this.#set('hard', this.hardExpiry);
  }

  #set(stage: 'soft' | 'hard', at: Instant): void {
    this.#timer = this.#environment.timers.set(at, `${this.#of.kind}-${stage}-expiry`, this);
  }
}
