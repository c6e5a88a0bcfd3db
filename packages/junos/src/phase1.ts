import type { GatewayPeer } from '@espalier/gateway';
import { CERT_ENCODING, ID_TYPE } from '@espalier/wire';
import type { CertificateFacts } from './certificate-facts.ts';
import type { CertificateUse } from './pki.ts';
import type { IkePolicy, ServiceSet } from './vpn.ts';

/** Certificates by the names that a configuration has for them: of each the subject counts, in DER. */
export type NamedSubjects = ReadonlyMap<string, Pick<CertificateFacts, 'subject'>>;

/** What a text refers to and does not hold. */
export interface GivenCertificates {
  /** Of this side, by certificate-id. */
  readonly localCertificates: NamedSubjects;
  /** By CA profile. */
  readonly authorities: NamedSubjects;
}

/** What an IKE policy says of a peer, but for where it is. With certificates the keys are asked for. */
export function phase1Of(
  { name: _, certificates: use, ...policy }: IkePolicy,
  { trustedCas }: Pick<ServiceSet, 'trustedCas'>,
  given: GivenCertificates,
): Omit<GatewayPeer, 'name' | 'local' | 'remote'> {
  if (use === undefined) return policy;
  return {
    ...policy,
    credentials: { privateKey: 'ask', remoteKey: 'ask', ...requestsFor(trustedCas, use, given) },
    ...subjectOf(use, given),
    ...(use.expected !== undefined && { remoteIdentity: 'any' }),
  };
}

/** For certificates of the trusted authorities; where one is not given, of anybody (RFC 2408 §3.10). */
function requestsFor(
  trustedCas: readonly string[],
  { encoding }: CertificateUse,
  { authorities }: GivenCertificates,
): Pick<NonNullable<GatewayPeer['credentials']>, 'requests'> {
  const known = trustedCas.flatMap((name) => authorities.get(name) ?? []);
  if (known.length < trustedCas.length) return {};
  const number = encoding === 'pkcs7' ? CERT_ENCODING.pkcs7 : CERT_ENCODING.x509Signature;
  return { requests: known.map(({ subject }) => ({ encoding: number, authority: subject.octets })) };
}

/** ID_DER_ASN1_DN (RFC 2407 §4.6.2.10). */
function subjectOf(
  { localCertificate, isNamedBySubject }: CertificateUse,
  { localCertificates }: GivenCertificates,
): Pick<GatewayPeer, 'localIdentity'> {
  const certificate = localCertificates.get(localCertificate);
  if (!isNamedBySubject || certificate === undefined) return {};
  const { octets: data } = certificate.subject;
  return { localIdentity: { idType: ID_TYPE.derAsn1Dn, protocol: 0, port: 0, data } };
}
