import { readKeys } from '@espalier/capture';
import { ESP_SUITES, type EspKeys, type EspSuite, espSuite } from '@espalier/crypto';
import { espLine, ikeLine } from '@espalier/testing/wireshark';
import { fromHex, spi } from '@espalier/wire';
import { describe, expect, it } from 'vitest';

const ends = { kind: 'esp', source: '10.1.15.1', destination: '10.1.15.2', spi: spi(0x00590ba8) } as const;

describe('the key log', () => {
  it('writes an esp_sa line with the names that Wireshark has', () => {
    const keys = { encryption: fromHex('8b'.repeat(24)), salt: fromHex(''), integrity: fromHex('b6'.repeat(20)) };
    expect(espLine({ ...ends, suite: espSuite('3des-cbc/hmac-sha1-96'), keys })).toBe(
      `"IPv4","10.1.15.1","10.1.15.2","0x00590ba8","TripleDES-CBC [RFC2451]","0x${'8b'.repeat(24)}",` +
        `"HMAC-SHA-1-96 [RFC2404]","0x${'b6'.repeat(20)}"`,
    );
  });

  it('writes the salt of an AEAD behind its key, as Wireshark wants it', () => {
    const keys = { encryption: fromHex('11'.repeat(16)), salt: fromHex('22'.repeat(4)), integrity: fromHex('') };
    expect(espLine({ ...ends, suite: espSuite('aes-128-gcm-16'), keys })).toContain(
      `"AES-GCM with 16 octet ICV [RFC4106]","0x${'11'.repeat(16)}${'22'.repeat(4)}","NULL",""`,
    );
  });

  const keysOf = (suite: EspSuite): EspKeys => ({
    encryption: new Uint8Array(suite.encryptionKeyOctets).fill(1),
    salt: new Uint8Array(suite.saltOctets).fill(2),
    integrity: new Uint8Array(suite.integrityKeyOctets).fill(3),
  });
  /** What Wireshark has no cipher for, and the MACs of which it knows the length alone. */
  const unnamed = (suite: EspSuite): boolean =>
    /^camellia|^aes-(ccm|gmac)/.test(suite.encryption) || suite.iv === 'implicit';
  const uncomputed = (suite: EspSuite): boolean => /^aes-(xcbc|cmac)/.test(suite.integrity);

  it.each(
    ESP_SUITES.filter((suite) => !unnamed(suite) && !uncomputed(suite)).map((suite) => [suite.name, suite] as const),
  )('is read back by decode-capture: %s', (_, suite) => {
    const keys = keysOf(suite);
    const { esp } = readKeys([{ name: 'log', text: espLine({ ...ends, suite, keys }) ?? '' }]);
    expect(esp).toMatchObject([{ spi: ends.spi, suites: [{ suite, keys }] }]);
  });

  it('has no line for a suite that Wireshark has no name for, and of other MACs their length', () => {
    for (const suite of ESP_SUITES.filter(unnamed)) {
      expect(espLine({ ...ends, suite, keys: keysOf(suite) })).toBeUndefined();
    }
    const cmac = espSuite('aes-128-cbc/aes-cmac-96');
    expect(espLine({ ...ends, suite: cmac, keys: keysOf(cmac) })).toContain(
      '"ANY 96 bit authentication [no checking]"',
    );
  });

  it('writes an ikev1_decryption_table line', () => {
    const entry = { kind: 'ike', initiatorCookie: 'ec122c67162a7739', responderCookie: '26b39d2efdb74248' } as const;
    expect(ikeLine({ ...entry, encryption: fromHex('d677a720') })).toBe('ec122c67162a7739,d677a720');
  });
});
