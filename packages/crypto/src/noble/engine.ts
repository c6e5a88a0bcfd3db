import { createDhKeyPair } from '../dh/groups.ts';
import type { Engine, EspTransform, EspTransformOptions } from '../engine.ts';
import { armsOf, checkTransformOptions } from '../engine-parts.ts';
import { signaturesBy } from '../signatures/signatures.ts';
import { AEADS } from './aeads.ts';
import { CIPHERS } from './ciphers.ts';
import { EncryptThenMac } from './encrypt-then-mac.ts';
import { createIcvTransform } from './icv.ts';
import { MACS } from './macs.ts';

const SIGNATURES = signaturesBy();
const PARTS = { ciphers: CIPHERS, macs: MACS, aeads: AEADS };

/**
 * The portable engine, in plain JavaScript. SHA-384 and SHA-512 are @noble/hashes'; what runs for every packet beside
 * them is ours, checked against noble, because it takes half of noble's time and allocates nothing. Its arena is the
 * heap.
 */
export function nobleEngine(): Engine {
  return {
    name: 'noble',
    supports: (suite) => armsOf(PARTS, suite) !== undefined,
    allocate: (octets) => new Uint8Array(octets),
    release: () => {},
    createEspTransform,
    createIcvTransform,
    createDhKeyPair,
    signatures: SIGNATURES,
  };
}

function createEspTransform(given: EspTransformOptions): EspTransform {
  const options = checkTransformOptions(given);
  const { suite } = options;
  const transform = keyTransform(options);
  if (options.strictConstantTime && !transform.constantTime) {
    transform.wipe();
    throw new TypeError(`${suite.name} is not constant-time on the noble engine`);
  }
  return transform;
}

function keyTransform(options: EspTransformOptions): EspTransform {
  const { suite, keys } = options;
  const arms = armsOf(PARTS, suite);
  if (arms === undefined) throw new TypeError(`the noble engine does not support ${suite.name}`);
  if (arms.aead) return arms.algorithm.key(options);
  return new EncryptThenMac(options, arms.cipher(options), arms.mac(keys.integrity));
}
