import { dhKeyPairFrom, type PrivateKey, type PublicKey } from '@espalier/crypto';
import type { Certificate } from '@espalier/pki';
import { type Authority, type IssuedExtensions, issueCertificate } from '@espalier/pki/issue';
import { concat } from '@espalier/wire';

/** A private key and its public one. */
export interface KeyPair {
  readonly key: PrivateKey;
  readonly publicKey: PublicKey;
}

/** Who issues, with a certificate that says so. */
export interface Issuer extends Authority {
  readonly name: Certificate;
}

/** From when to when, in milliseconds since 1970. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

const DAY = 86_400_000;

/** Ninety days on either side of `at`. */
export function around(at: number): Validity {
  return { notBefore: at - 90 * DAY, notAfter: at + 90 * DAY };
}

/** Keys of P-256 that everybody knows: nothing but a test may use them. */
export const ROOT_KEYS: KeyPair = knownKeys(1);
export const ISSUING_KEYS: KeyPair = knownKeys(2);
export const PEER_KEYS: KeyPair = knownKeys(3);
/** Of nobody who issued anything. */
export const OTHER_KEYS: KeyPair = knownKeys(4);

/** A certificate authority below `issuer`, or a trust anchor where there is none. */
export function authority(
  name: string,
  { key, publicKey }: KeyPair,
  validity: Validity,
  issuer?: Issuer,
  extensions: IssuedExtensions = {},
): Issuer {
  const certificate = issueCertificate(issuer ?? { name, key }, {
    serial: '01',
    subject: name,
    key: publicKey,
    ...validity,
    extensions: { ca: true, keyUsage: ['keyCertSign', 'cRLSign'], ...extensions },
  });
  return { name: certificate, key };
}

/** The scalar is `number` in every octet: far below the order of the curve. */
function knownKeys(number: number): KeyPair {
  const scalar = new Uint8Array(32).fill(number);
  // Group 19 is P-256, its public value x | y (RFC 5903 §7).
  const point = concat(Uint8Array.of(4), dhKeyPairFrom(19, scalar).publicValue);
  return { key: { kind: 'ecdsa', curve: 'P-256', scalar }, publicKey: { kind: 'ecdsa', curve: 'P-256', point } };
}
