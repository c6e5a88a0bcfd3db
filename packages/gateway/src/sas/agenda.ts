import type { Instant } from '@espalier/wire';

interface Entry<Item> {
  readonly at: Instant;
  readonly item: Item;
}

/** Entries that no longer hold and are left where they are, beside twice as many as hold. */
const LEFT_BEHIND = 64;

/** What is to be done when, each item once: the first is found at once, however many there are. */
export class Agenda<Item> {
  readonly #times = new Map<Item, Instant>();
  /** A binary heap. An entry holds if `#times` agrees with it. */
  #heap: Entry<Item>[] = [];

  has(item: Item): boolean {
    return this.#times.has(item);
  }

  /** From now on `item` is due at `at`, and at no other time. */
  set(item: Item, at: Instant): void {
    if (this.#times.get(item) === at) return;
    this.#times.set(item, at);
    this.#push({ at, item });
    if (this.#heap.length > 2 * this.#times.size + LEFT_BEHIND) this.#rebuild();
  }

  delete(item: Item): void {
    this.#times.delete(item);
  }

  clear(): void {
    this.#times.clear();
    this.#heap = [];
  }

  /** When the first item is due; undefined when there is none. */
  get first(): Instant | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#times.get(top.item) === top.at) return top.at;
      this.#pop();
    }
    return undefined;
  }

  /** Takes out what is due at `now`, the first first, and at most `most` items. */
  take(now: Instant, most: number): readonly Item[] {
    const due: Item[] = [];
    for (let at = this.first; at !== undefined && at <= now && due.length < most; at = this.first) {
      const [top] = this.#heap;
      if (top === undefined) break;
      this.#pop();
      this.#times.delete(top.item);
      due.push(top.item);
    }
    return due;
  }

  #rebuild(): void {
    this.#heap = [];
    for (const [item, at] of this.#times) this.#push({ at, item });
  }

  #push(entry: Entry<Item>): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.at <= entry.at) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      let least = left;
      if (left !== undefined && right !== undefined && right.at < left.at) {
        least = right;
        child += 1;
      }
      if (least === undefined || least.at >= last.at) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = last;
  }
}
