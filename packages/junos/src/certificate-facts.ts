import type { PublicKey } from '@espalier/crypto';

/** A distinguished name: its parts, each with its attributes by object identifier; and the whole in DER. */
export interface NameFacts {
  readonly parts: readonly (readonly { readonly type: string; readonly text: string | undefined }[])[];
  readonly octets: Uint8Array;
}

/** What the views print of a certificate: `Certificate` of `@espalier/pki` has it. Times are in milliseconds since 1970. */
export interface CertificateFacts {
  /** In DER: for the fingerprints. */
  readonly octets: Uint8Array;
  readonly version: number;
  /** Hexadecimal. */
  readonly serial: string;
  readonly issuer: NameFacts;
  readonly subject: NameFacts;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly subjectKey: { readonly algorithm: string; readonly key: PublicKey | undefined };
  readonly signed: { readonly algorithm: { readonly name: string } };
  readonly extensions: {
    readonly keyUsage?: ReadonlySet<string>;
    readonly subjectAltNames?: readonly AlternativeName[];
    readonly crlDistributionPoints?: readonly { readonly names: readonly AlternativeName[] }[];
  };
}

/** A GeneralName of RFC 5280 §4.2.1.6. */
export type AlternativeName =
  | { readonly kind: 'email' | 'dns' | 'uri'; readonly text: string }
  | { readonly kind: 'address'; readonly octets: Uint8Array }
  | { readonly kind: 'directory'; readonly name: NameFacts }
  | { readonly kind: 'other' };

/** What the views print of a CRL: `Crl` of `@espalier/pki` has it. */
export interface CrlFacts {
  readonly version: number;
  readonly issuer: NameFacts;
  readonly thisUpdate: number;
  readonly nextUpdate: number | undefined;
  /** When each was revoked, by serial number in hexadecimal. */
  readonly revoked: ReadonlyMap<string, number>;
}
