import { hash, type SignatureCurve, signEcdsa, verifyEcdsa } from '@espalier/crypto';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { ecdsaKey, ecdsaPublicKey } from '../../../../test/support/signing-keys.ts';
import { ENGINES } from '../support/engines.ts';
import { concat, hex, octets } from '../support/vectors.ts';

const CURVES = [
  { curve: 'P-256', name: 'sha2-256', octets: 32 },
  { curve: 'P-384', name: 'sha2-384', octets: 48 },
  { curve: 'P-521', name: 'sha2-512', octets: 66 },
] as const;

/** RFC 6979 §A.2.5 to §A.2.7: the message 'sample', with the hash that RFC 4754 has for the curve. */
const RFC6979: Readonly<Record<SignatureCurve, readonly [x: string, r: string, s: string]>> = {
  'P-256': [
    'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
    'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716',
    'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  ],
  'P-384': [
    '6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5',
    '94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46',
    '99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8',
  ],
  'P-521': [
    '00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538',
    '00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa',
    '00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a',
  ],
};

describe.each(CURVES)('$curve', ({ curve, name, octets: width }) => {
  const key = ecdsaKey(curve, 'one');
  const publicKey = ecdsaPublicKey(curve, 'one');
  const digest = hash(name, octets('00'));

  test('signs as RFC 6979 prints it', () => {
    const [x, r, s] = RFC6979[curve];
    const made = signEcdsa({ kind: 'ecdsa', curve, scalar: octets(x) }, hash(name, Buffer.from('sample')));
    expect(made && hex(made)).toBe(r + s);
  });

  it.each(ENGINES)('a signature on $name is r | s, and verifies with its key and its hash alone', ({ signatures }) => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(2 * width - 1), fc.integer({ min: 1, max: 255 }), (text, at, by) => {
        const signed = hash(name, text);
        const signature = signatures.sign(key, signed);
        if (signature === undefined) throw new Error('not signed');
        expect(signature).toHaveLength(2 * width);
        expect(signatures.verify(publicKey, signed, signature)).toBe(true);
        expect(signatures.verify(ecdsaPublicKey(curve, 'other'), signed, signature)).toBe(false);
        expect(signatures.verify(publicKey, hash(name, signed), signature)).toBe(false);
        const changed = signature.slice();
        changed[at] = (changed[at] ?? 0) ^ by;
        expect(signatures.verify(publicKey, signed, changed)).toBe(false);
      }),
      { numRuns: 4 },
    );
  });

  it('takes neither zeros, nor DER, nor another length, nor the hash of another curve', () => {
    const signature = signEcdsa(key, digest) ?? octets('');
    const zeros = new Uint8Array(width);
    for (const wrong of [
      octets(''),
      signature.subarray(1),
      concat(signature, octets('00')),
      concat(zeros, signature.subarray(width)),
      concat(signature.subarray(0, width), zeros),
      concat(octets(`30${(2 * width + 4).toString(16).padStart(2, '0')}`), signature),
      new Uint8Array(2 * width).fill(0xff),
    ]) {
      expect(verifyEcdsa(publicKey, digest, wrong)).toBe(false);
    }
    expect(verifyEcdsa(publicKey, hash('sha1', octets('00')), signature)).toBe(false);
    expect(() => signEcdsa(key, hash('sha1', octets('00')))).toThrow(RangeError);
  });
});
