import { createDhKeyPair } from '../dh/key-pair.ts';
import type { Engine, EspTransform, EspTransformOptions } from '../engine.ts';
import { checkEspKeys } from '../esp-keys.ts';
import { ChaCha20Poly1305 } from '../modes/chacha20-poly1305.ts';
import { Gcm } from '../modes/gcm.ts';
import type { EspSuite } from '../suites/suites.ts';
import { ESP_SUITES } from '../suites/suites.ts';
import { AeadTransform } from './aead.ts';
import { CbcHmacTransform } from './cbc-hmac.ts';

/**
 * The portable engine, in plain JavaScript. SHA-384 and SHA-512 are @noble/hashes'; what runs for every packet beside
 * them is ours, checked against noble, because it takes half of noble's time and allocates nothing. Its arena is the
 * heap.
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
  return ESP_SUITES.includes(suite);
}

function createEspTransform(options: EspTransformOptions): EspTransform {
  const { suite, keys, strictConstantTime } = options;
  if (!supports(suite)) throw new TypeError(`the noble engine does not support ${suite.name}`);
  checkEspKeys(suite, keys);
  const transform = keyTransform(options);
  if (strictConstantTime && !transform.constantTime) {
    transform.wipe();
    throw new TypeError(`${suite.name} is not constant-time on the noble engine`);
  }
  return transform;
}

function keyTransform(options: EspTransformOptions): EspTransform {
  const { suite, keys } = options;
  if (suite.integrity !== 'none') return new CbcHmacTransform(options, suite.integrity);
  return new AeadTransform(options, suite.encryption === 'aes-gcm-16' ? new Gcm(keys) : new ChaCha20Poly1305(keys));
}
