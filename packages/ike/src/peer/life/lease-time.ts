import { after, type Duration, type Instant, instant } from '@espalier/wire';
import { LEASE_RETRY, SHORTEST_LEASE_PAUSE } from '../../limits.ts';
import type { Environment } from '../../runtime/environment.ts';
import type { Due, Timer, TimerReason } from '../../runtime/timers.ts';
import { defaultSoftLifetime } from '../../sa/lifetime/soft-lifetime.ts';

/** Who has something for a time. */
interface Tenant {
  /** `attempt` counts from 1. */
  renew(attempt: number): void;
  expired(): void;
}

/** The time of what a client is given: it is renewed before, as often as there is time for, and over with the time. */
export class LeaseTime implements Due {
  readonly #environment: Pick<Environment, 'now' | 'timers'>;
  readonly #tenant: Tenant;
  readonly #end: Instant;
  #attempts = 0;
  #timer: Timer | undefined;

  constructor(environment: Pick<Environment, 'now' | 'timers'>, lasts: Duration, tenant: Tenant) {
    const { now } = environment;
    this.#environment = environment;
    this.#tenant = tenant;
    this.#end = after(now, lasts);
    this.#await(
      instant(Math.max(after(now, defaultSoftLifetime(lasts, 'initiator')), after(now, SHORTEST_LEASE_PAUSE))),
    );
  }

  stop(): void {
    this.#environment.timers.cancel(this.#timer);
  }

  due(reason: TimerReason): void {
    if (reason === 'lease-hard-expiry') {
      this.#tenant.expired();
      return;
    }
    this.#await(after(this.#environment.now, LEASE_RETRY));
    this.#tenant.renew(++this.#attempts);
  }

  #await(next: Instant): void {
    const { timers } = this.#environment;
    this.#timer =
      next < this.#end ? timers.set(next, 'lease-soft-expiry', this) : timers.set(this.#end, 'lease-hard-expiry', this);
  }
}
