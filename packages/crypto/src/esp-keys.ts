import type { EspKeys } from './engine.ts';
import type { EspSuite } from './suites/suites.ts';

/** @throws RangeError naming the key whose length is not the suite's. */
export function checkEspKeys(suite: EspSuite, keys: EspKeys): void {
  checkLength('encryption', keys.encryption, suite.encryptionKeyOctets, suite);
  checkLength('salt', keys.salt, suite.saltOctets, suite);
  checkLength('integrity', keys.integrity, suite.integrityKeyOctets, suite);
}

function checkLength(field: keyof EspKeys, key: Uint8Array, octets: number, suite: EspSuite): void {
  if (key.length !== octets) {
    throw new RangeError(`keys.${field} must be ${octets} octets for ${suite.name}, not ${key.length}`);
  }
}
