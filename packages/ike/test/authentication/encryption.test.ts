import { createPrivateKey } from 'node:crypto';
import { createCbc, decryptRsaPkcs1, encryptRsaPkcs1, hash, prf, type RsaPrivateKey } from '@espalier/crypto';
import {
  encryptionKeyOf,
  hashI,
  hashR,
  padBody,
  phase1Iv,
  phase1Key,
  phase1Secrets,
  skeyidOfEncryption,
  unpadBody,
} from '@espalier/ike';
import { concat, decodeMessage, fromAscii, fromHex, PAYLOAD, toHex } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedJson } from '../../../../test/shared.ts';
import { seededRng } from '../../../../test/support/rng.ts';
import { rsaKey, rsaPublicKey } from '../../../../test/support/signing-keys.ts';
import { only } from '../../src/exchange/rules.ts';

interface Trace {
  readonly name: string;
  readonly initiator_rsa_private_pem?: string;
  readonly derived: Readonly<Record<string, string>>;
  readonly messages: readonly {
    readonly hex: string;
    readonly rsa_decrypted?: { readonly nonce_body: string; readonly id_body: string };
    readonly iv?: string;
    readonly plaintext?: string;
  }[];
}

interface Padding {
  readonly cases: readonly { readonly block: number; readonly in: string; readonly padded: string }[];
  readonly bad: readonly string[];
}

function rsaPrivateKeyOf(pem: string): RsaPrivateKey {
  const { n, e, d, p, q, dp, dq, qi } = createPrivateKey(pem).export({ format: 'jwk' });
  const number = (text: string | undefined) => new Uint8Array(Buffer.from(text ?? '', 'base64url'));
  return {
    kind: 'rsa',
    modulus: number(n),
    exponent: number(e),
    privateExponent: number(d),
    prime1: number(p),
    prime2: number(q),
    exponent1: number(dp),
    exponent2: number(dq),
    coefficient: number(qi),
  };
}

describe.skipIf(!hasShared)('a Main Mode with public-key encryption that Cisco IOS answered', () => {
  const trace = hasShared
    ? sharedJson<{ traces: readonly Trace[] }>('vectors/ike-psk/ikev1-traces-rub-nds.json').traces.find(({ name }) =>
        name.includes('pke'),
      )
    : undefined;
  const hexOf = (name: string): string => trace?.derived[name] ?? '';
  const value = (name: string): Uint8Array => fromHex(hexOf(name));
  const octets = (i: number): Uint8Array => fromHex(trace?.messages[i]?.hex ?? '');

  it('has identity and nonce of the responder for whoever has the key of the initiator', () => {
    const key = rsaPrivateKeyOf(trace?.initiator_rsa_private_pem ?? '');
    const { payloads } = decodeMessage(octets(3));
    const nonce = decryptRsaPkcs1(key, only(payloads, 'nonce').data);
    const identity = decryptRsaPkcs1(key, only(payloads, 'id').body);
    expect(nonce && toHex(nonce)).toBe(trace?.messages[3]?.rsa_decrypted?.nonce_body);
    expect(identity && toHex(identity)).toBe(trace?.messages[3]?.rsa_decrypted?.id_body);
    expect(nonce).toEqual(value('Nr_b'));
  });

  it('gives SKEYID as Cisco makes it, what follows from it, and the hashes of messages 5 and 6', () => {
    const [first, second] = [octets(1).slice(0, 8), octets(1).slice(8, 16)];
    const [niB, nrB, gxy] = [value('Ni_b'), value('Nr_b'), value('g^xy')];
    const skeyid = skeyidOfEncryption('sha1', niB, nrB, first, second, 'cisco-ios');
    expect(toHex(skeyid)).toBe(hexOf('SKEYID'));
    expect(toHex(skeyidOfEncryption('sha1', niB, nrB, first, second))).not.toBe(hexOf('SKEYID'));
    const { d, a, e } = phase1Secrets('sha1', skeyid, gxy, first, second);
    expect([d, a, e].map(toHex)).toEqual(['SKEYID_d', 'SKEYID_a', 'SKEYID_e'].map(hexOf));
    const [gxi, gxr] = [2, 3].map((i) => only(decodeMessage(octets(i)).payloads, 'ke').data);
    if (gxi === undefined || gxr === undefined) throw new Error('no public values');
    const iv = phase1Iv('sha1', gxi, gxr, 16);
    expect(toHex(iv)).toBe(trace?.messages[4]?.iv);
    const transcript = { gxi, gxr, cookieI: first, cookieR: second, saiB: value('SAi_b') };
    expect(toHex(hashI('sha1', skeyid, transcript, value('IDii_b')))).toBe(hexOf('HASH_I'));
    expect(toHex(hashR('sha1', skeyid, transcript, value('IDir_b')))).toBe(hexOf('HASH_R'));
    const plain = createCbc('aes-cbc', phase1Key('sha1', e, 16)).decrypt(iv, octets(4).subarray(28));
    expect(toHex(plain)).toBe(trace?.messages[4]?.plaintext);
    expect(plain[0]).toBe(PAYLOAD.none);
  });

  it('pads as RFC 2409 has it for the revised form, and takes no other padding', () => {
    const { misc } = sharedJson<{ misc: { rfc2409_pke_payload_padding: Padding } }>(
      'vectors/ike-psk/ikev1-kdf-rub-nds.json',
    );
    const { cases, bad } = misc.rfc2409_pke_payload_padding;
    expect(cases).toHaveLength(10);
    for (const one of cases) {
      expect(toHex(padBody(fromHex(one.in), one.block)).toUpperCase()).toBe(one.padded);
      expect(unpadBody(fromHex(one.padded), one.block)).toEqual(fromHex(one.in));
    }
    for (const text of bad) expect(unpadBody(fromHex(text.split(' ')[0] ?? ''), 8)).toBeUndefined();
  });
});

