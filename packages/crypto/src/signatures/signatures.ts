import { signEcdsa, verifyEcdsa } from './ecdsa.ts';
import type { PrivateKey, PublicKey } from './keys.ts';
import { BIGINT_POWERS, type RsaPowers, signRsaBy, verifyRsaBy } from './rsa.ts';

/** Signatures of a hash as IKEv1 has them: RSA without a DigestInfo (RFC 2409 §5.1), ECDSA as r | s (RFC 4754). */
export interface Signatures {
  /**
   * The same octets for the same key and hash, of every engine. Undefined for a key with a fault, and for a hash that the
   * key is too short for.
   * @throws TypeError for what is no Uint8Array; RangeError for a hash of another length than belongs to the curve.
   */
  sign(key: PrivateKey, hash: Uint8Array): Uint8Array | undefined;
  /** False for a key with a fault (`publicKeyFault`), whatever the signature. @throws TypeError for what is no Uint8Array. */
  verify(key: PublicKey, hash: Uint8Array, signature: Uint8Array): boolean;
}

/** By BigInt and @noble/curves, or RSA by what an engine has for it. */
export function signaturesBy(powers: RsaPowers = BIGINT_POWERS): Signatures {
  return {
    sign: (key, hash) => (key.kind === 'rsa' ? signRsaBy(powers, key, hash) : signEcdsa(key, hash)),
    verify: (key, hash, signature) =>
      key.kind === 'rsa' ? verifyRsaBy(powers, key, hash, signature) : verifyEcdsa(key, hash, signature),
  };
}
