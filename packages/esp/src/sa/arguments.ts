import type { Engine, Rng } from '@espalier/crypto';
import { parseAddress, requireObject, type Spi } from '@espalier/wire';

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

/** The octets of an address in text. @throws TypeError or RangeError that names the argument unless it is one. */
export function addressOf(argument: string, text: string): Uint8Array {
  if (typeof text !== 'string') throw new TypeError(`${argument} must be a string`);
  try {
    return parseAddress(text);
  } catch {
    throw new RangeError(`${argument} is not an IP address: ${JSON.stringify(text)}`);
  }
}

/** @throws TypeError that names the option which is there and no boolean. */
export function requireBooleans<Name extends string>(
  options: { readonly [name in Name]?: boolean },
  ...names: readonly Name[]
): void {
  for (const name of names) {
    const value = options[name];
    if (value !== undefined && typeof value !== 'boolean') throw new TypeError(`${name} must be a boolean`);
  }
}

/** @throws RangeError unless it is one that `ReplayWindow` can have, or `off`. */
export function requireReplayWindow(value: number | 'off' | undefined): void {
  if (value !== undefined && value !== 'off') within('replayWindow', value, 32, 4096);
}

/** @throws RangeError unless these are octets in front of the SPI that a packet of `octets` can have. */
export function requireOuterOctets(outerOctets: number, octets: number): void {
  if (!(Number.isInteger(outerOctets) && outerOctets >= 0 && outerOctets <= octets)) {
    throw new RangeError('outerOctets must be a whole number from 0 to the octets of packet');
  }
}

function requireMethod(argument: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`${argument} must be a function`);
}
