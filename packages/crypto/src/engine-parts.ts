import type { EspKeys, EspTransformOptions } from './engine.ts';
import { octetsView } from './octets.ts';
import type { EspAead } from './suites/aeads.ts';
import type { EspCipher, IvSource } from './suites/ciphers.ts';
import type { EspIntegrity } from './suites/macs.ts';
import { type EspSuite, espSuite, findSuite } from './suites/suites.ts';

/**
 * What an engine computes: an arm for each part of a suite, undefined where it has none. `supports` reads these tables and
 * nothing else, and who adds a part to the suites cannot leave an engine out.
 */
export interface EngineParts<Cipher, Mac, Aead extends AeadArm> {
  readonly ciphers: Readonly<Record<EspCipher, Cipher | undefined>>;
  readonly macs: Readonly<Record<EspIntegrity, Mac | undefined>>;
  readonly aeads: Readonly<Record<EspAead, Aead | undefined>>;
}

export interface AeadArm {
  /** The lengths of ICV that it can write. */
  readonly icvOctets: readonly number[];
  /** How it can be told its IVs: a suite with implicit ones has no room for them in its packets (RFC 8750). */
  readonly ivs: readonly IvSource[];
}

/** The arms of one suite. */
export type SuiteArms<Cipher, Mac, Aead> =
  | { readonly aead: false; readonly cipher: Cipher; readonly mac: Mac }
  | { readonly aead: true; readonly algorithm: Aead };

/** What an engine has for the suite of that name; undefined where a part is missing, or the suite is not known. */
export function armsOf<Cipher, Mac, Aead extends AeadArm>(
  parts: EngineParts<Cipher, Mac, Aead>,
  { name }: EspSuite,
): SuiteArms<Cipher, Mac, Aead> | undefined {
  const suite = findSuite(name);
  if (suite === undefined) return undefined;
  if (suite.aead) {
    const algorithm = parts.aeads[suite.encryption];
    if (algorithm === undefined || !algorithm.icvOctets.includes(suite.icvOctets)) return undefined;
    return algorithm.ivs.includes(suite.iv) ? { aead: true, algorithm } : undefined;
  }
  const cipher = parts.ciphers[suite.encryption];
  const mac = parts.macs[suite.integrity];
  return cipher === undefined || mac === undefined ? undefined : { aead: false, cipher, mac };
}

/**
 * The options as an engine may rely on them: the suite of the table, keys in plain octets of the right lengths.
 * @throws RangeError for a suite that is not known and for keys of a wrong length; TypeError for keys that are no octets.
 */
export function checkTransformOptions(options: EspTransformOptions): EspTransformOptions {
  const suite = espSuite(options.suite);
  const keys: EspKeys = {
    encryption: checkKey('encryption', options.keys, suite.encryptionKeyOctets, suite),
    salt: checkKey('salt', options.keys, suite.saltOctets, suite),
    integrity: checkKey('integrity', options.keys, suite.integrityKeyOctets, suite),
  };
  return { ...options, suite, keys };
}

function checkKey(field: keyof EspKeys, keys: EspKeys, octets: number, suite: EspSuite): Uint8Array {
  const key = octetsView(`keys.${field}`, keys[field]);
  if (key.length !== octets) {
    throw new RangeError(`keys.${field} must be ${octets} octets for ${suite.name}, not ${key.length}`);
  }
  return key;
}
