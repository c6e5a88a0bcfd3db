import { ESP_SUITES, espSuite, keyLimits, SP_800_67_OCTETS } from '@espalier/crypto';
import { describe, expect, test } from 'vitest';

describe('limits of a key', () => {
  test('of a cipher with blocks of 64 bits keep the chance of two equal blocks below 1 in 100', () => {
    for (const name of ['des-cbc/hmac-sha1-96', '3des-cbc/hmac-sha1-96', '3des-cbc/aes-cmac-96']) {
      const { soft, hard } = keyLimits(espSuite(name));
      expect([soft, hard]).toEqual([
        { packets: 2 ** 25, octets: 2 ** 30 },
        { packets: 2 ** 27, octets: 2 ** 32 },
      ]);
      for (const [{ octets = 0 }, chance] of [
        [soft, 2 ** -11],
        [hard, 2 ** -7],
      ] as const) {
        expect((octets / 8) ** 2 / 2 ** 65).toBe(chance);
      }
      expect(SP_800_67_OCTETS / 8).toBe(2 ** 20);
      expect(SP_800_67_OCTETS).toBeLessThan(soft.octets ?? 0);
    }
  });

  test('of GCM, GMAC and CCM are 2^32 invocations, whatever the ICV and the IV', () => {
    for (const suite of ESP_SUITES.filter(({ name }) => /^aes-\d+-(gcm|gmac|ccm)/.test(name))) {
      expect(keyLimits(suite)).toEqual({ soft: { packets: 2 ** 30 }, hard: { packets: 2 ** 32 } });
    }
  });

  test('of a MAC count where the cipher has none', () => {
    expect(keyLimits(espSuite('null/aes-xcbc-96')).hard).toEqual({ packets: 2 ** 48 });
    expect(keyLimits(espSuite('aes-128-cbc/aes-cmac-96')).hard).toEqual({ packets: 2 ** 48, octets: 2 ** 52 });
    for (const name of ['null/hmac-sha1-96', 'chacha20-poly1305', 'chacha20-poly1305-iiv']) {
      expect(keyLimits(espSuite(name))).toEqual({ soft: {}, hard: {} });
    }
  });

  test('are soft before they are hard, and numbers that can be counted to', () => {
    for (const suite of ESP_SUITES) {
      const { soft, hard } = keyLimits(suite);
      for (const what of ['packets', 'octets'] as const) {
        expect(soft[what]).toBe(hard[what] === undefined ? undefined : hard[what] / 4);
        expect(Number.isSafeInteger(hard[what] ?? 0)).toBe(true);
      }
    }
  });
});
