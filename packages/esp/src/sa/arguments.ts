import type { Engine, Rng } from '@espalier/crypto';
import type { Spi } from '@espalier/wire';

/** @throws TypeError that names the argument, unless it is an object. */
export function requireObject(argument: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${argument} must be an object`);
}

/** An engine as far as it is used: the `method` that is called of it. @throws TypeError unless it has one. */
export function requireEngine(engine: Engine, method: 'createEspTransform' | 'createIcvTransform' | 'allocate'): void {
  requireObject('engine', engine);
  requireMethod(`engine.${method}`, engine[method]);
}

/** @throws TypeError unless `rng` is an object with a `fill`. */
export function requireRng(rng: Rng): void {
  requireObject('rng', rng);
  requireMethod('rng.fill', rng.fill);
}

/** @throws TypeError unless `spi` is a number; RangeError unless it is one of ESP's, 0 being none (RFC 4303 §2.1). */
export function requireSpi(spi: Spi): void {
  if (typeof spi !== 'number') throw new TypeError('spi must be a number');
  if (!(Number.isInteger(spi) && spi >= 1 && spi <= 0xffff_ffff)) {
    throw new RangeError('spi must be an integer from 1 to 4294967295');
  }
}

/** @throws RangeError that names the argument and what it may be, unless it is one of these words. */
export function oneOf(argument: string, value: string, words: readonly string[]): void {
  if (!words.includes(value)) throw new RangeError(`${argument} must be one of ${words.join(', ')}`);
}

/** @throws RangeError that names the argument, unless it is a whole number within its bounds. */
export function within(argument: string, value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw new RangeError(`${argument}: must be a whole number from ${least} to ${most}`);
  }
}

function requireMethod(argument: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`${argument} must be a function`);
}
