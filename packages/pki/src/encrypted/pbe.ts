import { createCbc, wipe } from '@espalier/crypto';
import { concat } from '@espalier/wire';
import { DerFault, readElement, readOctetString, readSmall, TAG } from '../der/element.ts';
import { PkiFileError } from '../keys/files.ts';
import { DERIVED, derive, ITERATIONS_MOST } from './derive.ts';
import { withoutPadding } from './padding.ts';
import type { Password } from './password.ts';
import { decryptRc2Cbc } from './rc2.ts';

/** What PKCS#12 encrypted with before PBES2 (RFC 7292 Appendix C), and how many octets of key each has. */
const SCHEMES: ReadonlyMap<string, { readonly cipher: '3des' | 'rc2'; readonly keyOctets: number }> = new Map([
  ['1.2.840.113549.1.12.1.3', { cipher: '3des', keyOctets: 24 }],
  ['1.2.840.113549.1.12.1.4', { cipher: '3des', keyOctets: 16 }],
  ['1.2.840.113549.1.12.1.5', { cipher: 'rc2', keyOctets: 16 }],
  ['1.2.840.113549.1.12.1.6', { cipher: 'rc2', keyOctets: 5 }],
]);

const BLOCK_OCTETS = 8;

export function isPbeOfPkcs12(type: string): boolean {
  return SCHEMES.has(type);
}

/** `parameters`: salt and iterations in DER. @throws PkiFileError for a wrong password, or another form. */
export function decryptPbe(
  what: string,
  type: string,
  parameters: Uint8Array,
  encrypted: Uint8Array,
  { bmp }: Password,
): Uint8Array {
  const scheme = SCHEMES.get(type);
  if (scheme === undefined) throw new PkiFileError(`${what}: encrypted with ${type}, which is not known`);
  const { salt, iterations } = readParameters(what, parameters);
  const common = { hash: 'sha1', salt, iterations } as const;
  const key = derive({ ...common, id: DERIVED.key, octets: scheme.keyOctets }, bmp);
  const iv = derive({ ...common, id: DERIVED.iv, octets: BLOCK_OCTETS }, bmp);
  if (encrypted.length === 0 || encrypted.length % BLOCK_OCTETS !== 0) throw new PkiFileError(`${what}: it is damaged`);
  const plain = scheme.cipher === 'rc2' ? decryptRc2Cbc(key, iv, encrypted) : decrypt3DesCbc(key, iv, encrypted);
  wipe(key);
  return withoutPadding(what, plain, BLOCK_OCTETS);
}

function readParameters(
  what: string,
  parameters: Uint8Array,
): { readonly salt: Uint8Array; readonly iterations: number } {
  try {
    const fields = readElement(parameters).fields();
    const salt = readOctetString(fields.next(TAG.octetString));
    const iterations = readSmall(fields.next(TAG.integer));
    fields.end();
    if (iterations >= 1 && iterations <= ITERATIONS_MOST && salt.length > 0) return { salt, iterations };
  } catch (error) {
    if (!(error instanceof DerFault)) throw error;
  }
  throw new PkiFileError(`${what}: not of the form that it should have`);
}

/** Of two keys the first is the third, too. */
function decrypt3DesCbc(key: Uint8Array, iv: Uint8Array, encrypted: Uint8Array): Uint8Array {
  const whole = key.length === 24 ? key : concat(key, key.subarray(0, 8));
  return createCbc('3des-cbc', whole).decrypt(iv, encrypted);
}
