import { concat } from '@espalier/wire';
import { cbc, ctr, gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';

/** The keys of an SA, as a key log has them. */
export interface ModelKeys {
  readonly encryption: Uint8Array;
  readonly salt: Uint8Array;
  readonly integrity: Uint8Array;
}

/** What a cipher and a MAC, or an AEAD, make of one packet. */
export interface ModelSuite {
  /** What the payload with its trailer is a multiple of (RFC 4303 §2.4). */
  readonly blockOctets: number;
  readonly ivOctets: number;
  /** Whether the IV is the sequence number (RFC 4106 §3.1); else chance decides it. */
  readonly countsIvs: boolean;
  readonly icvOctets: number;
  /** Ciphertext, and behind it the ICV. `header`: SPI and the 32 bits of the number that are sent; `high`: the others. */
  seal(keys: ModelKeys, header: Uint8Array, high: Uint8Array, iv: Uint8Array, plain: Uint8Array): Uint8Array;
  /** Undefined where the ICV is wrong. */
  open(
    keys: ModelKeys,
    header: Uint8Array,
    high: Uint8Array,
    iv: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined;
}

type Hash = typeof sha1 | typeof sha256;

/** RFC 3602 and RFC 2404 or RFC 4868: the ICV covers header, IV and ciphertext, and the high half that is not sent. */
function cbcWith(hash: Hash, icvOctets: number): ModelSuite {
  return withMac(hash, icvOctets, {
    blockOctets: 16,
    ivOctets: 16,
    countsIvs: false,
    encrypt: ({ encryption }, iv, plain) => cbc(encryption, iv, { disablePadding: true }).encrypt(plain),
    decrypt: ({ encryption }, iv, sealed) => cbc(encryption, iv, { disablePadding: true }).decrypt(sealed),
  });
}

/** RFC 3686 §4: the counter block is nonce, IV, and 1. */
function ctrWith(hash: Hash, icvOctets: number): ModelSuite {
  const block = (salt: Uint8Array, iv: Uint8Array): Uint8Array => concat(salt, iv, Uint8Array.of(0, 0, 0, 1));
  return withMac(hash, icvOctets, {
    blockOctets: 4,
    ivOctets: 8,
    countsIvs: true,
    encrypt: ({ encryption, salt }, iv, plain) => ctr(encryption, block(salt, iv)).encrypt(plain),
    decrypt: ({ encryption, salt }, iv, sealed) => ctr(encryption, block(salt, iv)).decrypt(sealed),
  });
}

interface ModelCipher extends Pick<ModelSuite, 'blockOctets' | 'ivOctets' | 'countsIvs'> {
  encrypt(keys: ModelKeys, iv: Uint8Array, plain: Uint8Array): Uint8Array;
  decrypt(keys: ModelKeys, iv: Uint8Array, sealed: Uint8Array): Uint8Array;
}

function withMac(hash: Hash, icvOctets: number, { encrypt, decrypt, ...sizes }: ModelCipher): ModelSuite {
  const icvOf = ({ integrity }: ModelKeys, ...covered: readonly Uint8Array[]): Uint8Array =>
    hmac(hash, integrity, concat(...covered)).subarray(0, icvOctets);
  return {
    ...sizes,
    icvOctets,
    seal(keys, header, high, iv, plain) {
      const ciphertext = encrypt(keys, iv, plain);
      return concat(ciphertext, icvOf(keys, header, iv, ciphertext, high));
    },
    open(keys, header, high, iv, sealed) {
      const ciphertext = sealed.subarray(0, sealed.length - icvOctets);
      const icv = sealed.subarray(sealed.length - icvOctets);
      return isSame(icv, icvOf(keys, header, iv, ciphertext, high)) ? decrypt(keys, iv, ciphertext) : undefined;
    },
  };
}

/** RFC 4106: the nonce is salt and IV, what is authenticated beside is SPI and number, all 64 bits of it with ESN. */
function gcmWith(icvOctets: number): ModelSuite {
  const of = ({ encryption, salt }: ModelKeys, header: Uint8Array, high: Uint8Array, iv: Uint8Array) =>
    gcm(encryption, concat(salt, iv), concat(header.subarray(0, 4), high, header.subarray(4)));
  return {
    blockOctets: 4,
    ivOctets: 8,
    countsIvs: true,
    icvOctets,
    seal(keys, header, high, iv, plain) {
      const sealed = of(keys, header, high, iv).encrypt(plain);
      return sealed.subarray(0, plain.length + icvOctets);
    },
    open(keys, header, high, iv, sealed) {
      const octets = sealed.length - icvOctets;
      // Its key stream is the same both ways.
      const plain = of(keys, header, high, iv).encrypt(sealed.subarray(0, octets)).subarray(0, octets);
      const again = of(keys, header, high, iv).encrypt(plain).subarray(0, sealed.length);
      return isSame(again, sealed) ? plain : undefined;
    },
  };
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, i) => octet === other[i]);
}

/** What the model can compute, by the names of `espSuite`. */
export type ModelSuiteName =
  | 'aes-128-cbc/hmac-sha1-96'
  | 'aes-256-cbc/hmac-sha2-256-128'
  | 'aes-128-ctr/hmac-sha1-96'
  | 'aes-128-gcm-16'
  | 'aes-256-gcm-8';

export const MODEL_SUITES: Readonly<Record<ModelSuiteName, ModelSuite>> = {
  'aes-128-cbc/hmac-sha1-96': cbcWith(sha1, 12),
  'aes-256-cbc/hmac-sha2-256-128': cbcWith(sha256, 16),
  'aes-128-ctr/hmac-sha1-96': ctrWith(sha1, 12),
  'aes-128-gcm-16': gcmWith(16),
  'aes-256-gcm-8': gcmWith(8),
};
