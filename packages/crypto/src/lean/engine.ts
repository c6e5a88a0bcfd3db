import type { Engine, EspTransform, EspTransformOptions } from '../engine.ts';
import { armsOf, checkTransformOptions, type EngineParts } from '../engine-parts.ts';
import type { NobleAeadArm } from '../noble/aeads.ts';
import type { CipherArm } from '../noble/ciphers.ts';
import { EncryptThenMac } from '../noble/encrypt-then-mac.ts';
import type { MacArm } from '../noble/macs.ts';
import { WITHOUT_OTHERS } from './without.ts';

type Parts = EngineParts<CipherArm, MacArm, NobleAeadArm>;

/** The parts of suites that an engine is made of. */
export interface LeanParts {
  readonly ciphers?: Partial<Parts['ciphers']>;
  readonly macs?: Partial<Parts['macs']>;
  readonly aeads?: Partial<Parts['aeads']>;
}

const NONE: Parts = {
  ciphers: {
    null: undefined,
    'des-cbc': undefined,
    '3des-cbc': undefined,
    'aes-cbc': undefined,
    'aes-ctr': undefined,
    'camellia-cbc': undefined,
  },
  macs: {
    none: undefined,
    'hmac-md5-96': undefined,
    'hmac-sha1-96': undefined,
    'hmac-sha2-256-128': undefined,
    'hmac-sha2-384-192': undefined,
    'hmac-sha2-512-256': undefined,
    'hmac-sha2-256-96': undefined,
    'aes-xcbc-96': undefined,
    'aes-cmac-96': undefined,
  },
  aeads: { 'aes-gcm': undefined, 'aes-ccm': undefined, 'aes-gmac': undefined, 'chacha20-poly1305': undefined },
};

/**
 * A portable engine, as `nobleEngine` is, for ESP alone and with the given parts alone: a page loads no cipher that it does
 * not name. Asked for another suite, for AH or for Diffie-Hellman, it throws TypeError.
 */
export function leanEngine({ ciphers, macs, aeads }: LeanParts): Engine {
  const parts: Parts = {
    ciphers: { ...NONE.ciphers, ...ciphers },
    macs: { ...NONE.macs, ...macs },
    aeads: { ...NONE.aeads, ...aeads },
  };
  return {
    name: 'lean',
    ...WITHOUT_OTHERS,
    supports: (suite) => armsOf(parts, suite) !== undefined,
    allocate: (octets) => new Uint8Array(octets),
    release: () => {},
    createEspTransform: (given) => createEspTransform(parts, given),
  };
}

function createEspTransform(parts: Parts, given: EspTransformOptions): EspTransform {
  const options = checkTransformOptions(given);
  const arms = armsOf(parts, options.suite);
  if (arms === undefined) return WITHOUT_OTHERS.createEspTransform(options);
  const transform = arms.aead
    ? arms.algorithm.key(options)
    : new EncryptThenMac(options, arms.cipher(options), arms.mac(options.keys.integrity));
  if (options.strictConstantTime && !transform.constantTime) {
    transform.wipe();
    throw new TypeError(`${options.suite.name} is not constant-time on the lean engine`);
  }
  return transform;
}
