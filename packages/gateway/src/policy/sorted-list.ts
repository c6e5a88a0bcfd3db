/** Items in a part of a list; twice as many are two parts. */
const PART_ITEMS = 256;

/** Items in order, of which any number come and go: each costs a walk through a part, and of parts there are few. */
export class SortedList<Item> {
  readonly #order: (a: Item, b: Item) => number;
  #parts: Item[][] = [];
  #size = 0;

  /** `order`: below 0 where `a` comes before `b`. */
  constructor(order: (a: Item, b: Item) => number) {
    this.#order = order;
  }

  get size(): number {
    return this.#size;
  }

  /** Behind those that it does not come before. */
  add(item: Item): void {
    this.#size += 1;
    const at = Math.max(
      0,
      this.#countBefore(this.#parts, ([first]) => first !== undefined && this.#order(first, item) <= 0) - 1,
    );
    const part = this.#parts[at];
    if (part === undefined) {
      this.#parts = [[item]];
      return;
    }
    part.splice(
      this.#countBefore(part, (other) => this.#order(other, item) <= 0),
      0,
      item,
    );
    if (part.length >= 2 * PART_ITEMS) this.#parts.splice(at + 1, 0, part.splice(PART_ITEMS));
  }

  /** In order, as lists in order. */
  get parts(): readonly (readonly Item[])[] {
    return this.#parts;
  }

  /** Takes out the item that is the same as `item`. Does nothing where there is none. */
  delete(item: Item, isSame: (a: Item, b: Item) => boolean): void {
    const first = this.#countBefore(this.#parts, (part) => this.#order(part.at(-1) ?? item, item) < 0);
    for (let at = first; at < this.#parts.length; at++) {
      const part = this.#parts[at] ?? [];
      const from = this.#countBefore(part, (other) => this.#order(other, item) < 0);
      const index = part.findIndex((other, i) => i >= from && isSame(other, item));
      if (index < 0 && this.#order(part[0] ?? item, item) <= 0) continue;
      if (index < 0) return;
      part.splice(index, 1);
      if (part.length === 0) this.#parts.splice(at, 1);
      this.#size -= 1;
      return;
    }
  }

  /** How many there are at the front that `isBefore` holds for. */
  #countBefore<Value>(list: readonly Value[], isBefore: (value: Value) => boolean): number {
    let least = 0;
    let most = list.length;
    while (least < most) {
      const middle = (least + most) >> 1;
      const value = list[middle];
      if (value !== undefined && isBefore(value)) least = middle + 1;
      else most = middle;
    }
    return least;
  }
}
