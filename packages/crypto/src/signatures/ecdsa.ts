import { type OwnOctets, octetsView } from '../octets.ts';
import { curveOf } from './curves.ts';
import { privateKeyFault, publicKeyFault } from './faults.ts';
import type { EcdsaPrivateKey, EcdsaPublicKey, SignatureCurve } from './keys.ts';

/** Octets of the hash that belongs to each curve: SHA-256, SHA-384, SHA-512 (RFC 4754 §3). */
const HASH_OCTETS: Readonly<Record<SignatureCurve, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 64 };

/** A hash is signed as it is, and r | s is what comes of it, each as long as the order (RFC 4754 §7). */
const AS_IT_IS = { prehash: false, lowS: false, format: 'compact' } as const;

/**
 * Whether r | s is the signature of this hash. False for a key with a fault, and for a hash of another length than
 * belongs to the curve.
 * @throws TypeError for what is no Uint8Array; RangeError for a curve that is not known.
 */
export function verifyEcdsa(key: EcdsaPublicKey, hash: Uint8Array, signature: Uint8Array): boolean {
  const [digest, given] = [octetsView('hash', hash), octetsView('signature', signature)];
  const curve = curveOf(key.curve);
  if (digest.length !== HASH_OCTETS[key.curve] || given.length !== curve.lengths.signature) return false;
  if (publicKeyFault(key) !== undefined) return false;
  try {
    return curve.verify(given, digest, octetsView('point', key.point), AS_IT_IS);
  } catch {
    // r or s is 0, or not below the order.
    return false;
  }
}

/**
 * r | s of a hash, without a random number: k is made of key and hash (RFC 6979). Undefined for a key with a fault.
 * @throws TypeError for what is no Uint8Array; RangeError for a curve that is not known, and for a hash of another length
 * than belongs to it.
 */
export function signEcdsa(key: EcdsaPrivateKey, hash: Uint8Array): OwnOctets | undefined {
  const digest = octetsView('hash', hash);
  const curve = curveOf(key.curve);
  if (digest.length !== HASH_OCTETS[key.curve]) {
    throw new RangeError(`hash must be ${HASH_OCTETS[key.curve]} octets for ${key.curve}, not ${digest.length}`);
  }
  if (privateKeyFault(key) !== undefined) return undefined;
  return curve.sign(digest, octetsView('scalar', key.scalar), AS_IT_IS);
}
