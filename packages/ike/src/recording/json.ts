import { fromHex, toHex } from '@espalier/wire';

/** Stands in a recording for what was left out of it. */
export const HIDDEN: unique symbol = Symbol('left out of the recording');

/** Octets that everybody on the way sees, by the names of their fields. All others are secrets until somebody says no. */
const PUBLIC: ReadonlySet<string> = new Set([
  'datagram',
  'octets',
  'data',
  'authority',
  'modulus',
  'exponent',
  'point',
  'prime',
  'generator',
]);
/** Fields that hold suites, one or several. */
const SUITES: ReadonlySet<string> = new Set(['suite', 'suites', 'esp', 'ah']);
/** Deeper than anything that is recorded. */
const DEPTH = 16;

/** How secret octets are written; undefined where they are left out. */
export type Show = ((octets: Uint8Array) => string) | undefined;

/**
 * A value as JSON has it: octets as `{"hex": "…"}`, those that are secret as `{"secret": true}` unless they are shown;
 * of a suite the name. @throws TypeError for what is no such value.
 */
export function toJson(value: unknown, show: Show, name = '', depth = 0): unknown {
  if (depth > DEPTH) throw new TypeError(`${name}: is too deep`);
  if (value === undefined || value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'object') throw new TypeError(`${name}: cannot be recorded`);
  if (value instanceof Uint8Array) return octetsToJson(value, PUBLIC.has(name) ? toHex : show);
  if (ArrayBuffer.isView(value)) throw new TypeError(`${name}: cannot be recorded`);
  if (Array.isArray(value)) return value.map((one) => toJson(one, show, name, depth + 1));
  const fields = Object.entries(value).map(([field, inner]) => [field, toJson(inner, show, field, depth + 1)] as const);
  const isSuite = SUITES.has(name);
  return Object.fromEntries(isSuite ? fields.filter(([field]) => field === 'name') : fields);
}

function octetsToJson(octets: Uint8Array, show: Show): object {
  return show === undefined ? { secret: true } : { hex: show(octets) };
}

/** The value that `toJson` wrote; `HIDDEN` for what was left out. @throws Error for what it would not have written. */
export function fromJson(value: unknown, depth = 0): unknown {
  if (depth > DEPTH) throw new RangeError('is too deep');
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => fromJson(one, depth + 1));
  const fields = Object.entries(value);
  if (fields.length === 1) {
    const [[name, inner] = []] = fields;
    if (name === 'hex' && typeof inner === 'string') return fromHex(inner);
    if (name === 'secret' && inner === true) return HIDDEN;
  }
  return Object.fromEntries(fields.map(([name, inner]) => [name, fromJson(inner, depth + 1)]));
}

/** Whether a value has all that another says, and says it alike: it may have more fields. */
export function covers(value: unknown, said: unknown): boolean {
  if (typeof said !== 'object' || said === null) return Object.is(value, said);
  if (typeof value !== 'object' || value === null || Array.isArray(value) !== Array.isArray(said)) return false;
  if (Array.isArray(said) && said.length !== Object.keys(value).length) return false;
  return Object.entries(said).every(
    ([name, inner]) => Object.hasOwn(value, name) && covers(Reflect.get(value, name), inner),
  );
}
