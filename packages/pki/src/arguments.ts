/** @throws TypeError */
export function requireObject(argument: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${argument} must be an object`);
}

/** @throws TypeError unless it is text; RangeError for one that is not among the choices. */
export function requireChoice(argument: string, value: unknown, choices: readonly string[]): void {
  if (typeof value === 'string' && choices.includes(value)) return;
  const message = `${argument} must be one of ${choices.map((one) => `'${one}'`).join(', ')}`;
  throw typeof value === 'string' ? new RangeError(message) : new TypeError(message);
}

/** @throws TypeError unless it is a number; RangeError unless it is from `least` to `most`. */
export function requireNumber(argument: string, value: unknown, least: number, most: number): void {
  if (typeof value !== 'number') throw new TypeError(`${argument} must be a number`);
  if (!(least <= value && value <= most)) throw new RangeError(`${argument} must be ${least} to ${most}`);
}

/** @throws TypeError */
export function requireTexts(argument: string, values: unknown): void {
  const isList = Array.isArray(values) && values.every((one) => typeof one === 'string');
  if (!isList) throw new TypeError(`${argument} must be a list of object identifiers`);
}

/** What the readers of this package have made of octets. @throws TypeError */
export function requireRead(argument: string, value: unknown): void {
  const isRead = typeof value === 'object' && value !== null && 'octets' in value && 'signed' in value;
  if (!isRead) throw new TypeError(`${argument} must have been read: certificatesFrom and crlsFrom read files`);
}

/** @throws TypeError */
export function requireOctets(argument: string, value: unknown): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${argument} must be a Uint8Array`);
}

/** @throws TypeError */
export function requireArray(argument: string, values: unknown): asserts values is readonly unknown[] {
  if (!Array.isArray(values)) throw new TypeError(`${argument} must be a list`);
}

/** @throws TypeError */
export function requireAll(argument: string, values: unknown): void {
  requireArray(argument, values);
  for (const [i, value] of values.entries()) requireRead(`${argument}[${i}]`, value);
}
