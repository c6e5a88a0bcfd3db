import { createPrivateKey } from 'node:crypto';
import {
  HASH_OCTETS,
  type HashName,
  hash,
  type RsaPublicKey,
  signedByRsa,
  signRsaPkcs1Bare,
  verifyRsaPkcs1Bare,
} from '@espalier/crypto';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { hasShared, sharedJson } from '../../../../test/shared.ts';
import { rsaKey, rsaPublicKey } from '../../../../test/support/signing-keys.ts';
import { powerModulo } from '../../src/dh/power.ts';
import { toInteger, toOctets } from '../../src/integers.ts';
import { ENGINES } from '../support/engines.ts';
import { concat, hex, octets } from '../support/vectors.ts';

const KEY = rsaKey('one');
const PUBLIC: RsaPublicKey = { kind: 'rsa', modulus: KEY.modulus, exponent: KEY.exponent };
const HASH = hash('sha2-256', octets('00'));

/** What stands before the hash where a signature is not IKEv1's (RFC 8017 §9.2). */
const DIGEST_INFO: Readonly<Record<string, readonly [HashName, string]>> = {
  'SHA-1': ['sha1', '3021300906052b0e03021a05000414'],
  'SHA-256': ['sha2-256', '3031300d060960864801650304020105000420'],
  'SHA-384': ['sha2-384', '3041300d060960864801650304020205000430'],
  'SHA-512': ['sha2-512', '3051300d060960864801650304020305000440'],
};

interface WycheproofTest {
  readonly tcId: number;
  readonly msg: string;
  readonly sig: string;
  readonly result: 'valid' | 'invalid' | 'acceptable';
}

interface Wycheproof {
  readonly testGroups: readonly {
    readonly sha: string;
    readonly publicKey?: { readonly modulus: string; readonly publicExponent: string };
    readonly privateKey?: { readonly modulus: string; readonly publicExponent: string };
    readonly privateKeyPem?: string;
    readonly tests: readonly WycheproofTest[];
  }[];
}

/** A signature of the usual kind is one of ours over a DigestInfo. */
function signedText(sha: string, msg: string): Uint8Array | undefined {
  const [name, prefix] = DIGEST_INFO[sha] ?? [];
  if (name === undefined || prefix === undefined) return undefined;
  return concat(octets(prefix), hash(name, octets(msg)));
}

describe.skipIf(!hasShared)('the vectors of Wycheproof', () => {
  test.each(ENGINES)('verify on $name, and where e is 3 none does', ({ signatures }) => {
    const { testGroups } = sharedJson<Wycheproof>('vectors/wycheproof/rsa_signature_2048_sha256_test.json');
    const seen = { valid: 0, refused: 0 };
    for (const { sha, publicKey, tests } of testGroups) {
      if (publicKey === undefined) throw new Error('no key');
      const { modulus, publicExponent } = publicKey;
      const isSmall = BigInt(`0x${publicExponent}`) < 65_537n;
      const key: RsaPublicKey = { kind: 'rsa', modulus: octets(modulus), exponent: octets(publicExponent) };
      for (const { tcId, msg, sig, result } of tests) {
        const text = signedText(sha, msg);
        if (text === undefined) throw new Error(sha);
        // A DigestInfo without NULL, and other spellings of the same, are not the block that is expected.
        const expected = result === 'valid' && !isSmall;
        expect(signatures.verify(key, text, octets(sig)), `${sha} ${tcId}`).toBe(expected);
        seen[expected ? 'valid' : 'refused']++;
      }
    }
    expect(seen.valid).toBeGreaterThan(5);
    expect(seen.refused).toBeGreaterThan(200);
  });

  test.each(ENGINES)('are made on $name, and where e is 3 none is', ({ signatures }) => {
    const { testGroups } = sharedJson<Wycheproof>('vectors/wycheproof/rsa_pkcs1_2048_sig_gen_test.json');
    let count = 0;
    for (const { sha, privateKeyPem, tests } of testGroups) {
      if (privateKeyPem === undefined) throw new Error('no key');
      const { n, e, d, p, q, dp, dq, qi } = createPrivateKey(privateKeyPem).export({ format: 'jwk' });
      const number = (text: string | undefined) => Uint8Array.from(Buffer.from(text ?? '', 'base64url'));
      const key = {
        kind: 'rsa' as const,
        modulus: number(n),
        exponent: number(e),
        privateExponent: number(d),
        prime1: number(p),
        prime2: number(q),
        exponent1: number(dp),
        exponent2: number(dq),
        coefficient: number(qi),
      };
      const isSmall = toInteger(key.exponent) < 65_537n;
      for (const { msg, sig } of tests) {
        const text = signedText(sha, msg);
        if (text === undefined) continue;
        const made = signatures.sign(key, text);
        expect(made && hex(made)).toBe(isSmall ? undefined : sig);
        if (!isSmall) count++;
      }
    }
    expect(count).toBeGreaterThan(15);
  });
});

