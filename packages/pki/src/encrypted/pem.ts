import { type CbcName, createCbc, hash, wipe } from '@espalier/crypto';
import { concat, fromHex } from '@espalier/wire';
import type { PemBlock } from '../der/pem.ts';
import { PkiFileError } from '../keys/files.ts';
import { withoutPadding } from './padding.ts';
import type { Password } from './password.ts';

const CIPHERS: ReadonlyMap<string, { readonly cipher: CbcName; readonly keyOctets: number; readonly block: number }> =
  new Map([
    ['DES-EDE3-CBC', { cipher: '3des-cbc', keyOctets: 24, block: 8 }],
    ['AES-128-CBC', { cipher: 'aes-cbc', keyOctets: 16, block: 16 }],
    ['AES-192-CBC', { cipher: 'aes-cbc', keyOctets: 24, block: 16 }],
    ['AES-256-CBC', { cipher: 'aes-cbc', keyOctets: 32, block: 16 }],
  ]);

/**
 * What a block of PEM holds that is encrypted by its headers (RFC 1421 §4.6.1.3). OpenSSL makes the key of the password and
 * the first 8 octets of the IV by MD5, one round each.
 * @throws PkiFileError for a wrong password, or another cipher.
 */
export function decryptPem({ headers, octets }: PemBlock, { utf8 }: Password): Uint8Array {
  const [, name = '', iv = ''] = headers.map((line) => DEK_INFO.exec(line)).find((found) => found !== null) ?? [];
  const scheme = CIPHERS.get(name.toUpperCase());
  if (scheme === undefined) throw new PkiFileError(`private key: encrypted with ${name || 'what it does not say'}`);
  const { cipher, keyOctets, block } = scheme;
  if (iv.length !== 2 * block || octets.length === 0 || octets.length % block !== 0) {
    throw new PkiFileError('private key: it is damaged');
  }
  const key = keyOf(utf8, fromHex(iv), keyOctets);
  const plain = createCbc(cipher, key).decrypt(fromHex(iv), octets);
  wipe(key);
  return withoutPadding('private key', plain, block);
}

const DEK_INFO = /^DEK-Info:\s*([A-Za-z0-9-]{1,32}),\s*((?:[0-9A-Fa-f]{2})+)\s*$/i;
const SALT_OCTETS = 8;

function keyOf(password: Uint8Array, iv: Uint8Array, octets: number): Uint8Array {
  const salt = iv.subarray(0, SALT_OCTETS);
  let key = hash('md5', password, salt);
  let last = key;
  while (key.length < octets) {
    last = hash('md5', last, password, salt);
    key = concat(key, last);
  }
  return key.subarray(0, octets);
}
