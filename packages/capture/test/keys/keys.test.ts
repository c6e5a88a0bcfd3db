import { ESP_SUITES, espSuite } from '@espalier/crypto';
import { fromHex, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { readKeys } from '../../src/index.ts';
import { addressMatches } from '../../src/keys/addresses.ts';

const key = '00112233445566778899aabbccddeeff';
const mac = 'aa'.repeat(20);
const line = (
  fields: Partial<Record<'source' | 'destination' | 'spi' | 'cipher' | 'key' | 'mac' | 'macKey', string>> = {},
  more: readonly string[] = [],
) => {
  const all = {
    source: '*',
    destination: '*',
    spi: '0x1000',
    cipher: 'AES-CBC [RFC3602]',
    key: `0x${key}`,
    mac: 'HMAC-SHA-1-96 [RFC2404]',
    macKey: `0x${mac}`,
    ...fields,
  };
  const { source, destination, spi, cipher, mac: name, macKey } = all;
  return ['IPv4', source, destination, spi, cipher, all.key, name, macKey, ...more]
    .map((field) => `"${field}"`)
    .join(',');
};
const read = (text: string) => readKeys([{ name: 'k', text }]);
const suitesIn = (text: string) => read(text).esp.flatMap(({ suites }) => suites.map(({ suite }) => suite.name));

describe('a key table', () => {
  it.each([
    ['as Wireshark writes it', line()],
    ['with CRLF', `${line()}\r\n`],
    ['with a byte order mark', `\ufeff${line()}`],
    ['with comments and empty lines', `# esp_sa\n\n${line()}\n`],
    ['with old line ends', `# esp_sa\r${line()}\r`],
    ['with the sequence number field of Wireshark 4.2', line({}, ['32-bit'])],
    ['with spaces between', line().replaceAll(',', ', ')],
    ['with upper-case digits', line({ key: `0x${key.toUpperCase()}` })],
    ['with keys without 0x', line({ key, macKey: mac })],
    ['without quotes', line().replaceAll('"', '')],
  ])('is read %s', (_, text) => {
    const { esp, notes } = read(text);
    expect(notes).toEqual([]);
    expect(esp).toMatchObject([{ spi: 0x1000, suites: [{ suite: { name: 'aes-128-cbc/hmac-sha1-96' } }] }]);
    expect(toHex(esp[0]?.suites[0]?.keys.encryption ?? new Uint8Array(0))).toBe(key);
  });

  it.each([
    ['in hexadecimal', '0x00001000', 0x1000],
    ['in decimal', '4096', 4096],
    ['for any', '*', undefined],
  ])('has an SPI %s', (_, spi, value) => {
    expect(read(line({ spi })).esp[0]?.spi).toBe(value);
  });

  it('says how long sequence numbers are, and with which half they begin', () => {
    expect(read(line({}, ['64-bit', '7'])).esp[0]).toMatchObject({ esn: true, sequenceHigh: 7 });
    expect(read(line({}, ['32-bit'])).esp[0]).toMatchObject({ esn: false });
    expect(read(line()).esp[0]).toMatchObject({ esn: undefined });
  });

  it.each([
    ['AES-GCM [RFC4106]', `${key}01020304`, 'ANY 128 bit authentication [no checking]', '', ['aes-128-gcm-16']],
    ['AES-GCM [RFC4106]', `${key}01020304`, 'ANY 64 bit authentication [no checking]', '', ['aes-128-gcm-8']],
    ['AES-GCM [RFC4106]', `${key}01020304`, 'NULL', '', ['aes-128-gcm-8', 'aes-128-gcm-12', 'aes-128-gcm-16']],
    ['AES-GCM with 12 octet ICV [RFC4106]', `${key}01020304`, 'NULL', '', ['aes-128-gcm-12']],
    ['ChaCha20 with Poly1305 [RFC7634]', `${key}${key}01020304`, 'NULL', '', ['chacha20-poly1305']],
    [
      'AES-CTR [RFC3686]',
      `${key}01020304`,
      'HMAC-SHA-256-128 [RFC4868]',
      'bb'.repeat(32),
      ['aes-128-ctr/hmac-sha2-256-128'],
    ],
    [
      'AES-CBC [RFC3602]',
      key,
      'ANY 96 bit authentication [no checking]',
      '22'.repeat(16),
      ['aes-128-cbc/hmac-md5-96', 'aes-128-cbc/aes-xcbc-96', 'aes-128-cbc/aes-cmac-96'],
    ],
    ['AES-CBC [RFC3602]', key, 'ANY 96 bit authentication [no checking]', '', ['aes-128-cbc/none']],
    ['NULL', '', 'HMAC-MD5-96 [RFC2403]', '33'.repeat(16), ['null/hmac-md5-96']],
    ['TWOFISH-CBC', key, 'HMAC-SHA-1-96 [RFC2404]', mac, []],
    ['AES-CBC [RFC3602]', `${key}00`, 'HMAC-SHA-1-96 [RFC2404]', mac, []],
  ])('calls by %s, %s octets, %s what it may be', (cipher, keyText, macName, macKey, suites) => {
    const text = line({
      cipher,
      key: keyText === '' ? '' : `0x${keyText}`,
      mac: macName,
      macKey: macKey === '' ? '' : `0x${macKey}`,
    });
    expect(suitesIn(text).toSorted()).toEqual([...suites].sort());
  });

  it('holds a key as text, as Wireshark takes it', () => {
    expect(read(line({ key: 'sixteen letters!' })).esp[0]?.suites[0]?.keys.encryption).toEqual(
      Uint8Array.from('sixteen letters!', (c) => c.charCodeAt(0)),
    );
  });

  it('of IKE has a cookie and a key', () => {
    expect(read(`EC122C67162A7739,0x${key}\n`).ike).toEqual([
      { initiatorCookie: 'ec122c67162a7739', encryption: fromHex(key) },
    ]);
  });

  it.each([
    ['nonsense', 'k, line 2: neither ikev1_decryption_table nor esp_sa'],
    [`ec122c67162a7739,${key}0`, 'k, line 2: a key has an odd number of digits'],
    [line({ spi: '0x123*' }), "k, line 2: the SPI '0x123*' is neither a number nor *"],
    [line({ key: '0xabc' }), 'k, line 2: a key has an odd number of digits'],
  ])('is refused with its line, and without its keys: %s', (text, message) => {
    expect(() => read(`\n${text}`)).toThrow(message);
    expect(() => read(`\n${text}`)).not.toThrow(key);
  });
});

describe('a key file of another kind', () => {
  it.each([
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE', 'a certificate or a private key in PEM'],
    ['CLIENT_RANDOM 00 11', 'a key log of TLS'],
    ['connections {\n gw {', 'a configuration of strongSwan'],
    ['# comment\nconfig setup\n', 'a configuration in ipsec.conf'],
    ['%any : PSK "secret"', 'ipsec.secrets'],
    ['\u00d4\u00c3\u00b2\u00a1', 'perhaps the capture itself'],
    ['{"log": {"entries": []}}', 'JSON without ike_sas, child_sas or psk'],
    ['{"ike_sas": 7, "secret"', 'k: it begins as JSON, and is none'],
  ])('is named: %s', (text, what) => {
    expect(() => read(text)).toThrow(what);
    expect(() => read(text)).toThrow(RangeError);
    expect(() => read(text)).not.toThrow('secret"');
  });
});

describe('a keys.json', () => {
  it('takes KEYMAT in the place of keys, for every suite', () => {
    const names = { encryption: 'AES_CBC_256', integrity: 'HMAC_SHA2_512_256' };
    const keymat = `${'11'.repeat(32)}${'22'.repeat(64)}`;
    const { esp } = read(
      JSON.stringify({ child_sas: [{ ...names, spi_i2r: '00001000', spi_r2i: '00001001', keymat_i2r: keymat }] }),
    );
    const suite = espSuite('aes-256-cbc/hmac-sha2-512-256');
    expect(esp[0]).toMatchObject({
      spi: 0x1000,
      suites: [{ suite, keys: { encryption: fromHex('11'.repeat(32)), integrity: fromHex('22'.repeat(64)) } }],
    });
    expect(ESP_SUITES).toContain(suite);
  });

  it('holds pre-shared keys as text or octets, and private values', () => {
    const { preSharedKeys, dhPrivateValues } = read('{"psk": "schlüssel", "psk_hex": "00ff", "dh_private": ["0102"]}');
    expect(preSharedKeys.map(toHex)).toEqual(['7363686cc3bc7373656c', '00ff']);
    expect(dhPrivateValues.map(toHex)).toEqual(['0102']);
  });
});

describe('a keys.json in which a member is not what it must be', () => {
  const child = { encryption: 'AES_CBC_128', integrity: 'HMAC_SHA1_96', spi_i2r: '00001000' };
  it.each([
    [{ ike_sas: 'secret' }, 'ike_sas: must be a list'],
    [{ ike_sas: ['secret'] }, 'ike_sas[0]: must be an object'],
    [{ ike_sas: [{ ka: 'secret' }] }, 'ike_sas[0].cookie_i: must be 16 hexadecimal digits'],
    [{ ike_sas: [{ cookie_i: 'secret' }] }, 'ike_sas[0].cookie_i: must be 16 hexadecimal digits'],
    [{ ike_sas: [{ cookie_i: key.slice(16), skeyid: 'secret' }] }, 'ike_sas[0].skeyid: must be pairs of hexadecimal'],
    [{ child_sas: [{ ...child, encryption: undefined }] }, 'child_sas[0].encryption: must name a cipher'],
    [{ child_sas: [child, { ...child, spi_i2r: 4096 }] }, 'child_sas[1].spi_i2r: must be text'],
    [{ child_sas: [{ ...child, spi_i2r: 'secret' }] }, 'child_sas[0].spi_i2r: must be up to 8 hexadecimal digits'],
    [{ child_sas: [{ ...child, spi_i2r: null }] }, 'child_sas[0].spi_i2r: is missing, and so is spi_r2i'],
    [{ dh_private: ['00', 'secret'] }, 'dh_private[1]: must be pairs of hexadecimal digits'],
    [{ psk: ['secret'] }, 'psk: must be text'],
    [{ psk: 2 ** 60 }, 'psk: must be text in quotation marks'],
    [{ psk: 'secret\ud800' }, 'psk: has half of a surrogate pair'],
  ])('is refused by its place, without what it holds: %j', (session, message) => {
    const text = JSON.stringify(session);
    expect(() => read(text)).toThrow(`k: ${message}`);
    expect(() => read(text)).toThrow(RangeError);
    expect(() => read(text)).not.toThrow('secret');
  });

  it('is taken for absent where it is null', () => {
    const { ike, preSharedKeys } = read(`{"psk": null, "ike_sas": [{"cookie_i": "0x${key.slice(16)}", "ka": null}]}`);
    expect([ike, preSharedKeys]).toEqual([[{ initiatorCookie: key.slice(16) }], []]);
  });
});

describe('keys that open nothing', () => {
  it.each([
    [line({ key: '0x0011' }), 'k: the keys for SPI 00001000 open nothing: no suite here is AES-CBC'],
    [line({ cipher: 'TWOFISH-CBC', spi: '*' }), 'k: the keys for any SPI open nothing: no suite here is TWOFISH-CBC'],
    [
      `{"child_sas": [{"encryption": "AES_GCM_16", "spi_r2i": "1", "enc_key_r2i": "${key}"}]}`,
      'k: the keys for SPI 00000001',
    ],
  ])('are told when they are read', (text, note) => {
    expect(read(text).notes).toEqual([expect.stringContaining(note)]);
    expect(read(text).notes[0]).not.toContain(key);
  });
});

describe('a hostile key file', () => {
  const MANY = 20_000;
  it.each([
    ['empty lines', '\n'.repeat(MANY)],
    ['comments', '#\n'.repeat(MANY)],
    ['spaces', `IPv4${' '.repeat(MANY)}x`],
    ['spaces between commas', `IPv4,${' '.repeat(MANY)}x,`],
    ['quotation marks', '"'.repeat(MANY)],
    ['colons', ': '.repeat(MANY)],
  ])('of %s is read in a time that grows with its length', (_, text) => {
    const started = performance.now();
    expect(() => read(`${text}x`)).toThrow(RangeError);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

it.each([
  ['no list', 'IPv4', 'files must be a list'],
  ['nothing', undefined, 'files must be a list'],
  ['a text', ['IPv4'], 'files[0] must be an object'],
  ['octets', [{ name: 'k', text: new Uint8Array(1) }], 'files[0].text must be a string'],
  ['no name', [{ text: '' }], 'files[0].name must be a string'],
])('readKeys of %s is the mistake of its caller', (_, files, message) => {
  const call = () => Reflect.apply(readKeys, undefined, [files]);
  expect(call).toThrow(TypeError);
  expect(call).toThrow(message);
});

describe('an address of a key table', () => {
  it.each([
    ['*', '192.0.2.1', true],
    ['', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.0/24', '192.0.2.1', true],
    ['192.0.2.0/24', '192.0.3.1', false],
    ['192.0.*.*', '192.0.2.1', true],
    ['10.*', '192.0.2.1', false],
    ['2001:DB8:0::1', '2001:db8::1', true],
    ['2001:db8::/32', '2001:db8::1', true],
    ['2001:db8::/32', '192.0.2.1', false],
    ['gateway.example', '192.0.2.1', false],
    ['192.0.2.0/99', '192.0.2.1', false],
  ])('%s and %s: %s', (pattern, address, matches) => {
    expect(addressMatches(pattern, address)).toBe(matches);
  });
});
