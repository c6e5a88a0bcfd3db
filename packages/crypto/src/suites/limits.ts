import type { AhGmac, AhSuite } from './ah.ts';
import type { KeyUse } from './parts.ts';
import type { EspSuite, TableSuite } from './suites.ts';

/** At `soft` a key is to be renewed; beyond `hard` it protects nothing more. */
export interface KeyLimits {
  readonly soft: KeyUse;
  readonly hard: KeyUse;
}

/**
 * What SP 800-67 Rev. 2 allows one key of 3DES: 2^20 blocks, 8 MiB. `keyLimits` does not ask for it: an SA that is renewed
 * with every 8 MiB leaves a fast peer with thousands of them. Who must obey gives the SA this lifetime in octets.
 */
export const SP_800_67_OCTETS: number = 8 * 2 ** 20;

/**
 * The limits of one key of a suite of ESP or AH, in one direction.
 *
 * - DES and 3DES: two equal blocks of ciphertext tell of their plaintexts (Sweet32, CVE-2016-2183), and among q blocks of n
 *   bits there is such a pair with a probability of about q^2 / 2^(n+1): 2^-11 at the soft limit of 2^27 blocks, 1 GiB;
 *   2^-7 at the hard one of 2^29, 4 GiB. A quarter as many packets, because padding may add a block to each.
 * - AES and Camellia in CBC or counter mode: 2^48 blocks, likewise: 2^-33.
 * - GCM, GMAC and CCM: 2^32 packets (SP 800-38D §8.3, which would let counted IVs go on).
 * - AES-CMAC and AES-XCBC: 2^48 packets (SP 800-38B Appendix B).
 * - What a caller brought: as `defineSuite` was told.
 * - ChaCha20-Poly1305, NULL, HMAC: none below that of sequence numbers.
 */
export function keyLimits(suite: EspSuite | AhSuite): KeyLimits {
  const { packets, octets } = useOf(suite);
  return Object.freeze({ soft: share(1 / 4, packets, octets), hard: share(1, packets, octets) });
}

function useOf(suite: EspSuite | AhSuite): KeyUse {
  if (!('encryption' in suite)) return keyUseOf(isGmac(suite.name) ? 'aes-gmac' : suite.name);
  return suite.own ? suite.keyUse : { ...keyUseOf(suite.integrity), ...keyUseOf(suite.encryption) };
}

function isGmac(name: AhSuite['name']): name is AhGmac {
  return name.endsWith('-gmac');
}

/** What a part of ours allows one key, at most. */
export function keyUseOf(part: TablePart): KeyUse {
  return LIMITS[part];
}

/** What CBC mode allows one key, at most, by the octets of a block. */
export function blocksUse(blockOctets: number): KeyUse {
  return blockOctets < 16 ? BLOCKS_64 : BLOCKS_128;
}

const BLOCKS_64: KeyUse = { packets: 2 ** 27, octets: 8 * 2 ** 29 };
const BLOCKS_128: KeyUse = { octets: 16 * 2 ** 48 };
const INVOCATIONS: KeyUse = { packets: 2 ** 32 };
const AES_MAC: KeyUse = { packets: 2 ** 48 };

type TablePart = TableSuite['encryption' | 'integrity'];

/** The hard limits; those of a cipher are below those of any MAC. */
const LIMITS: Readonly<Record<TablePart, KeyUse>> = {
  null: {},
  'des-cbc': BLOCKS_64,
  '3des-cbc': BLOCKS_64,
  'aes-cbc': BLOCKS_128,
  'aes-ctr': BLOCKS_128,
  'camellia-cbc': BLOCKS_128,
  'aes-gcm': INVOCATIONS,
  'aes-ccm': INVOCATIONS,
  'aes-gmac': INVOCATIONS,
  'chacha20-poly1305': {},
  none: {},
  'hmac-md5-96': {},
  'hmac-sha1-96': {},
  'hmac-sha2-256-128': {},
  'hmac-sha2-384-192': {},
  'hmac-sha2-512-256': {},
  'hmac-sha2-256-96': {},
  'aes-xcbc-96': AES_MAC,
  'aes-cmac-96': AES_MAC,
};

function share(part: number, packets: number | undefined, octets: number | undefined): KeyUse {
  return Object.freeze({
    ...(packets === undefined ? {} : { packets: packets * part }),
    ...(octets === undefined ? {} : { octets: octets * part }),
  });
}
