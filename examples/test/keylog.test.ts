import { ESP_SUITES, espSuite } from '@espalier/crypto';
import { fromHex, spi } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { espLine, ikeLine } from '../src/common/keylog.ts';
import { readKeys } from '../src/decode-capture/keys.ts';

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

  it.each(ESP_SUITES.map((suite) => [suite.name, suite] as const))('is read back by decode-capture: %s', (_, suite) => {
    const keys = {
      encryption: new Uint8Array(suite.encryptionKeyOctets).fill(1),
      salt: new Uint8Array(suite.saltOctets).fill(2),
      integrity: new Uint8Array(suite.integrityKeyOctets).fill(3),
    };
    const { esp } = readKeys([{ name: 'log', text: espLine({ ...ends, suite, keys }) }]);
    expect(esp.get(ends.spi)).toMatchObject({ suite, keys });
  });

  it('writes an ikev1_decryption_table line', () => {
    const entry = { kind: 'ike', initiatorCookie: 'ec122c67162a7739', responderCookie: '26b39d2efdb74248' } as const;
    expect(ikeLine({ ...entry, encryption: fromHex('d677a720') })).toBe('ec122c67162a7739,d677a720');
  });
});
