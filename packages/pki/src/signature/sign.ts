import { hash, type PrivateKey, type Signatures } from '@espalier/crypto';
import { TAG } from '../der/element.ts';
import { encode, encodeUnsigned } from '../der/encode.ts';
import { type SignatureAlgorithmName, signatureHash } from './algorithm.ts';
import { digestForCurve, digestInfo } from './digest.ts';

const ECDSA_NAMES = {
  'P-256': 'ecdsa-with-SHA256',
  'P-384': 'ecdsa-with-SHA384',
  'P-521': 'ecdsa-with-SHA512',
} as const;

/** What a key signs certificates with, where nothing else is asked for. */
export function signatureNameFor(key: PrivateKey): SignatureAlgorithmName {
  return key.kind === 'rsa' ? 'sha256WithRSAEncryption' : ECDSA_NAMES[key.curve];
}

/** A signature as certificates have it (RFC 3279 §2.2). Undefined for a key with a fault. */
export function signWith(
  name: SignatureAlgorithmName,
  data: Uint8Array,
  key: PrivateKey,
  signatures: Signatures,
): Uint8Array | undefined {
  const digest = hash(signatureHash(name), data);
  if (key.kind === 'rsa') return signatures.sign(key, digestInfo(signatureHash(name), digest, 'null'));
  const fixed = signatures.sign(key, digestForCurve(digest, key.curve));
  if (fixed === undefined) return undefined;
  const half = fixed.length / 2;
  return encode(TAG.sequence, ...[fixed.subarray(0, half), fixed.subarray(half)].map(encodeUnsigned));
}
