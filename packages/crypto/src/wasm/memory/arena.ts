/** Alignment of every allocation, and what its size is rounded up to. */
const ALIGNMENT = 64;

interface Range {
  from: number;
  to: number;
}

/** Parts of a fixed range of addresses, given out and taken back: first fit, neighbours joined again. */
export class Arena {
  /** In order of address, never touching each other. */
  readonly #free: Range[];
  readonly #taken = new Map<number, number>();
  readonly #octets: number;
  #takenOctets = 0;

  constructor(from: number, to: number) {
    this.#octets = to - from;
    this.#free = [{ from: align(from), to: to - (to % ALIGNMENT) }];
  }

  /** Address of at least `octets` octets. @throws RangeError when no free range is as long: it says what to raise. */
  take(octets: number): number {
    const size = align(Math.max(1, octets));
    const index = this.#free.findIndex((range) => range.to - range.from >= size);
    const range = this.#free[index];
    if (range === undefined) {
      throw new RangeError(
        `the engine's arena of ${this.#octets} octets has no ${octets} in one piece left, ${this.#takenOctets} being taken: ` +
          `raise arenaOctets by ${size} at least`,
      );
    }
    const address = range.from;
    range.from += size;
    if (range.from === range.to) this.#free.splice(index, 1);
    this.#taken.set(address, size);
    this.#takenOctets += size;
    return address;
  }

  /** @throws RangeError for an address that `take` did not return, or that was given back before. */
  giveBack(address: number): void {
    const size = this.#taken.get(address);
    if (size === undefined) throw new RangeError('this memory is not allocated from this engine');
    this.#taken.delete(address);
    this.#takenOctets -= size;
    const index = this.#free.findIndex((range) => range.from > address);
    this.#insert(index < 0 ? this.#free.length : index, { from: address, to: address + size });
  }

  #insert(index: number, range: Range): void {
    const before = this.#free[index - 1];
    const after = this.#free[index];
    if (after?.from === range.to) {
      range.to = after.to;
      this.#free.splice(index, 1);
    }
    if (before?.to === range.from) before.to = range.to;
    else this.#free.splice(index, 0, range);
  }
}

function align(octets: number): number {
  return Math.ceil(octets / ALIGNMENT) * ALIGNMENT;
}
