/** The ciphers of ESP that leave integrity to a MAC. */
export type EspCipher = 'null' | 'des-cbc' | '3des-cbc' | 'aes-cbc' | 'aes-ctr';

/**
 * Who says what a packet's IV is: there is none; it is unpredictable (RFC 3602 §3); or it is the sequence number, which
 * never comes again under one key (RFC 3686 §3.1, RFC 4106 §3.1).
 */
export type IvSource = 'none' | 'unpredictable' | 'sequence';

/** What every cipher of ESP, with integrity of its own or without, has: all lengths in octets. */
export interface CipherParts {
  readonly keyOctets: number;
  /** Of KEYMAT, after the key. */
  readonly saltOctets: number;
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

/** RFC 2410, RFC 2405, RFC 2451, RFC 3602, RFC 3686. */
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
  },
  cbc('des-cbc', 'des-cbc', 8, 8, true),
  cbc('3des-cbc', '3des-cbc', 24, 8, false),
  cbc('aes-128-cbc', 'aes-cbc', 16, 16, false),
  cbc('aes-192-cbc', 'aes-cbc', 24, 16, false),
  cbc('aes-256-cbc', 'aes-cbc', 32, 16, false),
  ctr('aes-128-ctr', 16),
  ctr('aes-192-ctr', 24),
  ctr('aes-256-ctr', 32),
];

function cbc(name: string, encryption: EspCipher, keyOctets: number, blockOctets: number, legacy: boolean): CipherRow {
  return {
    name,
    encryption,
    keyOctets,
    saltOctets: 0,
    ivOctets: blockOctets,
    iv: 'unpredictable',
    blockOctets,
    legacy,
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
  };
}
