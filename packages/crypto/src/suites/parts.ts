import type { IvSource } from './ciphers.ts';

/** What every suite has: all lengths in octets. */
export interface SuiteParts {
  /** For example `3des-cbc/hmac-sha1-96`, `aes-256-cbc/hmac-sha2-256-128`, `aes-128-gcm-16`, `null/hmac-sha1-96`. */
  readonly name: string;
  readonly encryptionKeyOctets: number;
  readonly saltOctets: number;
  readonly integrityKeyOctets: number;
  readonly ivOctets: number;
  readonly iv: IvSource;
  /** What the cipher takes at once: what it encrypts are whole blocks. 1 for a stream. */
  readonly cipherBlockOctets: number;
  /** What payload, padding, pad length and next header together must be a multiple of: at least 4 (RFC 4303 §2.4). */
  readonly alignmentOctets: number;
  readonly icvOctets: number;
  /**
   * Nobody can tell whether a packet was changed on its way, and what becomes of changed ones tells what is in them (RFC
   * 8221 §4). Only what has AH around it should be protected so; what is not asked for it by name refuses it.
   */
  readonly unauthenticated: boolean;
  /**
   * DES or MD5 (RFC 8221). The SAs of `@espalier/esp` take such a suite, for the caller names it; IKE and the gateway
   * refuse it unless their `allowLegacy` says otherwise.
   */
  readonly legacy: boolean;
}

/** How much one key protects: packets, and octets of inner packets. An absent one is no bound. */
export interface KeyUse {
  readonly packets?: number;
  readonly octets?: number;
}
