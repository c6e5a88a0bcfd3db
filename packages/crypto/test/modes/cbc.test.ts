import { type CbcName, createCbc } from '@espalier/crypto';
import { describe, expect, test } from 'vitest';
import { randomOctets } from '../support/esp.ts';
import { nodeCbc } from '../support/reference.ts';
import { concat, hex, octets, vectors } from '../support/vectors.ts';

const KEYS: readonly (readonly [CbcName, number])[] = [
  ['des-cbc', 8],
  ['3des-cbc', 24],
  ['aes-cbc', 16],
  ['aes-cbc', 24],
  ['aes-cbc', 32],
];

function expectBothWays(name: CbcName, key: string, iv: string, plain: string, ciphertext: string): void {
  const cipher = createCbc(name, octets(key));
  expect(hex(cipher.encrypt(octets(iv), octets(plain)))).toBe(ciphertext.toLowerCase());
  expect(hex(cipher.decrypt(octets(iv), octets(ciphertext)))).toBe(plain.toLowerCase());
}

describe('CBC', () => {
  test('gives the values of ACVP with 3DES', () => {
    interface File {
      groups: { tests: { key1: string; key2: string; key3: string; iv: string; pt: string; ct: string }[] }[];
    }
    const tests = vectors<File>('acvp/tdes-cbc.json').groups.flatMap((group) => group.tests);
    expect(tests.length).toBe(292);
    for (const one of tests) expectBothWays('3des-cbc', one.key1 + one.key2 + one.key3, one.iv, one.pt, one.ct);
  });

  test('gives the values of ACVP with AES', () => {
    interface File {
      groups: { tests: { key: string; iv: string; pt: string; ct: string }[] }[];
    }
    const tests = vectors<File>('acvp/aes-cbc.json').groups.flatMap((group) => group.tests);
    expect(tests.length).toBe(288);
    for (const one of tests) expectBothWays('aes-cbc', one.key, one.iv, one.pt, one.ct);
  });

  test('gives the values of Wycheproof with AES, padded as PKCS #5 does', () => {
    interface File {
      testGroups: { tests: { key: string; iv: string; msg: string; ct: string; result: string }[] }[];
    }
    for (const group of vectors<File>('wycheproof/aes_cbc_pkcs5_test.json').testGroups) {
      for (const { key, iv, msg, ct, result } of group.tests) {
        const pad = 16 - ((msg.length / 2) % 16);
        const plain = hex(concat(octets(msg), new Uint8Array(pad).fill(pad)));
        if (result === 'valid') expectBothWays('aes-cbc', key, iv, plain, ct);
      }
    }
  });

  test('gives the values of RFC 3602', () => {
    interface File {
      raw: { key: string; iv: string; plaintext: string; ciphertext: string }[];
      esp: { key: string; iv: string; esp_trailer_plaintext: string; ciphertext: string }[];
    }
    const { raw, esp } = vectors<File>('rfc/rfc3602-aes-cbc-esp.json');
    for (const one of raw) expectBothWays('aes-cbc', one.key, one.iv, one.plaintext, one.ciphertext);
    for (const one of esp) expectBothWays('aes-cbc', one.key, one.iv, one.esp_trailer_plaintext, one.ciphertext);
  });

  test.each(KEYS)('with %s and a key of %i octets is that of node:crypto', (name, keyOctets) => {
    const key = randomOctets(keyOctets, keyOctets);
    const cipher = createCbc(name, key);
    for (let blocks = 0; blocks <= 13; blocks++) {
      const iv = randomOctets(cipher.blockOctets, blocks + 1);
      const plain = randomOctets(cipher.blockOctets * blocks, blocks + 2);
      const ciphertext = cipher.encrypt(iv, plain);
      expect(ciphertext).toEqual(nodeCbc(name, key, iv, plain));
      expect(cipher.decrypt(iv, ciphertext)).toEqual(plain);
    }
  });

  test.each(KEYS)('%s refuses a key of another length than %i octets, by name', (name, keyOctets) => {
    for (const wrong of [0, keyOctets - 1, keyOctets + 1]) {
      expect(() => createCbc(name, new Uint8Array(wrong))).toThrow(/^key must be /);
      expect(() => createCbc(name, new Uint8Array(wrong))).toThrow(RangeError);
    }
  });

  test.each(KEYS)('%s refuses what is not whole blocks and any use once wiped', (name, keyOctets) => {
    const cipher = createCbc(name, randomOctets(keyOctets, 1));
    const block = new Uint8Array(cipher.blockOctets);
    expect(() => cipher.encrypt(block.subarray(1), block)).toThrow(RangeError);
    expect(() => cipher.encrypt(block, block.subarray(1))).toThrow(/^plain must be whole blocks/);
    expect(() => cipher.decrypt(block, block.subarray(1))).toThrow(/^octets must be whole blocks/);
    cipher.wipe();
    expect(() => cipher.encrypt(block, block)).toThrow(TypeError);
    expect(() => cipher.decrypt(block, block)).toThrow(TypeError);
  });

  test('refuses a cipher that it does not know, by name', () => {
    // @ts-expect-error: as a caller in JavaScript might
    expect(() => createCbc('rc4', new Uint8Array(16))).toThrow("cipher 'rc4' is not known");
  });

  test('parity bits of DES keys change nothing', () => {
    const key = randomOctets(24, 9);
    const flipped = key.map((octet) => octet ^ 1);
    const iv = randomOctets(8, 1);
    const plain = randomOctets(64, 2);
    expect(createCbc('3des-cbc', flipped).encrypt(iv, plain)).toEqual(createCbc('3des-cbc', key).encrypt(iv, plain));
  });
});
