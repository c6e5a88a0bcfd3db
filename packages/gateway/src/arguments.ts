import { IPV4_OCTETS, IPV6_MIN_MTU, parseAddress, parsePrefix } from '@espalier/wire';
import { IPV4_LEAST_MTU } from './sas/path-mtu.ts';

/** Octets of the address: 4 or 16. @throws TypeError or RangeError that names the argument. */
export function requireAddress(text: string, argument: string): number {
  const octets = addressOctets(text, argument);
  if (text.includes('/')) throw new RangeError(`${argument}: must be an address, not a prefix`);
  if (parseAddress(text).every((octet) => octet === 0))
    throw new RangeError(`${argument}: ${text} is nobody's address`);
  return octets;
}

/** Octets of an address, or of the address of a prefix: 4 or 16. @throws as `requireAddress`. */
export function addressOctets(text: string, argument: string): number {
  requireText(text, argument);
  try {
    return text.includes('/') ? parsePrefix(text).address.length : parseAddress(text).length;
  } catch {
    throw new RangeError(`${argument}: not an address or prefix: ${JSON.stringify(text)}`);
  }
}

/** @throws TypeError that names the argument. */
export function requireFunction(value: unknown, argument: string): void {
  if (typeof value !== 'function') throw new TypeError(`${argument}: must be a function`);
}

/** @throws TypeError that names the argument. */
export function requireObject(value: unknown, argument: string): void {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${argument}: must be an object`);
}

/** @throws TypeError that names the argument. */
export function requireText(value: unknown, argument: string): void {
  if (typeof value !== 'string') throw new TypeError(`${argument}: must be a string`);
}

/** @throws TypeError that names the argument. */
export function requireNumber(value: unknown, argument: string): void {
  if (typeof value !== 'number') throw new TypeError(`${argument}: must be a number`);
}

/** @throws TypeError that names the argument. */
export function requireOneOf(value: unknown, choices: readonly string[], argument: string): void {
  if (typeof value !== 'string' || !choices.includes(value)) {
    throw new TypeError(`${argument}: must be one of ${choices.join(', ')}`);
  }
}

/** @throws RangeError that names the argument. */
export function requireInteger(value: number, least: number, most: number, argument: string): void {
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw new RangeError(`${argument}: must be an integer from ${least} to ${most}`);
  }
}

/** @throws TypeError that names the argument. */
export function requireArray(value: unknown, argument: string): void {
  if (!Array.isArray(value)) throw new TypeError(`${argument}: must be an array`);
}

/** @throws RangeError that names the argument. */
export function requireSome(list: readonly unknown[], argument: string): void {
  if (list.length === 0) throw new RangeError(`${argument}: must not be empty`);
}

/** A list of what has names, each once. @throws TypeError or RangeError that names the argument. */
export function requireNamed(list: readonly { readonly name: string }[], argument: string): void {
  requireArray(list, argument);
  const names = new Set<string>();
  list.forEach((entry, i) => {
    requireObject(entry, `${argument}[${i}]`);
    requireText(entry.name, `${argument}[${i}].name`);
    if (names.has(entry.name)) throw new RangeError(`${argument}: the name ${entry.name} is there twice`);
    names.add(entry.name);
  });
}

/** @throws TypeError that names the argument. */
export function requireBoolean(value: unknown, argument: string): void {
  if (typeof value !== 'boolean') throw new TypeError(`${argument}: must be a boolean`);
}

/** Octets of the largest outer packet, for addresses of 4 or 16 octets. @throws RangeError that names the argument. */
export function requireOuterMtu(value: number, addressOctets: number, argument: string): void {
  requireInteger(value, addressOctets === IPV4_OCTETS ? IPV4_LEAST_MTU : IPV6_MIN_MTU, 65535, argument);
}