describe('public-key encryption', () => {
  it('decrypts what it encrypts, with its key alone, and nothing that was altered into another message', () => {
    const [key, other] = [rsaKey('one'), rsaKey('other')];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 245 }), fc.integer(), (message, seed) => {
        const ciphertext = encryptRsaPkcs1(rsaPublicKey('one'), message, seededRng(seed));
        if (ciphertext === undefined) throw new Error('does not fit');
        expect(ciphertext).toHaveLength(256);
        expect(decryptRsaPkcs1(key, ciphertext)).toEqual(message);
        expect(decryptRsaPkcs1(other, ciphertext)).not.toEqual(message);
        expect(decryptRsaPkcs1(key, ciphertext.subarray(1))).toBeUndefined();
      }),
      { numRuns: 8 },
    );
    expect(encryptRsaPkcs1(rsaPublicKey('one'), new Uint8Array(246), seededRng(1))).toBeUndefined();
  });

  it('takes no block of a signature, nor one without padding', () => {
    const [text, key] = [fromAscii('nonce'), rsaKey('one')];
    const ciphertext = encryptRsaPkcs1(rsaPublicKey('one'), text, { fill: (out) => out.fill(0xff) });
    expect(ciphertext && decryptRsaPkcs1(key, ciphertext)).toEqual(text);
    expect(decryptRsaPkcs1(key, new Uint8Array(256))).toBeUndefined();
    expect(decryptRsaPkcs1(key, new Uint8Array(256).fill(0xff))).toBeUndefined();
  });

  it('derives SKEYID of the hash of both nonces, and Ke of one of them, as RFC 2409 §5.2 and §5.3 write it', () => {
    const [niB, nrB, cookieI, cookieR] = ['0102030405060708', '1112131415161718', '21'.repeat(8), '31'.repeat(8)].map(
      fromHex,
    ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const key = hash('sha1', concat(niB, nrB));
    expect(skeyidOfEncryption('sha1', niB, nrB, cookieI, cookieR)).toEqual(prf('sha1', key, concat(cookieI, cookieR)));
    const ne = prf('sha1', niB, cookieI);
    const k1 = prf('sha1', ne, Uint8Array.of(0));
    const k2 = prf('sha1', ne, k1);
    expect(encryptionKeyOf('sha1', niB, cookieI, 24)).toEqual(concat(k1, k2).slice(0, 24));
    expect(encryptionKeyOf('sha1', niB, cookieI, 16)).toEqual(k1.slice(0, 16));
  });

  it('unpads what it pads, whatever the body and the block', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom(8, 16), (body, block) => {
        const padded = padBody(body, block);
        expect(padded.length % block).toBe(0);
        expect(unpadBody(padded, block)).toEqual(body);
        expect(unpadBody(padded.subarray(1), block)).toBeUndefined();
      }),
    );
  });
});
