/** Things by where they come from: so many from one place, so many in all. Beyond that the oldest gives way. */
export class Crowd<Item> {
  readonly #most: { readonly perPlace: number; readonly inAll: number };
  readonly #places = new Map<string, Set<Item>>();
  readonly #all = new Map<Item, string>();

  constructor(most: { readonly perPlace: number; readonly inAll: number }) {
    this.#most = most;
  }

  get size(): number {
    return this.#all.size;
  }

  get items(): Iterable<Item> {
    return this.#all.keys();
  }

  /** Which one gives way to another from this place; undefined while there is room. */
  displaced(place: string, perPlace: number = this.#most.perPlace): Item | undefined {
    const here = this.#places.get(place);
    if (here !== undefined && here.size >= perPlace) return first(here);
    return this.#all.size >= this.#most.inAll ? this.oldest : undefined;
  }

  get oldest(): Item | undefined {
    return first(this.#all.keys());
  }

  add(item: Item, place: string): void {
    this.#all.set(item, place);
    const here = this.#places.get(place) ?? new Set<Item>();
    here.add(item);
    this.#places.set(place, here);
  }

  /** False where it is not there. */
  delete(item: Item): boolean {
    const place = this.#all.get(item);
    if (place === undefined) return false;
    this.#all.delete(item);
    const here = this.#places.get(place);
    here?.delete(item);
    if (here?.size === 0) this.#places.delete(place);
    return true;
  }
}

function first<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}
