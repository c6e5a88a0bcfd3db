import { createCbc, desKeyFrom, isWeakDesKey } from '@espalier/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, octets } from '../support/vectors.ts';

const IV = new Uint8Array(8);
const BLOCK = octets('0123456789abcdef');

/** RFC 2409 Appendix A: four weak keys, and six pairs of semi-weak ones. */
const WEAK = ['0101010101010101', 'fefefefefefefefe', 'e0e0e0e0f1f1f1f1', '1f1f1f1f0e0e0e0e'];
const SEMI_WEAK = [
  ['01fe01fe01fe01fe', 'fe01fe01fe01fe01'],
  ['1fe01fe00ef10ef1', 'e01fe01ff10ef10e'],
  ['01e001e001f101f1', 'e001e001f101f101'],
  ['1ffe1ffe0efe0efe', 'fe1ffe1ffe0efe0e'],
  ['011f011f010e010e', '1f011f010e010e01'],
  ['e0fee0fef1fef1fe', 'fee0fee0fef1fef1'],
];

describe('weak DES keys', () => {
  test('encrypting twice under a weak key, or under both of a semi-weak pair, gives the plaintext back', () => {
    for (const [first = '', second = ''] of [...WEAK.map((key) => [key, key]), ...SEMI_WEAK]) {
      const once = createCbc('des-cbc', octets(first)).encrypt(IV, BLOCK);
      expect(createCbc('des-cbc', octets(second)).encrypt(IV, once)).toEqual(BLOCK);
    }
  });

  test('are known by their names, whatever their parity', () => {
    for (const key of [...WEAK, ...SEMI_WEAK.flat()]) {
      expect(isWeakDesKey(octets(key))).toBe(true);
      expect(isWeakDesKey(octets(key).map((octet, i) => octet ^ (i & 1)))).toBe(true);
    }
  });

  test('are no others', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (key) => !isWeakDesKey(key)));
    expect(isWeakDesKey(octets('0101010101010102'))).toBe(false);
    expect(() => isWeakDesKey(new Uint8Array(7))).toThrow(RangeError);
  });

  test('are slid past in keying material, by no more than is needed', () => {
    const weak = octets('0101010101010101');
    expect(desKeyFrom(octets('133457799bbcdff1ffff'))).toEqual(octets('133457799bbcdff1'));
    expect(desKeyFrom(concat(weak, octets('aabb')))).toEqual(octets('01010101010101aa'));
    expect(() => desKeyFrom(concat(weak, weak))).toThrow(RangeError);
    expect(() => desKeyFrom(new Uint8Array(7))).toThrow(RangeError);
  });
});
