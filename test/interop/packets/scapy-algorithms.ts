import { ESP_SUITES, type EspKeys, type EspSuite } from '@espalier/crypto';
import { concat } from '@espalier/wire';

/** A suite in scapy's words, its keys as scapy takes them. */
export interface ScapyAlgorithms {
  readonly encryption?: string;
  readonly encryptionKey?: Uint8Array;
  /** Of an AEAD. */
  readonly icvOctets?: number;
  readonly integrity?: string;
  readonly integrityKey?: Uint8Array;
}

const ENCRYPTION: Readonly<Record<string, string>> = {
  null: 'NULL',
  'des-cbc': 'DES',
  '3des-cbc': '3DES',
  'aes-cbc': 'AES-CBC',
  'aes-ctr': 'AES-CTR',
  'aes-gcm': 'AES-GCM',
  'aes-ccm': 'AES-CCM',
  'chacha20-poly1305': 'CHACHA20-POLY1305',
};

export const INTEGRITY: Readonly<Record<string, string>> = {
  'hmac-md5-96': 'HMAC-MD5-96',
  'hmac-sha1-96': 'HMAC-SHA1-96',
  'hmac-sha2-256-128': 'SHA2-256-128',
  'hmac-sha2-384-192': 'SHA2-384-192',
  'hmac-sha2-512-256': 'SHA2-512-256',
  'aes-cmac-96': 'AES-CMAC-96',
};

/** The suites that scapy has words for; of AES-GCM it knows full ICVs only, whatever it is told. */
export const SCAPY_SUITES: readonly EspSuite[] = ESP_SUITES.filter(
  ({ encryption, integrity, iv, aead, icvOctets }) =>
    ENCRYPTION[encryption] !== undefined &&
    iv !== 'implicit' &&
    (aead ? encryption !== 'aes-gcm' || icvOctets === 16 : INTEGRITY[integrity] !== undefined),
);

/** `keys` may go to scapy: they are a test's. */
export function algorithmsOf(suite: EspSuite, keys: EspKeys): ScapyAlgorithms {
  const encryption = ENCRYPTION[suite.encryption];
  return {
    ...(encryption === undefined ? {} : { encryption, encryptionKey: concat(keys.encryption, keys.salt) }),
    ...(suite.aead ? { icvOctets: suite.icvOctets } : {}),
    ...integrityOf(suite, keys),
  };
}

function integrityOf({ aead, integrity }: EspSuite, keys: EspKeys): ScapyAlgorithms {
  const name = INTEGRITY[integrity];
  return aead || name === undefined ? {} : { integrity: name, integrityKey: keys.integrity };
}
