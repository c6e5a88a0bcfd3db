import type { Instant } from '@espalier/wire';

interface Entry<T> {
  readonly at: Instant;
  readonly order: number;
  readonly event: T;
}

/** What is to happen, by time; at the same time, in the order in which it was put in. A binary heap. */
export class EventQueue<T> {
  readonly #heap: Entry<T>[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** When the next one is due; undefined where there is none. */
  get nextAt(): Instant | undefined {
    return this.#heap[0]?.at;
  }

  push(at: Instant, event: T): void {
    const heap = this.#heap;
    const entry = { at, order: this.#order++, event };
    let index = heap.length;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !comesBefore(entry, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  shift(): T | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first?.event;
    let index = 0;
    for (let childIndex = 1; childIndex < heap.length; childIndex = 2 * index + 1) {
      const [left, right] = [heap[childIndex], heap[childIndex + 1]];
      const isRight = left !== undefined && right !== undefined && comesBefore(right, left);
      const child = isRight ? right : left;
      if (child === undefined || comesBefore(last, child)) break;
      heap[index] = child;
      index = isRight ? childIndex + 1 : childIndex;
    }
    heap[index] = last;
    return first.event;
  }
}

function comesBefore<T>(one: Entry<T>, other: Entry<T>): boolean {
  return one.at === other.at ? one.order < other.order : one.at < other.at;
}
