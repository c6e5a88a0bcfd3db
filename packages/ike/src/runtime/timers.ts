import type { Instant } from '@espalier/wire';

/** What a timer is for. */
export type TimerReason =
  | 'retransmission'
  | 'half-open-expiry'
  | 'xauth-expiry'
  | 'mode-config-expiry'
  | 'lease-soft-expiry'
  | 'lease-hard-expiry'
  | 'exchange-forgotten'
  | 'key-pair-expiry'
  | 'ike-soft-expiry'
  | 'ike-hard-expiry'
  | 'ike-retired'
  | 'child-soft-expiry'
  | 'child-hard-expiry'
  | 'child-superseded'
  | 'child-taken-up'
  | 'dead-peer-detection'
  | 'nat-keepalive';

/** What a timer belongs to. */
export interface Due {
  due(reason: TimerReason): void;
}

/** One thing to do at one time. */
export interface Timer {
  readonly at: Instant;
  readonly reason: TimerReason;
  readonly subject: Due;
  readonly order: number;
  /** Where it stands in the heap; -1 once it is done or cancelled. */
  place: number;
}

/** Timers by the time they are due, and of the same time by the order in which they were set: a binary heap. */
export class Timers {
  readonly #heap: Timer[] = [];
  #count = 0;

  set(at: Instant, reason: TimerReason, subject: Due): Timer {
    const timer: Timer = { at, reason, subject, order: this.#count++, place: this.#heap.length };
    this.#heap.push(timer);
    this.#rise(timer);
    return timer;
  }

  cancel(timer: Timer | undefined): void {
    if (timer === undefined || timer.place < 0) return;
    const { place } = timer;
    const last = this.#heap.pop();
    timer.place = -1;
    if (last === undefined || last === timer) return;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
  }

  next(): Pick<Timer, 'at' | 'reason'> | undefined {
    const [first] = this.#heap;
    return first && { at: first.at, reason: first.reason };
  }

  /** Takes away the first timer that is due at `now`. */
  takeDue(now: Instant): Timer | undefined {
    const [first] = this.#heap;
    if (first === undefined || first.at > now) return undefined;
    this.cancel(first);
    return first;
  }

  #rise(timer: Timer): void {
    while (timer.place > 0) {
      const above = this.#heap[(timer.place - 1) >> 1];
      if (above === undefined || isBefore(above, timer)) return;
      this.#swap(above, timer);
    }
  }

  #sink(timer: Timer): void {
    for (;;) {
      const left = this.#heap[2 * timer.place + 1];
      const right = this.#heap[2 * timer.place + 2];
      const below = left && right && isBefore(right, left) ? right : left;
      if (below === undefined || isBefore(timer, below)) return;
      this.#swap(timer, below);
    }
  }

  #swap(above: Timer, below: Timer): void {
    const { place } = above;
    this.#put(above, below.place);
    this.#put(below, place);
  }

  #put(timer: Timer, place: number): void {
    this.#heap[place] = timer;
    timer.place = place;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
