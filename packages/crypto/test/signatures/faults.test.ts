import {
  modulusBits,
  type PrivateKey,
  type PublicKey,
  privateKeyFault,
  publicKeyFault,
  type RsaPublicKey,
} from '@espalier/crypto';
import { describe, expect, it } from 'vitest';
import { ecdsaKey, ecdsaPublicKey, rsaKey, rsaPublicKey } from '../../../../test/support/signing-keys.ts';
import { toInteger, toOctets } from '../../src/integers.ts';
import { ENGINES } from '../support/engines.ts';
import { octets } from '../support/vectors.ts';

const RSA = rsaKey('one');
const EC = ecdsaKey('P-256', 'one');
const EC_PUBLIC = ecdsaPublicKey('P-256', 'one');
const HASH = new Uint8Array(32).fill(7);

/** An odd number of so many bits. */
function modulus(bits: number): Uint8Array {
  return toOctets((1n << BigInt(bits - 1)) | 1n, Math.ceil(bits / 8));
}

function rsa(changes: Partial<RsaPublicKey>): PublicKey {
  return { kind: 'rsa', modulus: RSA.modulus, exponent: RSA.exponent, ...changes };
}

describe('a public key', () => {
  it('of either kind has no fault', () => {
    for (const name of ['one', 'short', 'long'] as const) expect(publicKeyFault(rsaPublicKey(name))).toBeUndefined();
    for (const curve of ['P-256', 'P-384', 'P-521'] as const) {
      expect(publicKeyFault(ecdsaPublicKey(curve, 'one'))).toBeUndefined();
    }
    expect(modulusBits(rsaKey('long'))).toBe(3072);
    expect(modulusBits(rsaKey('short'))).toBe(1024);
  });

  it.each<[string, PublicKey, string | undefined]>([
    ['of 512 bits', rsa({ modulus: modulus(512) }), 'modulus-short'],
    ['of 1023 bits', rsa({ modulus: modulus(1023) }), 'modulus-short'],
    ['of no bits', rsa({ modulus: octets('') }), 'modulus-short'],
    ['of 8192 bits', rsa({ modulus: modulus(8192) }), undefined],
    ['of 8193 bits', rsa({ modulus: modulus(8193) }), 'modulus-long'],
    ['of 16,384 bits', rsa({ modulus: modulus(16_384) }), 'modulus-long'],
    ['of a million bits', rsa({ modulus: new Uint8Array(125_000).fill(0xff) }), 'modulus-long'],
    ['with an even modulus', rsa({ modulus: toOctets(toInteger(RSA.modulus) - 1n, 256) }), 'modulus-even'],
    ['with e = 1', rsa({ exponent: octets('01') }), 'exponent'],
    ['with e = 3', rsa({ exponent: octets('03') }), 'exponent'],
    ['with e = 65,535', rsa({ exponent: octets('ffff') }), 'exponent'],
    ['with e = 65,537 and zeros in front', rsa({ exponent: octets('0000010001') }), undefined],
    ['with an even e', rsa({ exponent: octets('010002') }), 'exponent'],
    ['with no e', rsa({ exponent: octets('') }), 'exponent'],
    ['with an e of 256 bits', rsa({ exponent: modulus(256) }), undefined],
    ['with an e of 257 bits', rsa({ exponent: modulus(257) }), 'exponent'],
    ['with an e of a million bits', rsa({ exponent: new Uint8Array(125_000).fill(0xff) }), 'exponent'],
    [
      'off its curve',
      { ...EC_PUBLIC, point: EC_PUBLIC.point.map((octet, i) => (i === 64 ? octet ^ 1 : octet)) },
      'point',
    ],
    ['of another curve', { ...EC_PUBLIC, curve: 'P-384' }, 'point'],
    [
      'compressed',
      { ...EC_PUBLIC, point: Uint8Array.of(2 + ((EC_PUBLIC.point[64] ?? 0) & 1), ...EC_PUBLIC.point.slice(1, 33)) },
      'point',
    ],
    ['at infinity', { ...EC_PUBLIC, point: octets('00') }, 'point'],
    ['of nothing', { ...EC_PUBLIC, point: octets('') }, 'point'],
  ])('%s is told, and verifies nothing, in a short time', (_, key, fault) => {
    const start = performance.now();
    expect(publicKeyFault(key)).toBe(fault);
    const length = key.kind === 'rsa' ? key.modulus.length : 64;
    for (const { signatures } of ENGINES)
      expect(signatures.verify(key, HASH, new Uint8Array(length).fill(1))).toBe(false);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('of a curve that is none is a RangeError, and numbers that are no octets a TypeError', () => {
    expect(() => publicKeyFault({ ...EC_PUBLIC, curve: 'P-224' as 'P-256' })).toThrow(RangeError);
    expect(() => publicKeyFault(rsa({ modulus: 'n' as unknown as Uint8Array }))).toThrow(TypeError);
    expect(() => publicKeyFault({ ...EC_PUBLIC, point: 'q' as unknown as Uint8Array })).toThrow(TypeError);
  });
});

describe('a private key', () => {
  it.each<[string, PrivateKey, string | undefined]>([
    ['of RSA', RSA, undefined],
    ['of ECDSA', EC, undefined],
    ['with e = 3', { ...RSA, exponent: octets('03') }, 'exponent'],
    ['with d of another', { ...RSA, privateExponent: rsaKey('other').privateExponent }, 'contradiction'],
    ['with a prime of another', { ...RSA, prime1: rsaKey('other').prime1 }, 'contradiction'],
    ['with primes of 1 and n', { ...RSA, prime1: octets('01'), prime2: RSA.modulus }, 'contradiction'],
    ['with dP of another', { ...RSA, exponent1: RSA.exponent2 }, 'contradiction'],
    ['with dQ of another', { ...RSA, exponent2: RSA.exponent1 }, 'contradiction'],
    ['with qInv of another', { ...RSA, coefficient: RSA.exponent1 }, 'contradiction'],
    ['of zero', { ...EC, scalar: new Uint8Array(32) }, 'scalar'],
    ['of the order', { ...EC, scalar: new Uint8Array(32).fill(0xff) }, 'scalar'],
    ['of another length', { ...EC, scalar: EC.scalar.subarray(1) }, 'scalar'],
  ])('%s signs if it has no fault', (_, key, fault) => {
    expect(privateKeyFault(key)).toBe(fault);
    for (const { signatures } of ENGINES) expect(signatures.sign(key, HASH) === undefined).toBe(fault !== undefined);
  });

  it('whose primes are none signs nothing: what comes out wrong does not go out', () => {
    const two = rsaKey('one');
    // 3 p is no prime, and all that is cheap to see of it is right.
    const [p, q, e] = [3n * toInteger(two.prime1), toInteger(two.prime2), toInteger(two.exponent)];
    const d = inverse(e, (p - 1n) * (q - 1n));
    const number = (value: bigint) => toOctets(value, Math.ceil(value.toString(16).length / 2));
    const key: PrivateKey = {
      kind: 'rsa',
      modulus: number(p * q),
      exponent: two.exponent,
      privateExponent: number(d),
      prime1: number(p),
      prime2: number(q),
      exponent1: number(d % (p - 1n)),
      exponent2: number(d % (q - 1n)),
      coefficient: number(inverse(q, p)),
    };
    expect(privateKeyFault(key)).toBeUndefined();
    for (const { signatures } of ENGINES) expect(signatures.sign(key, HASH)).toBeUndefined();
  });
});

function inverse(value: bigint, modulus: bigint): bigint {
  let [r, next, t, nextT] = [modulus, value % modulus, 0n, 1n];
  while (next !== 0n) [r, next, t, nextT] = [next, r % next, nextT, t - (r / next) * nextT];
  return ((t % modulus) + modulus) % modulus;
}
