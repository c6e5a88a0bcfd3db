import type { TransformSource, TransformStatus } from './status.ts';

/** The ciphers of ESP that leave integrity to a MAC. */
export type EspCipher = 'null' | 'des-cbc' | '3des-cbc' | 'aes-cbc' | 'aes-ctr' | 'camellia-cbc';

/**
 * Who says what a packet's IV is: there is none; it is unpredictable (RFC 3602 §3); it is the sequence number, which
 * never comes again under one key (RFC 3686 §3.1, RFC 4106 §3.1); or that, and it is not sent (RFC 8750).
 */
export type IvSource = 'none' | 'unpredictable' | 'sequence' | 'implicit';

/** What every cipher of ESP, with integrity of its own or without, has: all lengths in octets. */
export interface CipherParts extends TransformSource {
  readonly keyOctets: number;
  /** Of KEYMAT, after the key. */
  readonly saltOctets: number;
  /** As they are in a packet. */
  readonly ivOctets: number;
  readonly iv: IvSource;
  /** What the cipher takes at once: ciphertexts are whole blocks. 1 for a stream. */
  readonly blockOctets: number;
  /** DES (RFC 8221). */
  readonly legacy: boolean;
}

/** One cipher with one length of key. */
export interface CipherRow extends CipherParts {
  /** For example `aes-128-cbc`. */
  readonly name: string;
  readonly encryption: EspCipher;
}

export const CIPHERS: readonly CipherRow[] = [
  {
    name: 'null',
    encryption: 'null',
    keyOctets: 0,
    saltOctets: 0,
    ivOctets: 0,
    iv: 'none',
    blockOctets: 1,
    legacy: false,
    reference: 'RFC 2410',
    status: 'must',
  },
  cbc('des-cbc', 'des-cbc', 8, 8, 'RFC 2405', 'must-not'),
  cbc('3des-cbc', '3des-cbc', 24, 8, 'RFC 2451', 'should-not'),
  cbc('aes-128-cbc', 'aes-cbc', 16, 16, 'RFC 3602', 'must'),
  cbc('aes-192-cbc', 'aes-cbc', 24, 16, 'RFC 3602', 'may'),
  cbc('aes-256-cbc', 'aes-cbc', 32, 16, 'RFC 3602', 'must'),
  ctr('aes-128-ctr', 16),
  ctr('aes-192-ctr', 24),
  ctr('aes-256-ctr', 32),
  cbc('camellia-128-cbc', 'camellia-cbc', 16, 16, 'RFC 4312', 'unlisted'),
  cbc('camellia-192-cbc', 'camellia-cbc', 24, 16, 'RFC 4312', 'unlisted'),
  cbc('camellia-256-cbc', 'camellia-cbc', 32, 16, 'RFC 4312', 'unlisted'),
];

function cbc(
  name: string,
  encryption: EspCipher,
  keyOctets: number,
  blockOctets: number,
  reference: string,
  status: TransformStatus,
): CipherRow {
  return {
    name,
    encryption,
    keyOctets,
    saltOctets: 0,
    ivOctets: blockOctets,
    iv: 'unpredictable',
    blockOctets,
    legacy: encryption === 'des-cbc',
    reference,
    status,
  };
}

/** The salt is what RFC 3686 §5.1 calls the nonce. */
function ctr(name: string, keyOctets: number): CipherRow {
  return {
    name,
    encryption: 'aes-ctr',
    keyOctets,
    saltOctets: 4,
    ivOctets: 8,
    iv: 'sequence',
    blockOctets: 1,
    legacy: false,
    reference: 'RFC 3686',
    status: 'unlisted',
  };
}
