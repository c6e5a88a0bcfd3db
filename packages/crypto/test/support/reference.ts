import { type CipherCCMTypes, type CipherGCMTypes, createCipheriv, createHmac } from 'node:crypto';
import type { EspKeys, EspMac, EspSuite, HashName } from '@espalier/crypto';
import { cmac } from '@noble/ciphers/aes.js';
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
  const [algorithm, nodeKey] = /^(aes|camellia)-cbc$/.test(name)
    ? [`${name.slice(0, -4)}-${8 * key.length}-cbc`, key]
    : ['des-ede3-cbc', name === 'des-cbc' ? concat(key, key, key) : key];
  const cipher = createCipheriv(algorithm, nodeKey, iv).setAutoPadding(false);
  return concat(cipher.update(plain), cipher.final());
}

/** The same packet sealed by node:crypto: SPI | sequence | IV | plaintext | room for the ICV. */
export function referenceSeal(suite: EspSuite, keys: EspKeys, packet: Uint8Array, sequenceHigh?: number): Uint8Array {
  if (suite.own) throw new TypeError('node:crypto has the suites of the table alone');
  const text = HEADER + suite.ivOctets;
  const header = packet.subarray(0, HEADER);
  const iv = packet.subarray(HEADER, text);
  const plain = packet.subarray(text, packet.length - suite.icvOctets);
  const high = new Uint8Array(sequenceHigh === undefined ? 0 : 4);
  if (sequenceHigh !== undefined) new DataView(high.buffer).setInt32(0, sequenceHigh);
  if (suite.aead) {
    const aad = concat(header.subarray(0, 4), high, header.subarray(4));
    const sequence = concat(high.length === 0 ? new Uint8Array(4) : high, header.subarray(4));
    const nonce = concat(keys.salt, suite.iv === 'implicit' ? sequence : iv);
    if (suite.encryption === 'aes-gmac') {
      const [, tag] = nodeAead(suite, keys.encryption, nonce, concat(aad, iv, plain), new Uint8Array(0));
      return concat(header, iv, plain, tag);
    }
    const [ciphertext, tag] = nodeAead(suite, keys.encryption, nonce, aad, plain);
    return concat(header, iv, ciphertext, tag);
  }
  const ciphertext = nodeEncrypt(suite, keys, iv, plain);
  if (suite.integrity === 'none') return concat(header, iv, ciphertext);
  const icv = referenceMac(suite.integrity, keys.integrity, concat(header, iv, ciphertext, high));
  return concat(header, iv, ciphertext, icv.subarray(0, suite.icvOctets));
}

/** The whole MAC: HMAC by node:crypto, CMAC by noble, XCBC by node:crypto's AES, block by block as RFC 3566 §4 has it. */
export function referenceMac(name: EspMac, key: Uint8Array, message: Uint8Array): Uint8Array {
  if (name === 'aes-cmac-96') return cmac(message, key);
  if (name === 'aes-xcbc-96') return xcbc(key, message);
  const hash = name.replace('sha2-', 'sha').split('-')[1] ?? '';
  return createHmac(hash, key).update(message).digest();
}

function xcbc(key: Uint8Array, message: Uint8Array): Uint8Array {
  const ecb = (under: Uint8Array, block: Uint8Array) =>
    createCipheriv('aes-128-ecb', under, null).setAutoPadding(false).update(block);
  const filled = (octet: number) => ecb(key, new Uint8Array(16).fill(octet));
  const isWhole = message.length > 0 && message.length % 16 === 0;
  const padded = isWhole ? message : concat(message, Uint8Array.of(0x80), new Uint8Array(15 - (message.length % 16)));
  let e = new Uint8Array(16);
  for (let at = 0; at < padded.length; at += 16) {
    const last = at + 16 === padded.length ? filled(isWhole ? 2 : 3) : new Uint8Array(16);
    e = Uint8Array.from(
      ecb(
        filled(1),
        e.map((octet, i) => octet ^ (padded[at + i] ?? 0) ^ (last[i] ?? 0)),
      ),
    );
  }
  return e;
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
  const options = { authTagLength: suite.icvOctets };
  const bits = key.length === 16 ? 128 : key.length === 24 ? 192 : 256;
  const gcm: CipherGCMTypes = `aes-${bits}-gcm`;
  const ccm: CipherCCMTypes = `aes-${bits}-ccm`;
  const cipher =
    suite.encryption === 'chacha20-poly1305'
      ? createCipheriv('chacha20-poly1305', key, nonce, options)
      : suite.encryption === 'aes-ccm'
        ? createCipheriv(ccm, key, nonce, options)
        : createCipheriv(gcm, key, nonce, options);
  cipher.setAAD(aad, { plaintextLength: plain.length });
  const ciphertext = concat(cipher.update(plain), cipher.final());
  return [ciphertext, cipher.getAuthTag()];
}
