import { writeU16, writeU32 } from './integers.ts';
import { type OwnOctets, requireOctets } from './octets.ts';

/** Writes big-endian fields one after the other. A value that does not fit its field is a `RangeError` that names it. */
export class Writer {
  #octets: OwnOctets;
  #length = 0;

  /** @param expected Octets that there will be, if it is known: none is copied then. */
  constructor(expected: number = 256) {
    this.#octets = new Uint8Array(expected);
  }

  /** Octets written. */
  get length(): number {
    return this.#length;
  }

  /** Writes 1 octet. @throws RangeError unless `value` is an integer that fits. */
  u8(value: number, name: string): void {
    requireInteger(value, 0xff, name);
    const at = this.#extend(1);
    this.#octets[at] = value;
  }

  /** Writes 2 octets. @throws RangeError unless `value` is an integer that fits. */
  u16(value: number, name: string): void {
    requireInteger(value, 0xffff, name);
    const at = this.#extend(2);
    writeU16(this.#octets, at, value);
  }

  /** Writes 4 octets. @throws RangeError unless `value` is an unsigned integer that fits. */
  u32(value: number, name: string): void {
    requireInteger(value, 0xffffffff, name);
    const at = this.#extend(4);
    writeU32(this.#octets, at, value);
  }

  /** Writes all of `octets`. @throws TypeError that names them unless they are a Uint8Array. */
  octets(octets: Uint8Array, name: string = 'octets'): void {
    requireOctets(name, octets);
    const at = this.#extend(octets.length);
    this.#octets.set(octets, at);
  }

  /** A 16-bit length, patched once `write` has written its body; it counts all octets since `from`. */
  length16(from: number, name: string, write: () => void): void {
    const at = this.#extend(2);
    write();
    const counted = this.#length - from;
    requireInteger(counted, 0xffff, `length of ${name}`);
    writeU16(this.#octets, at, counted);
  }

  /** What was written, in an array of its own. */
  finish(): OwnOctets {
    return this.#length === this.#octets.length ? this.#octets : this.#octets.slice(0, this.#length);
  }

  #extend(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#octets.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#octets.length));
      larger.set(this.#octets);
      this.#octets = larger;
    }
    return at;
  }
}

/** @throws RangeError unless `value` is an integer from 0 to `max`. */
export function requireInteger(value: number, max: number, name: string): void {
  if (!(Number.isInteger(value) && value >= 0 && value <= max)) {
    throw new RangeError(`${name} must be an integer from 0 to ${max}`);
  }
}
