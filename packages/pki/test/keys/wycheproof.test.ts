import { nodeEngine } from '@espalier/crypto/node';
import { privateKeyFrom, publicKeyFrom } from '@espalier/pki';
import { fromHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedJson } from '../../../../test/shared.ts';
import { signWith } from '../../src/signature/sign.ts';
import { verifySigned } from '../../src/signature/verify.ts';

interface Verifying {
  readonly testGroups: readonly {
    readonly publicKeyAsn: string;
    readonly publicKeyDer: string;
    readonly publicKeyPem: string;
    readonly tests: readonly {
      readonly tcId: number;
      readonly flags: readonly string[];
      readonly msg: string;
      readonly sig: string;
      readonly result: 'valid' | 'invalid' | 'acceptable';
    }[];
  }[];
}

interface Generating {
  readonly testGroups: readonly {
    readonly keyDer: string;
    readonly privateKeyPem: string;
    readonly privateKeyPkcs8: string;
    readonly sha: string;
    readonly tests: readonly { readonly msg: string; readonly sig: string }[];
  }[];
}

const NAMES: ReadonlyMap<string, 'sha1' | 'sha256' | 'sha384' | 'sha512'> = new Map([
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
]);

describe.skipIf(!hasShared)('keys and signatures of Wycheproof', () => {
  const { signatures } = nodeEngine();

  it('verify as they should, and keys of exponent 3 verify nothing', () => {
    const { testGroups } = sharedJson<Verifying>('vectors/wycheproof/rsa_signature_2048_sha256_test.json');
    const counted = { taken: 0, refused: 0 };
    for (const { publicKeyDer, publicKeyPem, publicKeyAsn, tests } of testGroups) {
      const key = publicKeyFrom(publicKeyPem);
      expect(publicKeyFrom(fromHex(publicKeyDer))).toEqual(key);
      expect(publicKeyFrom(fromHex(publicKeyAsn))).toEqual(key);
      for (const { tcId, flags, msg, sig, result } of tests) {
        const algorithm = { name: 'sha256WithRSAEncryption', parts: { kind: 'rsa', hash: 'sha2-256' } } as const;
        const verified = verifySigned({ data: fromHex(msg), algorithm, signature: fromHex(sig) }, key, signatures);
        expect(verified, `test ${tcId}`).toBe(result !== 'invalid' && !flags.includes('SmallPublicKey'));
        counted[verified ? 'taken' : 'refused'] += 1;
      }
    }
    expect(counted).toEqual({ taken: 8, refused: 251 });
  });

  it('are made as they should', () => {
    const { testGroups } = sharedJson<Generating>('vectors/wycheproof/rsa_pkcs1_2048_sig_gen_test.json');
    let made = 0;
    for (const { privateKeyPem, privateKeyPkcs8, sha, tests } of testGroups) {
      const key = privateKeyFrom(privateKeyPem);
      expect(privateKeyFrom(fromHex(privateKeyPkcs8))).toEqual(key);
      const name = NAMES.get(sha);
      if (name === undefined) continue;
      for (const { msg, sig } of tests) {
        const signature = signWith(`${name}WithRSAEncryption`, fromHex(msg), key, signatures);
        if (signature === undefined) continue;
        expect(signature).toEqual(fromHex(sig));
        made += 1;
      }
    }
    expect(made).toBeGreaterThan(20);
  });
});
