import { after, type Duration, type Instant, instant } from '@espalier/wire';

interface Alarm {
  readonly at: Instant;
  /** Alarms of the same instant ring in the order in which they were set. */
  readonly order: number;
  action: (() => void) | undefined;
}

/** Time that passes only when it is told to: a queue of alarms. */
export class VirtualClock {
  #now: Instant = instant(0);
  #order = 0;
  /** A binary heap: no alarm is before the one at half its index. */
  readonly #alarms: Alarm[] = [];

  get now(): Instant {
    return this.#now;
  }

  /** Calls `action` at `at`, or as the next thing if that has passed. Returns a way to take it back. */
  at(at: Instant, action: () => void): () => void {
    const alarm: Alarm = { at, order: this.#order++, action };
    this.#push(alarm);
    return () => {
      alarm.action = undefined;
    };
  }

  after(delay: Duration, action: () => void): () => void {
    return this.at(after(this.#now, delay), action);
  }

  /** Lets time pass until `end`, or until `done` says so after an alarm. */
  run(end: Instant, done: () => boolean = () => false): void {
    for (let next = this.#alarms[0]; next && next.at <= end && !done(); next = this.#alarms[0]) {
      this.#pop();
      if (next.at > this.#now) this.#now = next.at;
      next.action?.();
    }
    if (end > this.#now && !done()) this.#now = end;
  }

  runFor(duration: Duration, done?: () => boolean): void {
    this.run(after(this.#now, duration), done);
  }

  #push(alarm: Alarm): void {
    const alarms = this.#alarms;
    let index = alarms.push(alarm) - 1;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = alarms[parentIndex];
      if (!parent || rings(parent, alarm)) break;
      alarms[index] = parent;
      index = parentIndex;
    }
    alarms[index] = alarm;
  }

  #pop(): void {
    const alarms = this.#alarms;
    const last = alarms.pop();
    if (!last || alarms.length === 0) return;
    let index = 0;
    for (;;) {
      const left = alarms[2 * index + 1];
      const right = alarms[2 * index + 2];
      const child = right && left && rings(right, left) ? right : left;
      if (!child || rings(last, child)) break;
      alarms[index] = child;
      index = 2 * index + (child === left ? 1 : 2);
    }
    alarms[index] = last;
  }
}

/** Whether `a` rings before `b`. */
function rings(a: Alarm, b: Alarm): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
