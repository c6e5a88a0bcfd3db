import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { type OwnOctets, octetsView } from '../octets.ts';

/** The hash functions of IKE and ESP: RFC 1321, FIPS 180-4. */
export type HashName = 'md5' | 'sha1' | 'sha2-256' | 'sha2-384' | 'sha2-512';

const FUNCTIONS = { md5, sha1, 'sha2-256': sha256, 'sha2-384': sha384, 'sha2-512': sha512 };

/** Octets of each hash, and of the HMAC over it. */
export const HASH_OCTETS: Readonly<Record<HashName, number>> = {
  md5: 16,
  sha1: 20,
  'sha2-256': 32,
  'sha2-384': 48,
  'sha2-512': 64,
};

/**
 * The hash of all parts, one after the other.
 * @throws RangeError for a name that is not a `HashName`; TypeError for a part that is no Uint8Array.
 */
export function hash(name: HashName, ...parts: readonly Uint8Array[]): OwnOctets {
  if (!Object.hasOwn(FUNCTIONS, name)) throw new RangeError(`hash '${name}' is not known`);
  const hasher = FUNCTIONS[name].create();
  for (const part of parts) hasher.update(octetsView('part', part));
  return hasher.digest();
}
