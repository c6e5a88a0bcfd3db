import { DecodeError, type Fault } from './decode-error.ts';
import { readU16, readU32 } from './integers.ts';
import { octetsView } from './octets.ts';

/** Reads big-endian fields from one view, in order, and never outside it. A short read is a `DecodeError`. */
export class Reader {
  readonly #octets: Uint8Array;
  readonly #path: string;
  readonly #base: number;
  #at = 0;

  /**
   * `path` names the structure in errors; `base` is its offset within the outermost one.
   * @throws TypeError unless `octets` are a Uint8Array; all views that are read are plain ones.
   */
  constructor(octets: Uint8Array, path: string, base = 0) {
    this.#octets = octetsView('octets', octets);
    this.#path = path;
    this.#base = base;
  }

  /** Octets from the start of the outermost structure to the next field. */
  get offset(): number {
    return this.#base + this.#at;
  }

  /** Octets that are left. */
  get remaining(): number {
    return this.#octets.length - this.#at;
  }

  /** The next octet. */
  u8(): number {
    return this.#octets[this.#take(1)] ?? 0;
  }

  /** The next 2 octets. */
  u16(): number {
    return readU16(this.#octets, this.#take(2));
  }

  /** The next 4 octets, unsigned. */
  u32(): number {
    return readU32(this.#octets, this.#take(4));
  }

  /** The next `count` octets, as a view. */
  octets(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#octets.subarray(at, at + count);
  }

  /** A reader confined to the next `count` octets, which this one skips. */
  sub(count: number, name: string): Reader {
    const base = this.offset;
    return new Reader(this.octets(count), `${this.#path}/${name}`, base);
  }

  /** All octets that are left, as a view. */
  rest(): Uint8Array {
    return this.octets(this.remaining);
  }

  /** What was read since it stood at `offset`, as a view. */
  since(offset: number): Uint8Array {
    return this.#octets.subarray(offset - this.#base, this.#at);
  }

  /** The next `count` octets must be zero. */
  reserved(count: number): void {
    for (let i = 0; i < count; i++) {
      const at = this.#take(1);
      if (this.#octets[at] !== 0) throw new DecodeError('reserved', this.#base + at, this.#path);
    }
  }

  /** Nothing may be left. */
  end(): void {
    if (this.remaining > 0) this.fail('leftover');
  }

  /** Refuses the structure, at `offset` unless told otherwise. */
  fail(fault: Fault, offset: number = this.offset): never {
    throw new DecodeError(fault, offset, this.#path);
  }

  #take(count: number): number {
    if (count > this.remaining) this.fail('truncated');
    const at = this.#at;
    this.#at += count;
    return at;
  }
}
