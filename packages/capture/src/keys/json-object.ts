import { fromHex } from '@espalier/wire';

const HEX = /^(?:[0-9a-f]{2})*$/i;

/**
 * An object of JSON that somebody gives, read member by member; a member that is null is none. What is wrong is told by
 * where it stands, never by what it holds, which may be a key.
 */
export class JsonObject {
  readonly #members: object;
  /** What its members are called in errors begins so. */
  readonly #place: string;

  /** @throws RangeError naming the place unless `value` is an object. */
  constructor(value: unknown, place: string = '') {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new RangeError(`${place}: must be an object`);
    this.#members = value;
    this.#place = place === '' ? '' : `${place}.`;
  }

  has(name: string): boolean {
    return this.#at(name) !== undefined;
  }

  /** @throws RangeError unless it is text or absent. */
  text(name: string): string | undefined {
    const value = this.#at(name);
    if (value !== undefined && typeof value !== 'string') throw this.wrong(name, 'must be text');
    return value;
  }

  /** Text, or a whole number that JSON has as it was written. @throws RangeError unless it is one or the other, or absent. */
  textOrNumber(name: string): string | undefined {
    const value = this.#at(name);
    if (typeof value !== 'number') return this.text(name);
    if (!Number.isSafeInteger(value)) throw this.wrong(name, 'must be text in quotation marks');
    return String(value);
  }

  /** @throws RangeError unless it is pairs of hexadecimal digits, or absent. */
  octets(name: string): Uint8Array | undefined {
    const value = this.#at(name);
    return value === undefined ? undefined : this.#octets(name, value);
  }

  /** @throws RangeError unless it is a list of such, or absent. */
  octetsList(name: string): readonly Uint8Array[] {
    return this.#list(name).map((one, i) => this.#octets(`${name}[${i}]`, one));
  }

  /** @throws RangeError unless it is a list of objects, or absent. */
  objects(name: string): readonly JsonObject[] {
    return this.#list(name).map((one, i) => new JsonObject(one, `${this.#place}${name}[${i}]`));
  }

  /** What to throw of a member. */
  wrong(name: string, what: string): RangeError {
    return new RangeError(`${this.#place}${name}: ${what}`);
  }

  #at(name: string): unknown {
    return Object.hasOwn(this.#members, name) ? (Reflect.get(this.#members, name) ?? undefined) : undefined;
  }

  #list(name: string): readonly unknown[] {
    const value = this.#at(name) ?? [];
    if (!Array.isArray(value)) throw this.wrong(name, 'must be a list');
    return value;
  }

  #octets(name: string, value: unknown): Uint8Array {
    if (typeof value !== 'string' || !HEX.test(value)) throw this.wrong(name, 'must be pairs of hexadecimal digits');
    return fromHex(value);
  }
}
