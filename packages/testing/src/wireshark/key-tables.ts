import type { EspAead, EspCipher, EspMac, EspSuite } from '@espalier/crypto';
import type { KeyLogEntry } from '@espalier/ike';
import { toHex } from '@espalier/wire';

/** What Wireshark's preferences call the ciphers and the MACs of ESP (packet-ipsec.c). */
const CIPHERS: Readonly<Record<EspCipher, string | undefined>> = {
  null: 'NULL',
  'des-cbc': 'DES-CBC [RFC2405]',
  '3des-cbc': 'TripleDES-CBC [RFC2451]',
  'aes-cbc': 'AES-CBC [RFC3602]',
  'aes-ctr': 'AES-CTR [RFC3686]',
  'camellia-cbc': undefined,
};
const AEADS: Readonly<Record<EspAead, (suite: EspSuite) => string | undefined>> = {
  'aes-gcm': ({ icvOctets }) => `AES-GCM with ${icvOctets} octet ICV [RFC4106]`,
  'aes-ccm': () => undefined,
  'aes-gmac': () => undefined,
  'chacha20-poly1305': () => 'ChaCha20 with Poly1305 [RFC7634]',
};
/** Of a MAC that it does not compute it can be told the length. */
const MACS: Readonly<Record<EspMac, string>> = {
  'hmac-md5-96': 'HMAC-MD5-96 [RFC2403]',
  'hmac-sha1-96': 'HMAC-SHA-1-96 [RFC2404]',
  'hmac-sha2-256-128': 'HMAC-SHA-256-128 [RFC4868]',
  'hmac-sha2-384-192': 'HMAC-SHA-384-192 [RFC4868]',
  'hmac-sha2-512-256': 'HMAC-SHA-512-256 [RFC4868]',
  'hmac-sha2-256-96': 'HMAC-SHA-256-96 [draft-ietf-ipsec-ciph-sha-256-00]',
  'aes-xcbc-96': 'ANY 96 bit authentication [no checking]',
  'aes-cmac-96': 'ANY 96 bit authentication [no checking]',
};

type IkeEntry = Extract<KeyLogEntry, { kind: 'ike' }>;
type EspEntry = Extract<KeyLogEntry, { kind: 'esp' }>;

/** A line of `ikev1_decryption_table`: a secret. */
export function ikeLine({ initiatorCookie, encryption }: Pick<IkeEntry, 'initiatorCookie' | 'encryption'>): string {
  return `${initiatorCookie},${toHex(encryption)}`;
}

/** A line of `esp_sa`: a secret. Undefined for a suite that Wireshark has no name for. */
export function espLine({ source, destination, spi, suite, keys }: EspEntry): string | undefined {
  const cipher = cipherName(suite);
  if (suite.own || cipher === undefined) return undefined;
  const family = source.includes(':') ? 'IPv6' : 'IPv4';
  const index = `0x${spi.toString(16).padStart(8, '0')}`;
  const fields = [
    ...[family, source, destination, index],
    ...[cipher, keyText(keys.encryption, keys.salt)],
    ...[suite.integrity === 'none' ? 'NULL' : MACS[suite.integrity], keyText(keys.integrity)],
  ];
  return fields.map((field) => `"${field}"`).join(',');
}

function cipherName(suite: EspSuite): string | undefined {
  if (suite.own || suite.iv === 'implicit') return undefined;
  return suite.aead ? AEADS[suite.encryption](suite) : CIPHERS[suite.encryption];
}

function keyText(...parts: readonly Uint8Array[]): string {
  const digits = parts.map(toHex).join('');
  return digits === '' ? '' : `0x${digits}`;
}
