import { type CipherGCMTypes, createCipheriv, createHmac } from 'node:crypto';
import type { EspKeys, EspSuite, HashName } from '@espalier/crypto';
import { concat } from './vectors.ts';

const HEADER = 8;

export const NODE_HASH: Readonly<Record<HashName, string>> = {
  md5: 'md5',
  sha1: 'sha1',
  'sha2-256': 'sha256',
  'sha2-384': 'sha384',
  'sha2-512': 'sha512',
};

/** node:crypto's CBC over whole blocks; OpenSSL 3 has DES only as 3DES under one key three times. */
export function nodeCbc(name: string, key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Uint8Array {
  const [algorithm, nodeKey] =
    name === 'aes-cbc'
      ? [`aes-${8 * key.length}-cbc`, key]
      : ['des-ede3-cbc', name === 'des-cbc' ? concat(key, key, key) : key];
  const cipher = createCipheriv(algorithm, nodeKey, iv).setAutoPadding(false);
  return concat(cipher.update(plain), cipher.final());
}

/** The same packet sealed by node:crypto: SPI | sequence | IV | plaintext | room for the ICV. */
export function referenceSeal(suite: EspSuite, keys: EspKeys, packet: Uint8Array, sequenceHigh?: number): Uint8Array {
  const text = HEADER + suite.ivOctets;
  const header = packet.subarray(0, HEADER);
  const iv = packet.subarray(HEADER, text);
  const plain = packet.subarray(text, packet.length - suite.icvOctets);
  const high = new Uint8Array(sequenceHigh === undefined ? 0 : 4);
  if (sequenceHigh !== undefined) new DataView(high.buffer).setInt32(0, sequenceHigh);
  if (suite.aead) {
    const aad = concat(header.subarray(0, 4), high, header.subarray(4));
    const [ciphertext, tag] = nodeAead(suite, keys.encryption, concat(keys.salt, iv), aad, plain);
    return concat(header, iv, ciphertext, tag);
  }
  const ciphertext = nodeEncrypt(suite, keys, iv, plain);
  const hash = suite.integrity.replace('sha2-', 'sha').split('-')[1] ?? '';
  const icv = createHmac(hash, keys.integrity)
    .update(concat(header, iv, ciphertext, high))
    .digest();
  return concat(header, iv, ciphertext, icv.subarray(0, suite.icvOctets));
}

function nodeEncrypt(suite: EspSuite, keys: EspKeys, iv: Uint8Array, plain: Uint8Array): Uint8Array {
  if (suite.encryption === 'null') return plain;
  if (suite.encryption !== 'aes-ctr') return nodeCbc(suite.encryption, keys.encryption, iv, plain);
  const counter = concat(keys.salt, iv, Uint8Array.of(0, 0, 0, 1));
  return createCipheriv(`aes-${8 * keys.encryption.length}-ctr`, keys.encryption, counter).update(plain);
}

function nodeAead(
  suite: EspSuite,
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  plain: Uint8Array,
): [Uint8Array, Uint8Array] {
  const options = { authTagLength: 16 };
  const gcm: CipherGCMTypes = key.length === 16 ? 'aes-128-gcm' : key.length === 24 ? 'aes-192-gcm' : 'aes-256-gcm';
  const cipher =
    suite.encryption === 'aes-gcm'
      ? createCipheriv(gcm, key, nonce, options)
      : createCipheriv('chacha20-poly1305', key, nonce, options);
  cipher.setAAD(aad, { plaintextLength: plain.length });
  const ciphertext = concat(cipher.update(plain), cipher.final());
  return [ciphertext, cipher.getAuthTag()];
}
