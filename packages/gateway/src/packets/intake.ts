import type { Instant } from '@espalier/wire';
import type { GatewayRefusal, Outcome, RefusalCounter } from '../refusals.ts';
import type { Doors } from './doors.ts';
import type { RunPool } from './run-pool.ts';

/** Outputs of a kind, or events, that may wait for a caller who does not fetch them. */
const OUTPUTS_WAITING = 16_384;

/** When a gateway takes inputs, and whether it does. */
export class Intake {
  readonly #pool: RunPool;
  readonly #doors: Doors;
  readonly #events: { readonly eventsWaiting: number };
  readonly #refusals: RefusalCounter;
  #latest: Instant | undefined;
  #isClosed = false;

  constructor(pool: RunPool, doors: Doors, events: { readonly eventsWaiting: number }, refusals: RefusalCounter) {
    this.#pool = pool;
    this.#doors = doors;
    this.#events = events;
    this.#refusals = refusals;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
  }

  /**
   * A new input: the outputs of the ones before need not stay in their places. Gives the latest `now`.
   * @throws TypeError for a `now` that is no number.
   */
  advance(now: Instant): Instant {
    if (typeof now !== 'number' || Number.isNaN(now)) throw new TypeError('now: must be a number');
    this.#pool.reclaim();
    if (this.#latest === undefined || now > this.#latest) this.#latest = now;
    return this.#latest;
  }

  /** Why nothing at all is taken now. */
  get refusal(): GatewayRefusal | undefined {
    if (this.#isClosed) return 'closed';
    const { outside, inside } = this.#doors;
    const waiting = Math.max(outside.length, inside.length, this.#events.eventsWaiting);
    return waiting < OUTPUTS_WAITING ? undefined : 'outputs-pending';
  }

  /** Refuses all of these; none is taken. */
  refuseAll(inputs: Iterable<unknown>, outcomes: Outcome[], reason: GatewayRefusal): 0 {
    let index = 0;
    for (const _ of inputs) {
      outcomes[index] = this.#refusals.refuse(reason);
      index += 1;
    }
    return 0;
  }
}

/** How many of the first `count` outcomes are not refusals. */
export function taken(outcomes: readonly Outcome[], count: number): number {
  let good = 0;
  for (let i = 0; i < count; i++) if (outcomes[i]?.ok === true) good += 1;
  return good;
}
