import { createHmac, expandKey, HASH_OCTETS, type HashName, prf } from '@espalier/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasShared, sharedJson } from '../../../../test/shared.ts';
import { concat, hex, octets } from '../support/vectors.ts';

interface RfcFile {
  readonly prf: readonly { readonly key: string; readonly message: string; readonly prf: string }[];
}

describe('AES-XCBC-PRF-128', () => {
  test.runIf(hasShared)('is what RFC 4434 §2.1 prints, for keys of 10, 16 and 18 octets', () => {
    const cases = sharedJson<RfcFile>('vectors/rfc/rfc3566-rfc4434-aes-xcbc.json').prf;
    expect(cases.map(({ key }) => key.length / 2).sort()).toEqual([10, 16, 18]);
    for (const one of cases) expect(hex(prf('aes-xcbc', octets(one.key), octets(one.message)))).toBe(one.prf);
  });

  test('is the same however a message is cut into parts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.array(fc.uint8Array({ maxLength: 40 })), (key, parts) => {
        expect(hex(prf('aes-xcbc', key, ...parts))).toBe(hex(prf('aes-xcbc', key, concat(...parts))));
      }),
    );
  });

  test('takes octets only', () => {
    // @ts-expect-error: a caller in plain JavaScript
    expect(() => prf('aes-xcbc', 'key')).toThrow(/^key must be a Uint8Array/);
    // @ts-expect-error: a caller in plain JavaScript
    expect(() => prf('aes-xcbc', octets('00'), 'text')).toThrow(/^parts\[0\] must be a Uint8Array/);
  });
});

test.each(Object.keys(HASH_OCTETS))('the prf of a hash is its HMAC: %s', (name) => {
  const own = name as HashName;
  const hmac = createHmac(own, octets('0102'));
  expect(prf(own, octets('0102'), octets('03'))).toEqual(hmac.compute(octets('03')));
});

test.each(['sha1', 'aes-xcbc'] as const)('Ka is K1 | K2 | …, each the prf of the one before: %s', (name) => {
  const key = octets('00112233');
  const k1 = prf(name, key, Uint8Array.of(0));
  const k2 = prf(name, key, k1);
  expect(hex(expandKey(name, key, 36))).toBe(hex(concat(k1, k2, prf(name, key, k2))).slice(0, 72));
  expect(hex(expandKey(name, key, 3))).toBe('001122');
});
