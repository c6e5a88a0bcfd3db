import type { IkeProposal } from '@espalier/ike';

type Encryption = Pick<IkeProposal, 'encryption' | 'keyOctets'>;

const CIPHERS: Readonly<Record<string, Encryption>> = {
  '3des': { encryption: '3des-cbc' },
  aes128: { encryption: 'aes-cbc', keyOctets: 16 },
  aes192: { encryption: 'aes-cbc', keyOctets: 24 },
  aes256: { encryption: 'aes-cbc', keyOctets: 32 },
  camellia128: { encryption: 'camellia-cbc', keyOctets: 16 },
  camellia256: { encryption: 'camellia-cbc', keyOctets: 32 },
};

const HASHES: Readonly<Record<string, IkeProposal['hash']>> = {
  md5: 'md5',
  sha1: 'sha1',
  sha256: 'sha2-256',
  sha384: 'sha2-384',
  sha512: 'sha2-512',
};

const GROUPS: Readonly<Record<string, IkeProposal['group']>> = {
  modp768: 1,
  modp1024: 2,
  modp1536: 5,
  modp2048: 14,
  modp3072: 15,
  modp4096: 16,
  modp6144: 17,
  modp8192: 18,
  ecp256: 19,
  ecp384: 20,
  ecp521: 21,
  modp1024s160: 22,
  modp2048s224: 23,
  modp2048s256: 24,
  ecp192: 25,
  ecp224: 26,
  ecp224bp: 27,
  ecp256bp: 28,
  ecp384bp: 29,
  ecp512bp: 30,
  x25519: 31,
  curve25519: 31,
};

/** A suite of phase 1 as strongSwan writes it: `aes128-sha256-modp2048`. */
export function ikeProposal(text: string, authentication: IkeProposal['authentication']): IkeProposal {
  const [cipher = '', hash = '', group = ''] = text.split('-');
  const [encryption, hashName, groupNumber] = [CIPHERS[cipher], HASHES[hash], GROUPS[group]];
  if (encryption === undefined || hashName === undefined || groupNumber === undefined) {
    throw new RangeError(`ike: there is no ${text}`);
  }
  return { ...encryption, hash: hashName, group: groupNumber, authentication };
}

export function groupOf(name: string): IkeProposal['group'] {
  const group = GROUPS[name];
  if (group === undefined) throw new RangeError(`group: there is no ${name}`);
  return group;
}
