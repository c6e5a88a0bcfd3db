/** Verifies signatures. Numbers are octets, the most significant first; those of RSA without leading zeros. */
export type PublicKey = RsaPublicKey | EcdsaPublicKey;

/** Makes signatures. Numbers as those of a `PublicKey`. */
export type PrivateKey = RsaPrivateKey | EcdsaPrivateKey;

/** RFC 8017 §3.1. */
export interface RsaPublicKey {
  readonly kind: 'rsa';
  /** n */
  readonly modulus: Uint8Array;
  /** e */
  readonly exponent: Uint8Array;
}

/** RFC 8017 §3.2, its second form beside the first; names as in its Appendix A.1.2. */
export interface RsaPrivateKey extends RsaPublicKey {
  /** d */
  readonly privateExponent: Uint8Array;
  /** p */
  readonly prime1: Uint8Array;
  /** q */
  readonly prime2: Uint8Array;
  /** d mod (p - 1) */
  readonly exponent1: Uint8Array;
  /** d mod (q - 1) */
  readonly exponent2: Uint8Array;
  /** (inverse of q) mod p */
  readonly coefficient: Uint8Array;
}

/** The curves of RFC 4754. */
export type SignatureCurve = 'P-256' | 'P-384' | 'P-521';

export interface EcdsaPublicKey {
  readonly kind: 'ecdsa';
  readonly curve: SignatureCurve;
  /** 4 | x | y (SEC 1 §2.3.3), each as long as the field: 65, 97 or 133 octets. */
  readonly point: Uint8Array;
}

export interface EcdsaPrivateKey {
  readonly kind: 'ecdsa';
  readonly curve: SignatureCurve;
  /** As long as the order of the curve: 32, 48 or 66 octets. */
  readonly scalar: Uint8Array;
}
