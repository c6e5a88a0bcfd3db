import { createDhKeyPair } from '../dh/key-pair.ts';
import type { Engine, EspTransform, EspTransformOptions } from '../engine.ts';
import { checkEspKeys } from '../esp-keys.ts';
import type { EspSuite } from '../suites.ts';
import { ESP_SUITES } from '../suites.ts';
import { CbcHmacTransform } from './cbc-hmac.ts';

/**
 * The portable engine, on @noble/ciphers and @noble/hashes and, where they have none, on our own DES and MODP groups.
 * Its arena is the heap.
 */
export function nobleEngine(): Engine {
  return {
    name: 'noble',
    supports,
    allocate: (octets) => new Uint8Array(octets),
    release: () => {},
    createEspTransform,
    createDhKeyPair,
  };
}

function supports(suite: EspSuite): boolean {
  return ESP_SUITES.includes(suite) && suite.integrity !== 'none';
}

function createEspTransform(options: EspTransformOptions): EspTransform {
  const { suite, keys, strictConstantTime } = options;
  checkEspKeys(suite, keys);
  const transform = keyTransform(options);
  if (strictConstantTime && !transform.constantTime) {
    transform.wipe();
    throw new TypeError(`${suite.name} is not constant-time on the noble engine`);
  }
  return transform;
}

function keyTransform(options: EspTransformOptions): EspTransform {
  const { encryption, integrity, name } = options.suite;
  if (integrity !== 'none') return new CbcHmacTransform(options, integrity);
  throw new TypeError(`the noble engine does not support ${name} ${encryption}`);
}
