import type { KeyUse, SuiteParts } from './parts.ts';

/** What every part of a suite that a caller brings has; lengths in octets. */
export interface OwnPart {
  /** For example `blowfish-128-cbc`. */
  readonly name: string;
  readonly keyOctets: number;
  /** Whether it takes the same time whatever its key and text are. Default false. */
  readonly constantTime?: boolean;
}

/** What a cipher or an AEAD is keyed with. */
export interface OwnKeys {
  readonly encryption: Uint8Array;
  readonly salt: Uint8Array;
}

/** A cipher that a caller brings, and what to do with a packet's text. */
export interface OwnCipher extends OwnPart {
  /** Of KEYMAT, after the key. Default 0. */
  readonly saltOctets?: number;
  readonly ivOctets: number;
  /** Who makes IVs: the SA draws unpredictable ones, or writes the sequence number into 8 octets. */
  readonly iv: 'none' | 'unpredictable' | 'sequence';
  /** What is encrypted are whole blocks: a power of two, at most 64; 1 for a stream. */
  readonly blockOctets: number;
  /** Keys it for one direction. The octets are its own: it may keep them, and wipes them. */
  key(keys: OwnKeys, direction: 'seal' | 'open'): KeyedOwnCipher;
}

/** What does not return throws out of `seal` and `open`. */
export interface KeyedOwnCipher {
  /** Encrypts or decrypts `text` in place. */
  run(iv: Uint8Array, text: Uint8Array): void;
  /** Overwrites the key. */
  wipe(): void;
}

/** A block cipher that a caller brings, to be used in CBC mode. */
export interface OwnBlockCipher extends OwnPart {
  /** 8 or 16, say: a power of two, at most 64. */
  readonly blockOctets: number;
  /** The octets are its own: it may keep them, and wipes them. */
  key(key: Uint8Array): KeyedOwnBlockCipher;
}

export interface KeyedOwnBlockCipher {
  /** Encrypts one block in place. */
  encrypt(block: Uint8Array): void;
  /** Decrypts one block in place. */
  decrypt(block: Uint8Array): void;
  /** Overwrites the key. */
  wipe(): void;
}

/** A MAC that a caller brings. */
export interface OwnMac extends OwnPart {
  /** 4 to 64. */
  readonly icvOctets: number;
  /** The octets are its own: it may keep them, and wipes them. */
  key(key: Uint8Array): KeyedOwnMac;
}

export interface KeyedOwnMac {
  /**
   * Writes the `icvOctets` octets of the ICV of `message` and then `trailer`: with ESN the high half of the sequence number,
   * otherwise nothing (RFC 4303 §2.2.1).
   */
  compute(message: Uint8Array, trailer: Uint8Array, icv: Uint8Array): void;
  /** Overwrites the key. */
  wipe(): void;
}

/** An AEAD that a caller brings. */
export interface OwnAead extends OwnPart {
  /** Of KEYMAT, after the key. Default 0. */
  readonly saltOctets?: number;
  /** 8, or 0 where IVs are implicit. */
  readonly ivOctets: 0 | 8;
  /** Default 1, a stream. */
  readonly blockOctets?: number;
  /** 4 to 64. */
  readonly icvOctets: number;
  /** The octets are its own: it may keep them, and wipes them. */
  key(keys: OwnKeys): KeyedOwnAead;
}

/** `iv` are the 8 octets of the sequence number, sent or not; `associated` is SPI | sequence number, 64 bits of it with ESN. */
export interface KeyedOwnAead {
  /** Encrypts `text` in place and writes the ICV. */
  seal(iv: Uint8Array, associated: Uint8Array, text: Uint8Array, icv: Uint8Array): void;
  /** Verifies the ICV in constant time, then decrypts in place; where it is wrong, false, and `text` as it came. */
  open(iv: Uint8Array, associated: Uint8Array, text: Uint8Array, icv: Uint8Array): boolean;
  /** Overwrites the key. */
  wipe(): void;
}

/** How IKEv1 writes a suite (RFC 2407 §4.4.4 and §4.5), for example 7 and `keyLength` for Blowfish (RFC 2451 §3). */
export interface OwnTransformNumbers {
  /** ESP Transform Identifier, 1 to 255: 249 to 255 are for private use. */
  readonly transform: number;
  /** Whether the length of the key is told, for it could be another. Default false. */
  readonly keyLength?: boolean;
  /** Authentication Algorithm of a MAC that is not ours: 61440 to 65535 are for private use. */
  readonly authentication?: number;
}

/** A suite with a part that a caller brought: see `defineSuite`. */
export interface OwnSuite extends SuiteParts {
  readonly own: true;
  readonly aead: boolean;
  /** Names of its parts; `none` for the integrity of an AEAD. */
  readonly encryption: string;
  readonly integrity: string;
  /** How much one key protects at most. */
  readonly keyUse: KeyUse;
  readonly ikev1: OwnTransformNumbers | undefined;
}
