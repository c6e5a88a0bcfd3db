import { createCbc, hash, wipe } from '@espalier/crypto';
import { concat } from '@espalier/wire';
import { DerFault, readElement, readOctetString, readSmall, TAG } from '../der/element.ts';
import { PkiFileError } from '../keys/files.ts';
import { decryptRc2Cbc } from './rc2.ts';

/** What PKCS#12 encrypted with before PBES2 (RFC 7292 Appendix C), and how many octets of key each has. */
const SCHEMES: ReadonlyMap<string, { readonly cipher: '3des' | 'rc2'; readonly keyOctets: number }> = new Map([
  ['1.2.840.113549.1.12.1.3', { cipher: '3des', keyOctets: 24 }],
  ['1.2.840.113549.1.12.1.4', { cipher: '3des', keyOctets: 16 }],
  ['1.2.840.113549.1.12.1.5', { cipher: 'rc2', keyOctets: 16 }],
  ['1.2.840.113549.1.12.1.6', { cipher: 'rc2', keyOctets: 5 }],
]);

/** More than any program writes: each costs a hash. */
const ITERATIONS_MOST = 2_000_000;
const BLOCK_OCTETS = 8;
/** Of SHA-1: u and v of RFC 7292 Appendix B.2. */
const HASH_OCTETS = 20;
const HASH_BLOCK_OCTETS = 64;
const ID = { key: 1, iv: 2 } as const;

export function isPbeOfPkcs12(type: string): boolean {
  return SCHEMES.has(type);
}

/** `parameters`: salt and iterations in DER. @throws PkiFileError for a wrong password, or another form. */
export function decryptPbe(
  what: string,
  type: string,
  parameters: Uint8Array,
  encrypted: Uint8Array,
  password: string,
): Uint8Array {
  const scheme = SCHEMES.get(type);
  if (scheme === undefined) throw new PkiFileError(`${what}: encrypted with ${type}, which is not known`);
  const { salt, iterations } = readParameters(what, parameters);
  const secret = bmpOctets(password);
  const key = derive(ID.key, scheme.keyOctets, secret, salt, iterations);
  const iv = derive(ID.iv, BLOCK_OCTETS, secret, salt, iterations);
  wipe(secret);
  if (encrypted.length === 0 || encrypted.length % BLOCK_OCTETS !== 0) throw new PkiFileError(`${what}: it is damaged`);
  const plain = scheme.cipher === 'rc2' ? decryptRc2Cbc(key, iv, encrypted) : decrypt3DesCbc(key, iv, encrypted);
  wipe(key);
  return withoutPadding(what, plain);
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

/** UTF-16, the higher octet first, and a zero behind (RFC 7292 Appendix B.1). */
function bmpOctets(password: string): Uint8Array {
  const octets = new Uint8Array(2 * password.length + 2);
  for (let i = 0; i < password.length; i++) {
    const unit = password.charCodeAt(i);
    octets[2 * i] = unit >> 8;
    octets[2 * i + 1] = unit & 0xff;
  }
  return octets;
}

/** RFC 7292 Appendix B.2, with its letters. */
function derive(id: number, octets: number, password: Uint8Array, salt: Uint8Array, iterations: number): Uint8Array {
  const D = new Uint8Array(HASH_BLOCK_OCTETS).fill(id);
  const I = concat(repeated(salt), repeated(password));
  const out = new Uint8Array(Math.ceil(octets / HASH_OCTETS) * HASH_OCTETS);
  for (let at = 0; at < octets; at += HASH_OCTETS) {
    let A = hash('sha1', D, I);
    for (let i = 1; i < iterations; i++) A = hash('sha1', A);
    out.set(A, at);
    const B = Uint8Array.from({ length: HASH_BLOCK_OCTETS }, (_, i) => A[i % HASH_OCTETS] ?? 0);
    for (let j = 0; j < I.length; j += HASH_BLOCK_OCTETS) addOneMore(I.subarray(j, j + HASH_BLOCK_OCTETS), B);
  }
  return out.subarray(0, octets);
}

/** To whole blocks of the hash. */
function repeated(octets: Uint8Array): Uint8Array {
  const length = Math.ceil(octets.length / HASH_BLOCK_OCTETS) * HASH_BLOCK_OCTETS;
  return Uint8Array.from({ length }, (_, i) => octets[i % octets.length] ?? 0);
}

/** I_j = (I_j + B + 1) mod 2^v */
function addOneMore(block: Uint8Array, b: Uint8Array): void {
  let carry = 1;
  for (let i = block.length - 1; i >= 0; i--) {
    carry += (block[i] ?? 0) + (b[i] ?? 0);
    block[i] = carry & 0xff;
    carry >>= 8;
  }
}

/** Of two keys the first is the third, too. */
function decrypt3DesCbc(key: Uint8Array, iv: Uint8Array, encrypted: Uint8Array): Uint8Array {
  const whole = key.length === 24 ? key : concat(key, key.subarray(0, 8));
  return createCbc('3des-cbc', whole).decrypt(iv, encrypted);
}

/** PKCS#7 padding (RFC 8018 §6.1.2): what is left over by a wrong password has another. */
function withoutPadding(what: string, plain: Uint8Array): Uint8Array {
  const count = plain[plain.length - 1] ?? 0;
  const isPadded = count >= 1 && count <= BLOCK_OCTETS && plain.subarray(-count).every((octet) => octet === count);
  if (!isPadded) throw new PkiFileError(`${what}: the password is wrong, or it is damaged`);
  return plain.subarray(0, plain.length - count);
}
