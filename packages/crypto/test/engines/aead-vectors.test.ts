import { type EspSuite, espSuite } from '@espalier/crypto';
import { describe, expect, test } from 'vitest';
import { hasShared, sharedJson } from '../../../../test/shared.ts';
import { ENGINES, pairOf, wipe } from '../support/engines.ts';
import { keys, openOne, sealGiven } from '../support/esp.ts';
import { concat, hex, octets } from '../support/vectors.ts';

interface Linux {
  readonly aead: readonly {
    readonly alg: string;
    readonly key: string;
    readonly salt: string;
    readonly iv: string;
    readonly aad: string;
    readonly plaintext: string;
    readonly ciphertext_icv: string;
    readonly icv_len: number;
    readonly must_fail_verification: boolean;
  }[];
}

function suiteOf({ alg, key, icv_len }: Linux['aead'][0]): EspSuite {
  const bits = key.length * 4;
  if (alg === 'rfc4106-aes-gcm') return espSuite(`aes-${bits}-gcm-${icv_len}`);
  if (alg === 'rfc4309-aes-ccm') return espSuite(`aes-${bits}-ccm-${icv_len}`);
  return espSuite(alg === 'rfc4543-aes-gmac' ? `aes-${bits}-gmac` : 'chacha20-poly1305');
}

describe.skipIf(!hasShared)("the Linux kernel's vectors for AEADs in ESP", () => {
  const vectors = hasShared ? sharedJson<Linux>('vectors/linux/testmgr-esp.json').aead : [];

  test.each(ENGINES.map((engine) => [engine.name, engine] as const))(
    'are those of %s, each that it has',
    (_, engine) => {
      const counts: Record<string, number> = {};
      for (const one of vectors) {
        const suite = suiteOf(one);
        if (!engine.supports(suite)) continue;
        // That of AES-GMAC has the IV, too.
        const aad = one.alg === 'rfc4543-aes-gmac' ? one.aad.slice(0, -16) : one.aad;
        const esn = aad.length === 24;
        const high = esn ? Number.parseInt(aad.slice(8, 16), 16) : 0;
        const espKeys = keys({ encryption: octets(one.key), salt: octets(one.salt) });
        const header = octets(aad.slice(0, 8) + aad.slice(-8));
        const packet = concat(header, octets(one.iv), octets(one.ciphertext_icv));
        const plain = concat(header, octets(one.iv), octets(one.plaintext), new Uint8Array(suite.icvOctets));
        const { seal, open } = pairOf(engine, suite, espKeys, esn);
        const opened = openOne(open, packet, high);
        expect(opened.status).toBe(one.must_fail_verification ? 0 : 1);
        if (!one.must_fail_verification) {
          expect(hex(sealGiven(seal, plain, high))).toBe(hex(packet));
          const end = plain.length - suite.icvOctets;
          expect(hex(opened.memory.subarray(0, end))).toBe(hex(plain.subarray(0, end)));
          const tampered = packet.slice();
          tampered[packet.length - 1] = (tampered[packet.length - 1] ?? 0) ^ 1;
          expect(openOne(open, tampered, high)).toEqual({ status: 0, memory: tampered });
        }
        counts[one.alg] = (counts[one.alg] ?? 0) + 1;
        wipe({ seal, open });
      }
      expect(counts).toMatchObject({ 'rfc4106-aes-gcm': expect.any(Number), 'rfc7539esp-chacha20-poly1305': 1 });
      if (engine.name === 'noble') {
        expect(counts).toEqual({
          'rfc4106-aes-gcm': 23,
          'rfc4309-aes-ccm': 23,
          'rfc4543-aes-gmac': 2,
          'rfc7539esp-chacha20-poly1305': 1,
        });
      }
    },
  );
});
