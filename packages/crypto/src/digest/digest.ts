import type { HashName } from '../hash.ts';
import { MD5 } from './md5.ts';
import { SHA1 } from './sha1.ts';
import { SHA2_256 } from './sha256.ts';
import { SHA2_384, SHA2_512 } from './sha512.ts';

/** What HMAC must know of a hash: its compression function, and how a message is padded to whole blocks. */
export interface Digest {
  /** Octets of the result. */
  readonly octets: number;
  readonly blockOctets: number;
  /** Octets of the message's length at the end of the last block. */
  readonly lengthOctets: number;
  /** The order of octets in words; MD5 alone has the least significant first. */
  readonly littleEndian: boolean;
  /** The chaining value before the first block. */
  readonly initial: readonly number[];
  /** Absorbs the block at `at` into the chaining value. */
  compress(state: Int32Array, view: DataView, at: number): void;
}

const DIGESTS: Readonly<Record<HashName, Digest>> = {
  md5: MD5,
  sha1: SHA1,
  'sha2-256': SHA2_256,
  'sha2-384': SHA2_384,
  'sha2-512': SHA2_512,
};

/** @throws RangeError for a name that is not a `HashName`. */
export function digestOf(name: HashName): Digest {
  if (!Object.hasOwn(DIGESTS, name)) throw new RangeError(`hash '${name}' is not known`);
  return DIGESTS[name];
}
