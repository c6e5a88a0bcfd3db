import { ESP_SUITES, espSuite, HASH_OCTETS, nobleEngine, UNAUTHENTICATED_SUITES } from '@espalier/crypto';
import { describe, expect, test } from 'vitest';

describe('the suite table', () => {
  test('has each cipher with each integrity algorithm, then the AEADs, each under its own name', () => {
    const names = ESP_SUITES.map((suite) => suite.name);
    expect(new Set(names).size).toBe(12 * 8 + 9 + 9 + 3 + 1 + 3 + 6 + 1);
    for (const name of names) expect(espSuite(name).name).toBe(name);
  });

  test('has the lengths of the RFCs', () => {
    // RFC 2451, RFC 2404
    expect(espSuite('3des-cbc/hmac-sha1-96')).toMatchObject({
      encryptionKeyOctets: 24,
      saltOctets: 0,
      integrityKeyOctets: 20,
      ivOctets: 8,
      iv: 'unpredictable',
      cipherBlockOctets: 8,
      alignmentOctets: 8,
      icvOctets: 12,
      aead: false,
      legacy: false,
    });
    // RFC 3602, RFC 4868
    expect(espSuite('aes-256-cbc/hmac-sha2-512-256')).toMatchObject({
      encryptionKeyOctets: 32,
      integrityKeyOctets: 64,
      ivOctets: 16,
      cipherBlockOctets: 16,
      alignmentOctets: 16,
      icvOctets: 32,
    });
    // RFC 4106, RFC 7634
    for (const name of ['aes-256-gcm-16', 'chacha20-poly1305']) {
      expect(espSuite(name)).toMatchObject({
        encryptionKeyOctets: 32,
        saltOctets: 4,
        integrityKeyOctets: 0,
        ivOctets: 8,
        iv: 'sequence',
        cipherBlockOctets: 1,
        alignmentOctets: 4,
        icvOctets: 16,
        aead: true,
      });
    }
    // RFC 3686
    expect(espSuite('aes-192-ctr/hmac-sha1-96')).toMatchObject({
      encryptionKeyOctets: 24,
      saltOctets: 4,
      integrityKeyOctets: 20,
      ivOctets: 8,
      iv: 'sequence',
      cipherBlockOctets: 1,
      alignmentOctets: 4,
      icvOctets: 12,
    });
    // RFC 2410
    expect(espSuite('null/hmac-sha1-96')).toMatchObject({
      encryptionKeyOctets: 0,
      ivOctets: 0,
      iv: 'none',
      alignmentOctets: 4,
    });
  });

  test('keys of HMAC are as long as its hash, and ICVs half of that for SHA-2', () => {
    for (const { integrity, integrityKeyOctets, icvOctets } of ESP_SUITES) {
      const sha2 = /sha2-(256|384|512)/.exec(integrity);
      if (sha2 === null || integrity === 'hmac-sha2-256-96') continue;
      const octets = Number(sha2[1]) / 8;
      expect([integrityKeyOctets, icvOctets]).toEqual([octets, octets / 2]);
      expect(Object.values(HASH_OCTETS)).toContain(octets);
    }
  });

  test('calls DES and MD5 legacy, and nothing else', () => {
    for (const { name, legacy } of ESP_SUITES) expect(legacy).toBe(/^des-|md5/.test(name));
  });

  test('refuses a name that it does not have, and says which', () => {
    for (const name of ['', 'aes-128-cbc', 'rc4/hmac-md5-96', 'constructor', '3DES-CBC/HMAC-SHA1-96']) {
      expect(() => espSuite(name)).toThrow(RangeError);
      expect(() => espSuite(name)).toThrow(`'${name}'`);
    }
  });

  test('is all supported by the noble engine', () => {
    const engine = nobleEngine();
    expect(ESP_SUITES.filter((suite) => !engine.supports(suite))).toEqual([]);
  });

  test('without a MAC are in a list of their own: none in counter mode, none of NULL', () => {
    for (const suite of ESP_SUITES) {
      expect(suite.unauthenticated).toBe(false);
      expect(suite.icvOctets).toBeGreaterThan(0);
    }
    const ciphers = ['des', '3des', ...[128, 192, 256].map((bits) => `aes-${bits}`)];
    const camellia = [128, 192, 256].map((bits) => `camellia-${bits}`);
    expect(UNAUTHENTICATED_SUITES.map(({ name }) => name)).toEqual(
      [...ciphers, ...camellia].map((name) => `${name}-cbc/none`),
    );
    for (const suite of UNAUTHENTICATED_SUITES) {
      expect(suite).toMatchObject({ aead: false, unauthenticated: true, integrityKeyOctets: 0, icvOctets: 0 });
      expect(espSuite(suite.name)).toBe(suite);
    }
    for (const name of ['null/none', 'aes-128-ctr/none']) expect(() => espSuite(name)).toThrow(`'${name}'`);
  });
});
