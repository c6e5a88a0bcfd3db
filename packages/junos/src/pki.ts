import type { Identification } from '@espalier/wire';

/** `security pki ca-profile`: an authority, and how its certificates are looked at. */
export interface JunosCaProfile {
  readonly name: string;
  /** Where nothing is said, the name. */
  readonly identity: string;
  readonly revocation: JunosRevocation;
  /** Where its CRL is, as it is written; who fetches it is the caller. */
  readonly crlUrls: readonly string[];
  /** Hours after which the CRL is to be fetched again. */
  readonly crlRefreshHours: number;
  readonly enrollmentUrl: string | undefined;
}

/** By default a CRL is wanted; `disable on-download-failure` makes do without where none is to be had. */
export type JunosRevocation = 'required' | 'if-present' | 'off';

/** `remote-id distinguished-name`: what the subject of a peer's certificate is to be like. */
export interface JunosNamePattern {
  readonly match: 'exact' | 'wildcard' | 'container';
  /** As it is written. */
  readonly name: string;
}

/** How an IKE policy makes use of certificates. */
export interface CertificateUse {
  /** `local-certificate`: the certificate-id of this side's. */
  readonly localCertificate: string;
  /** `peer-certificate-type`: how chains are sent. */
  readonly encoding: 'x509' | 'pkcs7';
  /** `certificate-policy-oids`: one of these is asked for; none: any. */
  readonly policyOids: readonly string[];
  /** Whom the peer is to be; undefined where IKE alone says it. */
  readonly expected: readonly (Identification | JunosNamePattern)[] | undefined;
  /** `local-id distinguished-name`: this side calls itself by the subject of its certificate. */
  readonly isNamedBySubject: boolean;
}

/** A peer of the gateway with whom certificates are exchanged. */
export interface JunosCertificatePeer extends CertificateUse {
  /** Name of the gateway's peer, which IKE's questions have too. */
  readonly peer: string;
  readonly serviceSet: string;
  /** `trusted-ca`: names of profiles. */
  readonly trustedCas: readonly string[];
  /** Not so with `no-certificate-chain-in-ike`. */
  readonly sendsChain: boolean;
}

/** What a configuration says of certificates; the certificates themselves stand elsewhere. */
export interface JunosPki {
  readonly caProfiles: readonly JunosCaProfile[];
  readonly peers: readonly JunosCertificatePeer[];
}
