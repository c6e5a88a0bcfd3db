/** Items whose room is kept for later ones. */
const KEPT_ITEMS = 1024;

/** First in, first out, in constant time. Once it has grown, a queue that runs empty again and again allocates nothing. */
export class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  #head = 0;
  #tail = 0;

  get length(): number {
    return this.#tail - this.#head;
  }

  push(item: Item): void {
    this.#items[this.#tail] = item;
    this.#tail += 1;
  }

  /** The item that `index` others precede; undefined when there is none. */
  at(index: number): Item | undefined {
    return index < 0 || index >= this.length ? undefined : this.#items[this.#head + index];
  }

  shift(): Item | undefined {
    if (this.#head === this.#tail) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#tail) this.#rewind();
    else if (this.#head >= KEPT_ITEMS && this.#head * 2 >= this.#tail) this.#moveUp();
    return item;
  }

  #rewind(): void {
    this.#head = 0;
    this.#tail = 0;
    if (this.#items.length > KEPT_ITEMS) this.#items = [];
  }

  /** For a queue that never runs empty. */
  #moveUp(): void {
    this.#items = this.#items.slice(this.#head, this.#tail);
    this.#tail -= this.#head;
    this.#head = 0;
  }
}
