import { createHash, createHmac as nodeHmac } from 'node:crypto';
import { createHmac, expandKey, HASH_OCTETS, type HashName, hash, prf } from '@espalier/crypto';
import { describe, expect, test } from 'vitest';
import { hasShared, sharedJson } from '../../../../test/shared.ts';
import { randomOctets } from '../support/esp.ts';
import { NODE_HASH } from '../support/reference.ts';
import { concat, hex, octets, vectors } from '../support/vectors.ts';

const NAMES: readonly HashName[] = ['md5', 'sha1', 'sha2-256', 'sha2-384', 'sha2-512'];
const BY_SHORT_NAME: Readonly<Record<string, HashName>> = {
  md5: 'md5',
  sha1: 'sha1',
  sha256: 'sha2-256',
  sha384: 'sha2-384',
  sha512: 'sha2-512',
};

function named(short: string): HashName {
  const name = BY_SHORT_NAME[short];
  if (name === undefined) throw new Error(`no hash for ${short}`);
  return name;
}

function expectHmac(short: string, key: string, message: string, mac: string): void {
  const computed = prf(named(short), octets(key), octets(message));
  expect(hex(computed).slice(0, mac.length)).toBe(mac.toLowerCase());
}

describe('hash', () => {
  test.each(NAMES)('%s is that of node:crypto for every length up to three blocks, in any parts', (name) => {
    for (let length = 0; length <= 384; length++) {
      const message = randomOctets(length, length + 1);
      const digest = createHash(NODE_HASH[name]).update(message).digest('hex');
      expect(hex(hash(name, message))).toBe(digest);
      expect(hex(hash(name, message.subarray(0, length >> 1), message.subarray(length >> 1)))).toBe(digest);
    }
  });
});

describe('HMAC', () => {
  test('gives the values of RFC 2202 and RFC 4231', () => {
    interface File {
      sets: { hash: string; tests: { key: string; msg: string; md: string }[] }[];
    }
    const { sets } = vectors<File>('rfc/rfc2202-rfc4231-hmac.json');
    for (const set of sets) for (const { key, msg, md } of set.tests) expectHmac(set.hash, key, msg, md);
  });

  test('gives the values of RFC 4868, and their truncations', () => {
    interface File {
      cases: { hash: string; key: string; data: string; prf: string; icv: string }[];
    }
    for (const one of vectors<File>('rfc/rfc4868-hmac-sha2-icv.json').cases) {
      expectHmac(one.hash, one.key, one.data, one.prf);
      expectHmac(one.hash, one.key, one.data, one.icv);
    }
  });

  test.each(['sha1', 'sha256', 'sha384', 'sha512'])('gives the ACVP values with %s', (short) => {
    interface File {
      groups: { tests: { key: string; msg: string; mac: string }[] }[];
    }
    const tests = vectors<File>(`acvp/hmac-${short}.json`).groups.flatMap((group) => group.tests);
    expect(tests.length).toBe(60);
    for (const { key, msg, mac } of tests) expectHmac(short, key, msg, mac);
  });

  test.each(['sha1', 'sha256', 'sha384', 'sha512'])('tells valid from invalid as Wycheproof does with %s', (short) => {
    interface File {
      testGroups: { tagSize: number; tests: { key: string; msg: string; tag: string; result: string }[] }[];
    }
    for (const group of vectors<File>(`wycheproof/hmac_${short}_test.json`).testGroups) {
      for (const { key, msg, tag, result } of group.tests) {
        const computed = prf(named(short), octets(key), octets(msg)).subarray(0, group.tagSize / 8);
        expect(hex(computed) === tag).toBe(result === 'valid');
      }
    }
  });

  test.each(NAMES)('with %s is that of node:crypto for keys and messages around every block boundary', (name) => {
    for (const keyOctets of [0, 1, 16, 20, 63, 64, 65, 127, 128, 129, 300]) {
      const key = randomOctets(keyOctets, keyOctets + 1);
      const hmac = createHmac(name, key);
      expect(hmac.octets).toBe(HASH_OCTETS[name]);
      for (let length = 0; length <= 200; length += keyOctets === 20 ? 1 : 7) {
        const message = randomOctets(length, length + 1);
        const mac = nodeHmac(NODE_HASH[name], key).update(message).digest('hex');
        expect(hex(hmac.compute(message))).toBe(mac);
        expect(hex(hmac.compute(message.subarray(0, 5), message.subarray(5)))).toBe(mac);
      }
    }
  });

  test('keeps neither the key nor what was made of it once wiped', () => {
    const hmac = createHmac('sha1', octets('00112233'));
    hmac.wipe();
    expect(() => hmac.compute()).toThrow(TypeError);
  });

  test('refuses a hash that it does not know, by name', () => {
    for (const name of ['sha-1', 'constructor', '']) {
      // @ts-expect-error: as a caller in JavaScript might
      expect(() => createHmac(name, new Uint8Array(1))).toThrow(`hash '${name}' is not known`);
      // @ts-expect-error: as a caller in JavaScript might
      expect(() => hash(name)).toThrow(RangeError);
    }
  });

  test('leaves the key alone', () => {
    const key = randomOctets(20, 1);
    prf('sha1', key, octets('00'));
    expect(key).toEqual(randomOctets(20, 1));
  });
});

describe('the expansion of RFC 2409 Appendix B', () => {
  test('is K1 | K2 | ... where the key is too short, and a prefix of the key where it is not', () => {
    const key = randomOctets(20, 3);
    const k1 = prf('sha1', key, octets('00'));
    const k2 = prf('sha1', key, k1);
    expect(expandKey('sha1', key, 24)).toEqual(concat(k1, k2).slice(0, 24));
    expect(expandKey('sha1', key, 16)).toEqual(key.slice(0, 16));
    expect(expandKey('sha1', key, 20)).toEqual(key);
    expect(expandKey('sha1', key, 40)).toEqual(concat(k1, k2));
    for (const wrong of [-1, 1.5, Number.NaN]) expect(() => expandKey('sha1', key, wrong)).toThrow(RangeError);
  });

  test.runIf(hasShared)('gives the values of NSS', () => {
    interface File {
      sets: { prf: string; vectors: { type: string; ikm: string; okm: string; size: number }[] }[];
    }
    let checked = 0;
    for (const set of sharedJson<File>('vectors/kdf/nss-ike-vectors.json').sets) {
      const name = BY_SHORT_NAME[set.prf.replace('HMAC-', '').toLowerCase()];
      if (name === undefined) continue;
      for (const { type, ikm, okm, size } of set.vectors) {
        if (type !== 'ikeV1AppB') continue;
        expect(hex(expandKey(name, octets(ikm), size))).toBe(okm);
        checked++;
      }
    }
    expect(checked).toBe(12);
  });
});
