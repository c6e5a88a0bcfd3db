/** The ciphers of ESP known to the suite table. */
export type EspEncryption = 'null' | 'des-cbc' | '3des-cbc' | 'aes-cbc' | 'aes-gcm-16' | 'chacha20-poly1305';

export type EspIntegrity =
  | 'none'
  | 'hmac-md5-96'
  | 'hmac-sha1-96'
  | 'hmac-sha2-256-128'
  | 'hmac-sha2-384-192'
  | 'hmac-sha2-512-256';

/** One way to protect ESP packets: all lengths in octets. */
export interface EspSuite {
  /** For example `3des-cbc/hmac-sha1-96`, `aes-256-cbc/hmac-sha2-256-128`, `aes-128-gcm-16`, `null/hmac-sha1-96`. */
  readonly name: string;
  readonly encryption: EspEncryption;
  readonly integrity: EspIntegrity;
  readonly aead: boolean;
  readonly encryptionKeyOctets: number;
  readonly saltOctets: number;
  readonly integrityKeyOctets: number;
  readonly ivOctets: number;
  /** What payload, padding, pad length and next header together must be a multiple of: at least 4 (RFC 4303 §2.4). */
  readonly blockOctets: number;
  readonly icvOctets: number;
  /** DES or MD5 (RFC 8221): refused unless the caller allows legacy by name. */
  readonly legacy: boolean;
}
