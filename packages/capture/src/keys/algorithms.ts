import { AH_SUITES, ESP_SUITES, type EspKeys, type EspSuite, UNAUTHENTICATED_SUITES } from '@espalier/crypto';
import type { AhSaKeys, EspSaKeys } from './key-ring.ts';

type Form = Pick<EspSuite, 'encryption'> & { readonly icvOctets?: number };

/** What the sources call a cipher, without case and separators, and what the suite table calls it. */
const CIPHERS: readonly (readonly [RegExp, Form])[] = [
  [/^(nullauth)?aesgmac/, { encryption: 'aes-gmac' }],
  [/^null/, { encryption: 'null' }],
  [/^(tripledes|3des)/, { encryption: '3des-cbc' }],
  [/^des/, { encryption: 'des-cbc' }],
  [/^aescbc/, { encryption: 'aes-cbc' }],
  [/^aesctr/, { encryption: 'aes-ctr' }],
  [/^camellia/, { encryption: 'camellia-cbc' }],
  [/^aesgcm(with)?8/, { encryption: 'aes-gcm', icvOctets: 8 }],
  [/^aesgcm(with)?12/, { encryption: 'aes-gcm', icvOctets: 12 }],
  [/^aesgcm(with)?16/, { encryption: 'aes-gcm', icvOctets: 16 }],
  // strongSwan's save-keys, and Wireshark of old: the length is told by the MAC, or not.
  [/^aesgcm/, { encryption: 'aes-gcm' }],
  [/^aesccm(with)?8/, { encryption: 'aes-ccm', icvOctets: 8 }],
  [/^aesccm(with)?12/, { encryption: 'aes-ccm', icvOctets: 12 }],
  [/^aesccm(with)?16/, { encryption: 'aes-ccm', icvOctets: 16 }],
  [/^aesccm/, { encryption: 'aes-ccm' }],
  [/^chacha20/, { encryption: 'chacha20-poly1305' }],
];

const MACS: readonly (readonly [RegExp, EspSuite['integrity']])[] = [
  [/^(null|none|$)/, 'none'],
  [/^hmacmd596/, 'hmac-md5-96'],
  [/^hmacsha196/, 'hmac-sha1-96'],
  [/^hmacsha2?25696/, 'hmac-sha2-256-96'],
  [/^hmacsha2?256128/, 'hmac-sha2-256-128'],
  [/^hmacsha2?384192/, 'hmac-sha2-384-192'],
  [/^hmacsha2?512256/, 'hmac-sha2-512-256'],
  [/^aesxcbc/, 'aes-xcbc-96'],
  [/^aescmac/, 'aes-cmac-96'],
];

/** `ANY 96 bit authentication [no checking]` */
const ANY = /^any (\d+) bit/i;

/** What names and lengths of keys may mean. `key`: salt included, behind. */
export function suitesOf(
  cipher: string,
  mac: string,
  key: Uint8Array,
  macKey: Uint8Array,
): Pick<EspSaKeys, 'suites' | 'uncheckedIcvOctets'> {
  const any = ANY.exec(mac.trim());
  const icvOctets = any === null ? undefined : Number(any[1]) / 8;
  const form = lookUp(CIPHERS, cipher);
  const integrity = any === null ? lookUp(MACS, mac) : undefined;
  const fits = (suite: EspSuite): boolean =>
    suite.encryption === form?.encryption &&
    suite.iv !== 'implicit' &&
    suite.encryptionKeyOctets + suite.saltOctets === key.length &&
    suite.icvOctets === (form.icvOctets ?? icvOctets ?? suite.icvOctets);
  const checked = ESP_SUITES.filter(
    (suite) =>
      fits(suite) &&
      suite.integrityKeyOctets === macKey.length &&
      (any === null ? suite.integrity === integrity : true),
  );
  const passed = icvOctets ?? (integrity === 'none' ? 0 : undefined);
  if (checked.length > 0 || passed === undefined) {
    return { suites: checked.map((suite) => keyed(suite, key, macKey)), uncheckedIcvOctets: undefined };
  }
  const unchecked = UNAUTHENTICATED_SUITES.filter(
    (suite) => suite.encryption === form?.encryption && suite.encryptionKeyOctets === key.length,
  );
  return {
    suites: unchecked.map((suite) => keyed(suite, key, NOTHING)),
    uncheckedIcvOctets: unchecked.length === 0 ? undefined : passed,
  };
}

/** Likewise of AH. Of GMAC `key` has the salt behind it. */
export function ahSuitesOf(mac: string, key: Uint8Array): AhSaKeys['suites'] {
  const integrity = lookUp(MACS, mac);
  return AH_SUITES.filter(
    ({ name, ivOctets, integrityKeyOctets }) =>
      integrityKeyOctets === key.length && (ivOctets > 0 ? GMAC.test(plain(mac)) : name === integrity),
  ).map((suite) => ({ suite, key }));
}

const GMAC = /^aes(128|192|256)?gmac/;

/** Octets of the key of a MAC, by what it is called; 0 of none, and of one that is not known. */
export function macKeyOctets(mac: string | undefined = ''): number {
  const integrity = lookUp(MACS, mac);
  return ESP_SUITES.find((suite) => suite.integrity === integrity)?.integrityKeyOctets ?? 0;
}

const NOTHING = new Uint8Array(0);

function keyed(suite: EspSuite, key: Uint8Array, integrity: Uint8Array): { suite: EspSuite; keys: EspKeys } {
  const saltAt = key.length - suite.saltOctets;
  return { suite, keys: { encryption: key.subarray(0, saltAt), salt: key.subarray(saltAt), integrity } };
}

function lookUp<Name>(table: readonly (readonly [RegExp, Name])[], text: string): Name | undefined {
  const name = plain(text);
  return table.find(([pattern]) => pattern.test(name))?.[1];
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}
