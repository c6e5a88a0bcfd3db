import type { DhGroupNumber } from '@espalier/crypto';
import type { IkeProposal } from '@espalier/ike';
import type { Value } from '../places/block.ts';
import { choice } from '../places/values.ts';

const SUBGROUP = 'a group with a small subgroup (RFC 8247 §2.4 says SHOULD NOT)';

/** The groups of phase 1 and of perfect forward secrecy. */
export const dhGroup: Value<DhGroupNumber> = choice(
  {
    group1: 1,
    group2: 2,
    group5: 5,
    group14: 14,
    group15: 15,
    group16: 16,
    group17: 17,
    group18: 18,
    group19: 19,
    group20: 20,
    group21: 21,
    group31: 31,
  },
  { never: { group22: SUBGROUP, group23: SUBGROUP, group24: SUBGROUP } },
);

export const ikeAuthenticationMethod: Value<IkeProposal['authentication']> = choice<IkeProposal['authentication']>(
  {
    'pre-shared-keys': 'pre-shared-key',
    'rsa-signatures': 'rsa-signature',
    'ecdsa-signatures-256': 'ecdsa-256',
    'ecdsa-signatures-384': 'ecdsa-384',
  },
  {
    notYet: {
      'dsa-signatures': 'DSA signatures',
      certificates: 'certificates',
    },
  },
);

/** Junos writes `sha-256`; older pages of it `sha256`. */
export const ikeHash: Value<IkeProposal['hash']> = choice<IkeProposal['hash']>({
  md5: 'md5',
  sha1: 'sha1',
  'sha-1': 'sha1',
  sha256: 'sha2-256',
  'sha-256': 'sha2-256',
  sha384: 'sha2-384',
  'sha-384': 'sha2-384',
  sha512: 'sha2-512',
  'sha-512': 'sha2-512',
});

export const ikeEncryption: Value<Pick<IkeProposal, 'encryption' | 'keyOctets'>> = choice<
  Pick<IkeProposal, 'encryption' | 'keyOctets'>
>(
  {
    '3des-cbc': { encryption: '3des-cbc' },
    'des-cbc': { encryption: 'des-cbc' },
    'aes-128-cbc': { encryption: 'aes-cbc', keyOctets: 16 },
    'aes-192-cbc': { encryption: 'aes-cbc', keyOctets: 24 },
    'aes-256-cbc': { encryption: 'aes-cbc', keyOctets: 32 },
  },
  {
    notYet: {
      'aes-128-gcm': 'AES-GCM in IKE, which is of version 2',
      'aes-256-gcm': 'AES-GCM in IKE, which is of version 2',
    },
  },
);

export const espEncryption: Value<string> = choice({
  '3des-cbc': '3des-cbc',
  'des-cbc': 'des-cbc',
  'aes-128-cbc': 'aes-128-cbc',
  'aes-192-cbc': 'aes-192-cbc',
  'aes-256-cbc': 'aes-256-cbc',
  'aes-128-gcm': 'aes-128-gcm-16',
  'aes-192-gcm': 'aes-192-gcm-16',
  'aes-256-gcm': 'aes-256-gcm-16',
});

export const espAuthentication: Value<string> = choice(
  {
    'hmac-md5-96': 'hmac-md5-96',
    'hmac-sha1-96': 'hmac-sha1-96',
    'hmac-sha-256-128': 'hmac-sha2-256-128',
    'hmac-sha2-256': 'hmac-sha2-256-128',
    'hmac-sha-384': 'hmac-sha2-384-192',
    'hmac-sha-512': 'hmac-sha2-512-256',
  },
  { never: { 'hmac-sha-256-96': 'hmac-sha-256-96, an ICV of 96 bits that no RFC has' } },
);

/** The ciphers of SAs given by hand: GCM is none, for its IVs are counters (RFC 8221 §3). */
export const manualEncryption: Value<string> = choice({
  '3des-cbc': '3des-cbc',
  'des-cbc': 'des-cbc',
  'aes-128-cbc': 'aes-128-cbc',
  'aes-192-cbc': 'aes-192-cbc',
  'aes-256-cbc': 'aes-256-cbc',
});

export const manualAuthentication: Value<string> = choice({
  'hmac-md5-96': 'hmac-md5-96',
  'hmac-sha1-96': 'hmac-sha1-96',
  'hmac-sha-256-128': 'hmac-sha2-256-128',
  'hmac-sha2-256': 'hmac-sha2-256-128',
});
