import type { Engine, PrivateKey } from '@espalier/crypto';
import type { Certificate } from './certificate/certificate.ts';
import type { TrustPolicy } from './chain/policy.ts';
import type { ExpectedIdentity } from './identity/expected.ts';
import type { ChainEncoding } from './payloads/sent.ts';
import type { Crl } from './revocation/crl.ts';
import type { OcspResponse } from './revocation/ocsp.ts';

/** A certificate of this side and its private key. */
export interface Credential {
  readonly certificate: Certificate;
  readonly key: PrivateKey;
  /** Certificates of its issuers, that directly above it first: sent along, but for a trust anchor. Default: none. */
  readonly issuers?: readonly Certificate[];
}

/** Whom this side believes, and what it shows itself. */
export interface PkiConfig {
  readonly trustAnchors: readonly Certificate[];
  /** Certificates of authorities that peers leave out, of peers that send none, of those who sign CRLs. Default: none. */
  readonly certificates?: readonly Certificate[];
  readonly crls?: readonly Crl[];
  readonly ocspResponses?: readonly OcspResponse[];
  readonly credentials?: readonly Credential[];
  readonly policy?: TrustPolicy;
  /** Whom a peer is expected to be: one of these. Default: whoever the configuration of IKE lets in. */
  readonly expected?: readonly ExpectedIdentity[];
  /** Verifies and makes signatures. Default: `nobleEngine()`, which runs everywhere. */
  readonly engine?: Pick<Engine, 'signatures'>;
  /** Default 'x509': a payload for each certificate. */
  readonly chainEncoding?: ChainEncoding;
}
