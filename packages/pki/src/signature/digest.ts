import type { EcdsaPublicKey, HashName } from '@espalier/crypto';
import { concat } from '@espalier/wire';
import { OID } from '../certificate/object-identifiers.ts';
import { TAG } from '../der/element.ts';
import { encode, encodeObjectIdentifier } from '../der/encode.ts';

/** Object identifiers of hash functions (RFC 8017 Appendix B.1). */
const HASH_TYPES: Readonly<Record<HashName, string>> = {
  md5: '1.2.840.113549.2.5',
  sha1: OID.sha1,
  'sha2-256': OID.sha256,
  'sha2-384': OID.sha384,
  'sha2-512': OID.sha512,
};

/** Octets of a digest that the order of a curve has room for. */
const DIGEST_OCTETS: Readonly<Record<EcdsaPublicKey['curve'], number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 64 };

/** DigestInfo (RFC 8017 §9.2); its parameters are NULL, or absent, which verifiers must take too (Appendix A.2.4). */
export function digestInfo(name: HashName, digest: Uint8Array, parameters: 'null' | 'absent'): Uint8Array {
  const rest = parameters === 'null' ? encode(TAG.null) : new Uint8Array();
  const type = encode(TAG.sequence, encodeObjectIdentifier(HASH_TYPES[name]), rest);
  return encode(TAG.sequence, type, encode(TAG.octetString, digest));
}

/** The same number, as long as a curve wants it: of a longer digest the leftmost bits (FIPS 186-4 §6.4), a shorter one behind zeros. */
export function digestForCurve(digest: Uint8Array, curve: EcdsaPublicKey['curve']): Uint8Array {
  const octets = DIGEST_OCTETS[curve];
  return concat(new Uint8Array(Math.max(0, octets - digest.length)), digest.subarray(0, octets));
}
