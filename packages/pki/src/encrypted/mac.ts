import { createHmac, equalConstantTime, HASH_OCTETS, wipe } from '@espalier/crypto';
import { OID } from '../certificate/object-identifiers.ts';
import { PkiFileError } from '../keys/files.ts';
import { DERIVED, type Derivation, derive, ITERATIONS_MOST } from './derive.ts';
import type { Password } from './password.ts';

/** MacData of a PKCS#12 file (RFC 7292 §4). */
export interface Mac {
  /** Object identifier of the hash. */
  readonly type: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly digest: Uint8Array;
}

const HASHES: ReadonlyMap<string, Derivation['hash']> = new Map([
  [OID.sha1, 'sha1'],
  [OID.sha256, 'sha2-256'],
  [OID.sha384, 'sha2-384'],
  [OID.sha512, 'sha2-512'],
]);

/** Whether this password has made the MAC of these contents (RFC 7292 Appendix A). @throws PkiFileError for another kind. */
export function isMacRight({ type, salt, iterations, digest }: Mac, contents: Uint8Array, { bmp }: Password): boolean {
  const hash = HASHES.get(type);
  if (hash === undefined) throw new PkiFileError(`PKCS#12: a MAC by ${type}, which is not known`);
  if (iterations < 1 || iterations > ITERATIONS_MOST) throw new PkiFileError('PKCS#12: a MAC of too many iterations');
  const key = derive({ hash, id: DERIVED.mac, octets: HASH_OCTETS[hash], salt, iterations }, bmp);
  const hmac = createHmac(hash, key);
  const isRight = equalConstantTime(hmac.compute(contents), digest);
  hmac.wipe();
  wipe(key);
  return isRight;
}