describe.each(ENGINES)('on $name', ({ signatures }) => {
  it('a signature of any hash verifies, with its key and its hash alone', () => {
    const other = rsaPublicKey('other');
    const names = fc.constantFrom<HashName>('md5', 'sha1', 'sha2-256', 'sha2-384', 'sha2-512');
    fc.assert(
      fc.property(names, fc.uint8Array(), fc.constantFrom('one', 'short', 'long'), (name, text, which) => {
        const key = rsaKey(which);
        const digest = hash(name, text);
        const signature = signatures.sign(key, digest);
        if (signature === undefined) throw new Error('not signed');
        expect(signature).toHaveLength(key.modulus.length);
        expect(signatures.verify(rsaPublicKey(which), digest, signature)).toBe(true);
        expect(signatures.verify(other, digest, signature)).toBe(false);
        expect(signatures.verify(rsaPublicKey(which), digest.subarray(1), signature)).toBe(false);
        expect(signatures.verify(rsaPublicKey(which), concat(octets('00'), digest), signature)).toBe(false);
      }),
      { numRuns: 12 },
    );
  });

  it('a signature with any octet changed, with one more or one less, or plus n, is none', () => {
    const signature = signatures.sign(KEY, HASH);
    if (signature === undefined) throw new Error('not signed');
    fc.assert(
      fc.property(fc.nat(signature.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = signature.slice();
        changed[at] = (changed[at] ?? 0) ^ by;
        expect(signatures.verify(PUBLIC, HASH, changed)).toBe(false);
      }),
      { numRuns: 50 },
    );
    for (const wrong of [octets(''), signature.subarray(1), concat(octets('00'), signature), concat(signature, HASH)]) {
      expect(signatures.verify(PUBLIC, HASH, wrong)).toBe(false);
    }
    const above = toInteger(signature) + toInteger(KEY.modulus);
    const octetsOfN = KEY.modulus.length;
    if (above < 1n << BigInt(8 * octetsOfN)) {
      expect(signatures.verify(PUBLIC, HASH, toOctets(above, octetsOfN))).toBe(false);
    }
  });

  it('makes the octets that every engine makes', () => {
    const made = ENGINES.map((other) => other.signatures.sign(KEY, HASH));
    expect(new Set(made.map((one) => hex(one ?? octets('')))).size).toBe(1);
    expect(signatures.sign(KEY, HASH)).toEqual(signRsaPkcs1Bare(KEY, HASH));
  });

  it('takes no block but the one with all the padding and nothing behind the hash', () => {
    const k = KEY.modulus.length;
    const ff = (count: number) => new Uint8Array(count).fill(0xff);
    const zero = octets('00');
    const blocks: readonly (readonly [string, Uint8Array, boolean])[] = [
      ['the right one', concat(octets('0001'), ff(k - 3 - HASH.length), zero, HASH), true],
      [
        'less padding and the hash in front',
        concat(octets('0001'), ff(8), zero, HASH, ff(k - 11 - HASH.length)),
        false,
      ],
      ['the hash on the left', concat(octets('0001'), ff(k - 35 - HASH.length), zero, HASH, new Uint8Array(32)), false],
      ['type 2', concat(octets('0002'), ff(k - 3 - HASH.length), zero, HASH), false],
      ['type 0', concat(octets('0000'), new Uint8Array(k - 2 - HASH.length), HASH), false],
      [
        'padding of another octet',
        concat(octets('0001'), ff(9), octets('fe'), ff(k - 13 - HASH.length), zero, HASH),
        false,
      ],
      ['a zero in the padding', concat(octets('0001'), ff(9), zero, ff(k - 13 - HASH.length), zero, HASH), false],
      ['no zero', concat(octets('0001'), ff(k - 2 - HASH.length), HASH), false],
    ];
    for (const [name, block, isRight] of blocks) {
      expect(block).toHaveLength(k);
      const s = powerModulo(toInteger(block), KEY.privateExponent, toInteger(KEY.modulus));
      expect(signatures.verify(PUBLIC, HASH, toOctets(s, k)), name).toBe(isRight);
    }
  });

  it('a hash that the key is too short for is not signed', () => {
    const short = rsaKey('short');
    expect(signatures.sign(short, new Uint8Array(128 - 11))).toBeDefined();
    expect(signatures.sign(short, new Uint8Array(128 - 10))).toBeUndefined();
  });
});

describe('what was signed', () => {
  it('is told of a signature with other contents, and of one by another key not', () => {
    const digestInfo = concat(octets(DIGEST_INFO['SHA-256']?.[1] ?? ''), HASH);
    const signature = signRsaPkcs1Bare(KEY, digestInfo);
    if (signature === undefined) throw new Error('not signed');
    expect(verifyRsaPkcs1Bare(PUBLIC, HASH, signature)).toBe(false);
    expect(signedByRsa(PUBLIC, signature)).toEqual(digestInfo);
    expect(signedByRsa({ ...rsaKey('other') }, signature)).toBeUndefined();
    expect(HASH_OCTETS['sha2-256']).toBe(HASH.length);
  });
});
