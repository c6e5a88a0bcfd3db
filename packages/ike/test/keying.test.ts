import type { HashName } from '@espalier/crypto';
import { hashR, keymat, phase1Iv, phase1Key, phase1Secrets, phase2Iv, skeyidOfPreSharedKey } from '@espalier/ike';
import { fromAscii, fromHex, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedJson } from '../../../test/shared.ts';
import cavs from '../../../test/vectors/nist-cavs/ikev1-psk.json' with { type: 'json' };
import rub from '../../../test/vectors/rub-nds/ikev1-kdf-rub-nds.json' with { type: 'json' };

const EMPTY = new Uint8Array(0);

describe('SKEYID and what follows from it', () => {
  const HASHES: Readonly<Record<string, HashName>> = {
    'SHA-1': 'sha1',
    'SHA-256': 'sha2-256',
    'SHA-384': 'sha2-384',
    'SHA-512': 'sha2-512',
  };
  const names = Object.values(HASHES).join(', ');
  it(`agrees with NIST CAVS for ${names}, for g^xy of 256 to 8192 bits and keys of 8 bits and more`, () => {
    let cases = 0;
    for (const { params, tests } of cavs.groups) {
      const name = HASHES[params.hash] ?? 'md5';
      for (const test of tests) {
        const skeyid = skeyidOfPreSharedKey(name, fromHex(test['pre-shared-key']), fromHex(test.Ni), fromHex(test.Nr));
        const cookies = [fromHex(test.CKY_I), fromHex(test.CKY_R)] as const;
        const { d, a, e } = phase1Secrets(name, skeyid, fromHex(test['g^xy']), ...cookies);
        expect([skeyid, d, a, e].map(toHex)).toEqual([test.SKEYID, test.SKEYID_d, test.SKEYID_a, test.SKEYID_e]);
        cases++;
      }
    }
    expect(cases).toBe(cavs.cases);
  });
});

describe('keys and hashes of RUB-NDS', () => {
  it.each(rub.kdf.map((vector) => [vector.name, vector] as const))('%s', (_name, vector) => {
    const [cookieI, cookieR] = [fromHex(vector['CKY-I']), fromHex(vector['CKY-R'])];
    const [gxi, gxr] = [fromHex(vector['g^xi']), fromHex(vector['g^xr'])];
    const skeyid = skeyidOfPreSharedKey('sha1', fromAscii('AAAA'), fromHex(vector.Ni_b), fromHex(vector.Nr_b));
    const secrets = phase1Secrets('sha1', skeyid, fromHex(vector['g^xy']), cookieI, cookieR);
    const transcript = { gxi, gxr, cookieI, cookieR, saiB: fromHex(vector.SAi_b) };
    const iv = phase1Iv('sha1', gxi, gxr, 16);
    const computed: Record<string, string> = {
      SKEYID: toHex(skeyid),
      SKEYID_d: toHex(secrets.d),
      SKEYID_a: toHex(secrets.a),
      SKEYID_e: toHex(secrets.e),
      Ka: toHex(phase1Key('sha1', secrets.e, 16)),
      IV: toHex(iv),
      HASH_R: toHex(hashR('sha1', skeyid, transcript, fromHex(vector.IDir_b))),
      IV_msgid_d8029d42: toHex(phase2Iv('sha1', iv, 0xd8029d42, 16)),
    };
    if ('quick_mode' in vector && vector.quick_mode !== undefined) {
      const { protocol, Ni_b, Nr_b, inbound_spi, outbound_spi } = vector.quick_mode;
      const of = { gqmxy: EMPTY, protocol, niB: fromHex(Ni_b), nrB: fromHex(Nr_b) };
      Object.assign(computed, {
        KEYMAT_inbound_36: toHex(keymat('sha1', secrets.d, { ...of, spi: fromHex(inbound_spi) }, 36)),
        KEYMAT_outbound_36: toHex(keymat('sha1', secrets.d, { ...of, spi: fromHex(outbound_spi) }, 36)),
      });
    }
    expect(computed).toMatchObject(vector.expected);
  });
});

interface NssVectors {
  readonly sets: readonly {
    readonly prf: string;
    readonly vectors: readonly { type: string; ikm: string; okm: string; size: number; seed_effective_hex?: string }[];
  }[];
}

describe.skipIf(!hasShared)('Appendix B and KEYMAT of NSS', () => {
  const HASHES: Readonly<Record<string, HashName>> = {
    'HMAC-SHA1': 'sha1',
    'HMAC-SHA256': 'sha2-256',
    'HMAC-SHA384': 'sha2-384',
    'HMAC-SHA512': 'sha2-512',
  };
  it('expands a key shorter, as long and longer than the output of the PRF', () => {
    let cases = 0;
    for (const { prf, vectors } of sharedJson<NssVectors>('vectors/kdf/nss-ike-vectors.json').sets) {
      const name = HASHES[prf];
      if (name === undefined) continue;
      for (const { type, ikm, okm, size, seed_effective_hex } of vectors) {
        if (type === 'ikeV1AppB') expect(toHex(phase1Key(name, fromHex(ikm), size))).toBe(okm);
        else if (type === 'ikeV1AppBQuick') {
          // Their seed is one zero octet, which our formula makes of the protocol alone.
          expect(seed_effective_hex).toBe('00');
          const of = { gqmxy: EMPTY, protocol: 0, spi: EMPTY, niB: EMPTY, nrB: EMPTY };
          expect(toHex(keymat(name, fromHex(ikm), of, size))).toBe(okm);
        } else continue;
        cases++;
      }
    }
    expect(cases).toBe(24);
  });
});

interface HashRVector {
  readonly hash: HashName;
  readonly psk_ascii: string | null;
  readonly effective_psk_hex?: string;
  readonly skeyid: string;
  readonly g_xi: string;
  readonly g_xr: string;
  readonly cky_i: string;
  readonly cky_r: string;
  readonly sai_b: string;
  readonly idir_b: string;
  readonly ni_b: string;
  readonly nr_b: string;
  readonly hash_r: string;
}

describe.skipIf(!hasShared)('HASH_R of four makes of gateway', () => {
  const known = hasShared
    ? sharedJson<{ cases: readonly HashRVector[] }>('vectors/ike-psk/aggressive-hash-r.json').cases.filter(
        ({ psk_ascii }) => psk_ascii !== null,
      )
    : [];
  it('is what each of them sent, for MD5 and SHA-1 and a key longer than the block', () => {
    expect(known).toHaveLength(10);
    for (const v of known) {
      const psk = v.effective_psk_hex === undefined ? fromAscii(v.psk_ascii ?? '') : fromHex(v.effective_psk_hex);
      const skeyid = skeyidOfPreSharedKey(v.hash, psk, fromHex(v.ni_b), fromHex(v.nr_b));
      const transcript = {
        gxi: fromHex(v.g_xi),
        gxr: fromHex(v.g_xr),
        cookieI: fromHex(v.cky_i),
        cookieR: fromHex(v.cky_r),
        saiB: fromHex(v.sai_b),
      };
      expect(toHex(skeyid)).toBe(v.skeyid);
      expect(toHex(hashR(v.hash, skeyid, transcript, fromHex(v.idir_b)))).toBe(v.hash_r);
    }
  });
});
