/** Why certificates are refused. */
export const REFUSAL_REASONS = [
  /** Octets that are no certificate, CRL, PKCS#7 or OCSP response in DER (X.690 §10, RFC 5280 §4.1). */
  'malformed',
  /** A certificate, or all that came, is longer than is read. */
  'too-large',
  /** The peer sent more certificates than are looked at. */
  'too-many-certificates',
  /** The peer sent none, and none is known that fits whom it says it is. */
  'no-certificate',
  /** No path from the certificate leads to a trust anchor: its issuer is unknown, or they go round in circles. */
  'no-trust-anchor',
  /** More paths, steps or signatures than are looked at. */
  'too-complex',
  /** The issuer's key did not make the signature (RFC 5280 §6.1.3). */
  'bad-signature',
  /** Signed with an algorithm that is not spoken here: RSA and ECDSA with SHA-2 are. */
  'unsupported-signature',
  /** Signed over MD5 or, unless it is allowed, SHA-1. */
  'weak-signature',
  /** A key that is neither RSA nor on one of the curves of RFC 4754. */
  'unsupported-key',
  /** An RSA modulus of fewer bits than the policy asks for, or an even one. */
  'small-key',
  /** An RSA modulus of more bits than are computed with. */
  'large-key',
  /** A public exponent of RSA that is even, below 65,537 or absurdly long. */
  'bad-exponent',
  /** notBefore is still to come (RFC 5280 §4.1.2.5). */
  'not-yet-valid',
  /** notAfter is over (RFC 5280 §4.1.2.5). */
  'expired',
  /** It has issued a certificate, and basicConstraints does not say that it may (RFC 5280 §4.2.1.9). */
  'not-a-ca',
  /** More certificates below it than its path length allows (RFC 5280 §4.2.1.9). */
  'path-length',
  /** keyUsage does not have what it was used for (RFC 5280 §4.2.1.3, RFC 4945 §5.1.3.2). */
  'key-usage',
  /** extendedKeyUsage has none of what IKE peers are for (RFC 4945 §5.1.3.12). */
  'extended-key-usage',
  /** A name that an issuer's nameConstraints do not permit (RFC 5280 §4.2.1.10). */
  'name-constraints',
  /** A critical extension that is not understood (RFC 5280 §4.2). */
  'unknown-critical-extension',
  /** Not issued under a certificate policy that is asked for (RFC 5280 §6.1.5). */
  'certificate-policy',
  /** A CRL or an OCSP response says so. */
  'revoked',
  /** No CRL and no OCSP response says that it is not revoked, and the policy asks for one. */
  'no-crl',
  /** The CRL, or the OCSP response, is not of today: nextUpdate, or what the policy allows, is over. */
  'stale-crl',
  /** There is a CRL, or an OCSP response, but none that its issuer has signed for all that it is asked. */
  'unusable-crl',
  /** The certificate is not for whom the peer says it is, or not for whom it is expected to be. */
  'wrong-identity',
] as const;

export type RefusalReason = (typeof REFUSAL_REASONS)[number];
