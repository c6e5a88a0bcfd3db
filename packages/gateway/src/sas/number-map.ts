/** Slots at first: a power of two. */
const FIRST_SLOTS = 8;

/** 2^32 divided by the golden ratio: neighbouring keys end up far apart. */
const SPREAD = 0x9e3779b1;

/**
 * A map from signed 32-bit numbers. Unlike a Map, whose every deletion has to be paid for when the whole of it is written
 * anew, what comes and goes in it costs the same however many others are in it: open addressing, and what lies behind a
 * key that goes moves up.
 */
export class NumberMap<Value> {
  #size = 0;
  #keys = new Int32Array(FIRST_SLOTS);
  #values: (Value | undefined)[] = emptySlots(FIRST_SLOTS);

  get size(): number {
    return this.#size;
  }

  get(key: number): Value | undefined {
    return this.#values[this.#slotOf(key)];
  }

  set(key: number, value: Value): void {
    let slot = this.#slotOf(key);
    if (this.#values[slot] === undefined) {
      this.#size += 1;
      if (2 * this.#size > this.#keys.length) {
        this.#grow();
        slot = this.#slotOf(key);
      }
    }
    this.#keys[slot] = key;
    this.#values[slot] = value;
  }

  delete(key: number): void {
    const mask = this.#keys.length - 1;
    let hole = this.#slotOf(key);
    if (this.#values[hole] === undefined) return;
    this.#size -= 1;
    for (let slot = (hole + 1) & mask; this.#values[slot] !== undefined; slot = (slot + 1) & mask) {
      const home = this.#homeOf(this.#keys[slot] ?? 0);
      // It may move up to no place in front of its home.
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      this.#keys[hole] = this.#keys[slot] ?? 0;
      this.#values[hole] = this.#values[slot];
      hole = slot;
    }
    this.#values[hole] = undefined;
  }

  /** Where a key is, or would be put. At least half of the slots are empty, so there is an end. */
  #slotOf(key: number): number {
    const mask = this.#keys.length - 1;
    let slot = this.#homeOf(key);
    while (this.#values[slot] !== undefined && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #homeOf(key: number): number {
    return (Math.imul(key, SPREAD) >>> 8) & (this.#keys.length - 1);
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Int32Array(2 * keys.length);
    this.#values = emptySlots(2 * keys.length);
    values.forEach((value, i) => {
      if (value === undefined) return;
      const key = keys[i] ?? 0;
      const slot = this.#slotOf(key);
      this.#keys[slot] = key;
      this.#values[slot] = value;
    });
  }
}

function emptySlots<Value>(count: number): (Value | undefined)[] {
  return new Array<Value | undefined>(count).fill(undefined);
}
