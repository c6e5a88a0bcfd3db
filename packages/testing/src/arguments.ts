/** @throws RangeError that names the argument, unless it is a whole number within its bounds. */
export function within(argument: string, value: unknown, least: number, most: number = Number.MAX_SAFE_INTEGER): void {
  if (!(typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most)) {
    const bounds = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    throw new RangeError(`${argument} must be a whole number ${bounds}`);
  }
}

/** @throws RangeError that names the argument, unless it is a number from 0 to 1. */
export function requireProbability(argument: string, value: unknown): void {
  if (!(typeof value === 'number' && value >= 0 && value <= 1)) {
    throw new RangeError(`${argument} must be a number from 0 to 1`);
  }
}

/** @throws RangeError that names the argument, unless it is a finite number, and not below `least`. */
export function requireNumber(argument: string, value: unknown, least: number = Number.NEGATIVE_INFINITY): void {
  if (!(typeof value === 'number' && Number.isFinite(value) && value >= least)) {
    const bounds = least === Number.NEGATIVE_INFINITY ? '' : ` from ${least}`;
    throw new RangeError(`${argument} must be a finite number${bounds}`);
  }
}

/** @throws RangeError that names the argument and what it may be, unless it is one of these words. */
export function oneOf(argument: string, value: unknown, words: readonly string[]): void {
  if (!words.some((word) => word === value))
    throw new RangeError(`${argument} must be one of ${words.join(', ')}: ${String(value)}`);
}

/** @throws TypeError that names the argument, unless it is a boolean. */
export function requireBoolean(argument: string, value: unknown): void {
  if (typeof value !== 'boolean') throw new TypeError(`${argument} must be a boolean`);
}

/** @throws TypeError that names the argument, unless it is a function. */
export function requireFunction(argument: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`${argument} must be a function`);
}

/** @throws TypeError that names the argument, unless it is an array. */
export function requireArray(argument: string, value: unknown): void {
  if (!Array.isArray(value)) throw new TypeError(`${argument} must be an array`);
}

/** @throws TypeError that names the argument, or the method that it does not have. */
export function requireMethods(argument: string, value: unknown, ...methods: readonly string[]): void {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${argument} must be an object`);
  for (const method of methods) requireFunction(`${argument}.${method}`, Reflect.get(value, method));
}
