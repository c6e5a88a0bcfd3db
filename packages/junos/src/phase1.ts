import type { GatewayPeer } from '@espalier/gateway';
import { ID_TYPE } from '@espalier/wire';
import type { CertificateFacts } from './certificate-facts.ts';
import type { CertificateUse } from './pki.ts';
import type { IkePolicy } from './vpn.ts';

/** This side's certificates by certificate-id: of them the subject counts, in DER. */
export type LocalCertificates = ReadonlyMap<string, Pick<CertificateFacts, 'subject'>>;

/** What an IKE policy says of a peer, but for where it is. With certificates the keys are asked for. */
export function phase1Of(
  { name: _, certificates: use, ...policy }: IkePolicy,
  certificates: LocalCertificates,
): Omit<GatewayPeer, 'name' | 'local' | 'remote'> {
  if (use === undefined) return policy;
  return {
    ...policy,
    credentials: { privateKey: 'ask', remoteKey: 'ask' },
    ...subjectOf(use, certificates),
    ...(use.expected !== undefined && { remoteIdentity: 'any' }),
  };
}

/** ID_DER_ASN1_DN (RFC 2407 §4.6.2.10). */
function subjectOf(
  { localCertificate, isNamedBySubject }: CertificateUse,
  certificates: LocalCertificates,
): Pick<GatewayPeer, 'localIdentity'> {
  const certificate = certificates.get(localCertificate);
  if (!isNamedBySubject || certificate === undefined) return {};
  const { octets: data } = certificate.subject;
  return { localIdentity: { idType: ID_TYPE.derAsn1Dn, protocol: 0, port: 0, data } };
}
