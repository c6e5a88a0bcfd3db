import type { Instant } from '@espalier/wire';
import { requireObject } from '@espalier/wire';
import { within } from '../sa/arguments.ts';
import type { PacketTraces } from './packet-traces.ts';

/** An auditable event (RFC 4303 §3.4, RFC 4302 §3.4, RFC 4301 §5.2). */
export interface AuditEvent<Reason extends string> extends PacketTraces {
  readonly at: Instant;
  readonly reason: Reason;
  /** Events since the one before that were too many to be told. */
  readonly suppressed: number;
}

/** How much an audit log tells and keeps. */
export interface AuditLimits {
  /** Events a second, in the long run. Default 10. */
  readonly perSecond?: number;
  /** Events at once, before that rate counts. Default 50. */
  readonly burst?: number;
  /** Events that wait to be fetched. Default 256. */
  readonly capacity?: number;
}

const SECOND = 1000;
const MOST = 1_000_000;

/**
 * Auditable events, as many as somebody may want to read: who floods an SA with packets that are no good floods no log. What
 * is too much is counted. Events are fetched, not called back.
 */
export class AuditLog<Reason extends string> {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #capacity: number;
  readonly #events: AuditEvent<Reason>[] = [];
  #allowance: number;
  #latest: Instant | undefined;
  #suppressed = 0;

  /** @throws RangeError, naming the option, for one that is no whole number from 1 to 1,000,000. */
  constructor(limits: AuditLimits = {}) {
    requireObject('audit', limits);
    const { perSecond = 10, burst = 50, capacity = 256 } = limits;
    within('audit.perSecond', perSecond, 1, MOST);
    within('audit.burst', burst, 1, MOST);
    within('audit.capacity', capacity, 1, MOST);
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#capacity = capacity;
    this.#allowance = burst;
  }

  /** Events since the last one that was kept that were too many. */
  get suppressed(): number {
    return this.#suppressed;
  }

  /**
   * Whether there is room for an event that happened at `now`; where there is none, it is counted. Asked first, so that what
   * is too much costs no more than that. An earlier `now` counts as the latest seen.
   */
  admits(now: Instant): boolean {
    this.#refill(now);
    const has = this.#allowance >= 1 && this.#events.length < this.#capacity;
    if (!has) this.#suppressed += 1;
    return has;
  }

  /** Notes an event down for which there is room. */
  note(now: Instant, reason: Reason, traces: PacketTraces): void {
    this.#refill(now);
    this.#allowance -= 1;
    this.#events.push({ at: this.#latest ?? now, reason, ...traces, suppressed: this.#suppressed });
    this.#suppressed = 0;
  }

  /** The next event, in the order in which they happened; undefined when none waits. */
  poll(): AuditEvent<Reason> | undefined {
    return this.#events.shift();
  }

  /** A bucket of tokens: it fills with time, up to the burst. */
  #refill(now: Instant): void {
    if (this.#latest === undefined) this.#latest = now;
    if (now <= this.#latest) return;
    const gained = ((now - this.#latest) * this.#perSecond) / SECOND;
    this.#allowance = Math.min(this.#burst, this.#allowance + gained);
    this.#latest = now;
  }
}
