import { copySecret } from '@espalier/crypto';
import type { Duration } from '@espalier/wire';
import { milliseconds } from '@espalier/wire';

/** An object of the caller's that is meant for a `T`: of which kinds its fields are is still to be seen. */
export type Unread<T> = { readonly [K in keyof T]?: unknown };

/** Every field of `T`, those that may be missing too. */
export type Complete<T> = { readonly [K in keyof T]-?: T[K] | undefined };

/** @throws TypeError, as all of these naming the argument, unless it is an object. */
export function readObject<T>(argument: string, value: unknown): Unread<T> {
  if (!isObject<T>(value)) throw new TypeError(`${argument}: must be an object`);
  return value;
}

/** The fields of what may be no object: then it has none. */
export function fieldsOf<T>(value: unknown): Unread<T> {
  return isObject<T>(value) ? value : {};
}

/** @throws TypeError unless it is text. */
export function readText(argument: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${argument}: must be text`);
  return value;
}

/** @throws TypeError unless it is an array. */
export function readArray(argument: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${argument}: must be an array`);
  return [...value];
}

/** Each by its place. @throws TypeError unless it is an array; RangeError unless it has from 1 to `most`. */
export function readList<T>(
  argument: string,
  value: unknown,
  most: number,
  read: (argument: string, value: unknown) => T,
): readonly T[] {
  const values = readArray(argument, value);
  if (values.length === 0) throw new RangeError(`${argument}: must have at least one`);
  if (values.length > most) throw new RangeError(`${argument}: must have at most ${most}`);
  return values.map((one, i) => read(`${argument}[${i}]`, one));
}

/** @throws TypeError unless it is a number; RangeError unless it is a whole one from `least` to `most`. */
export function readInteger(argument: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number') throw new TypeError(`${argument}: must be a number`);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${argument}: must be a whole number from ${least} to ${most}`);
}

/** @throws TypeError unless it is a number; RangeError unless it is above 0 and at most `most` seconds. */
export function readDuration(argument: string, value: unknown, most: number): Duration {
  if (typeof value !== 'number') throw new TypeError(`${argument}: must be a number of milliseconds`);
  if (value > 0 && value <= most * 1000) return milliseconds(value);
  throw new RangeError(`${argument}: must be above 0, and at most ${most} seconds`);
}

/** @throws TypeError unless it is one of two values of truth. */
export function readBoolean(argument: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${argument}: must be true or false`);
  return value;
}

/** A copy to be overwritten. @throws TypeError unless it is a `Uint8Array`; RangeError unless it has at least 1 octet. */
export function readSecret(argument: string, value: unknown): Uint8Array {
  const octets = copySecret(argument, value);
  if (octets.length === 0) throw new RangeError(`${argument}: must have at least 1 octet`);
  return octets;
}

/** @throws TypeError unless it is a value of the kind of the choices; RangeError unless it is one of them. */
export function readChoice<T extends string | number>(argument: string, value: unknown, choices: readonly T[]): T {
  const choice = choices.find((one) => one === value);
  if (choice !== undefined) return choice;
  const named = choices.map((one) => (typeof one === 'string' ? `'${one}'` : String(one))).join(', ');
  const message = `${argument}: must be ${choices.length > 1 ? `one of ${named}` : named}`;
  throw typeof value === typeof choices[0] ? new RangeError(message) : new TypeError(message);
}

/** What may be missing. */
export function readOptional<T>(
  argument: string,
  value: unknown,
  read: (argument: string, value: unknown) => T,
): T | undefined {
  return value === undefined ? undefined : read(argument, value);
}

/** The same object without the fields that are missing. */
export function defined<T extends object>(fields: Complete<T>): T {
  const own: object = { ...fields };
  dropUndefined<T>(own);
  return own;
}

function dropUndefined<T extends object>(fields: object): asserts fields is T {
  for (const [name, value] of Object.entries(fields)) if (value === undefined) Reflect.deleteProperty(fields, name);
}

function isObject<T>(value: unknown): value is Unread<T> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
