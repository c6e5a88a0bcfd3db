import type { IcvTransform, IcvTransformOptions } from '../engine.ts';
import { viewOf } from '../memory.ts';
import { octetsView } from '../octets.ts';
import { type AhSuite, ahSuite } from '../suites/ah.ts';
import { GmacIcv } from './gmac-icv.ts';
import { MACS, type Mac } from './macs.ts';

/** @throws as `Engine.createIcvTransform`. */
export function createIcvTransform(options: IcvTransformOptions): IcvTransform {
  const suite = ahSuite(options.suite);
  const key = octetsView('key', options.key);
  if (key.length !== suite.integrityKeyOctets) {
    throw new RangeError(`key must be ${suite.integrityKeyOctets} octets for ${suite.name}, not ${key.length}`);
  }
  const transform = transformOf(suite, key);
  if (options.strictConstantTime && !transform.constantTime) {
    transform.wipe();
    throw new TypeError(`${suite.name} is not constant-time on this engine`);
  }
  return transform;
}

function transformOf(suite: AhSuite, key: Uint8Array): IcvTransform {
  switch (suite.name) {
    case 'aes-128-gmac':
    case 'aes-192-gmac':
    case 'aes-256-gmac':
      return new GmacIcv(suite, key);
    default:
      return new MacIcv(suite, MACS[suite.name](key));
  }
}

class MacIcv implements IcvTransform {
  readonly suite: AhSuite;
  readonly #mac: Mac;

  constructor(suite: AhSuite, mac: Mac) {
    this.suite = suite;
    this.#mac = mac;
  }

  get constantTime(): boolean {
    return this.#mac.constantTime;
  }

  compute(
    memory: Uint8Array,
    from: number,
    to: number,
    sequenceHigh: number | undefined,
    icv: Uint8Array,
    icvAt: number,
  ): void {
    this.#mac.compute(viewOf(memory), from, to, sequenceHigh);
    this.#mac.write(viewOf(icv), icvAt, this.suite.icvOctets);
  }

  verify(
    memory: Uint8Array,
    from: number,
    to: number,
    sequenceHigh: number | undefined,
    icv: Uint8Array,
    icvAt: number,
  ): boolean {
    this.#mac.compute(viewOf(memory), from, to, sequenceHigh);
    return this.#mac.matches(viewOf(icv), icvAt, this.suite.icvOctets);
  }

  wipe(): void {
    this.#mac.wipe();
  }
}
