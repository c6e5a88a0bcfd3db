import type { CipherParts } from './ciphers.ts';

/** The ciphers of ESP that have their own integrity. */
export type EspAead = 'aes-gcm' | 'chacha20-poly1305';

/** One AEAD with one length of key and one of ICV, in octets. */
export interface AeadRow extends CipherParts {
  /** For example `aes-128-gcm-16`, whose ICV has 16 octets. */
  readonly name: string;
  readonly encryption: EspAead;
  readonly icvOctets: number;
}

/** RFC 4106, RFC 7634. */
export const AEADS: readonly AeadRow[] = [
  aead('aes-128-gcm-16', 'aes-gcm', 16, 16),
  aead('aes-192-gcm-16', 'aes-gcm', 24, 16),
  aead('aes-256-gcm-16', 'aes-gcm', 32, 16),
  aead('chacha20-poly1305', 'chacha20-poly1305', 32, 16),
];

/** Four octets of salt, eight of IV; a stream. */
function aead(name: string, encryption: EspAead, keyOctets: number, icvOctets: number): AeadRow {
  return {
    name,
    encryption,
    keyOctets,
    saltOctets: 4,
    ivOctets: 8,
    iv: 'sequence',
    blockOctets: 1,
    icvOctets,
    legacy: false,
  };
}
