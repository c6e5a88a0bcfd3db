import type { HashName } from '../hash.ts';
import { MD5 } from './md5.ts';
import { SHA1 } from './sha1.ts';
import { SHA2_256 } from './sha256.ts';
import { SHA2_384, SHA2_512 } from './sha512.ts';
import type { Digest } from './types.ts';

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
