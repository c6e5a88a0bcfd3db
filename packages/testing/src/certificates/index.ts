export {
  type AlmostCertifiedPeer,
  almostCertifiedPeer,
  breakingCertificate,
  CERTIFICATE_RULES,
  type CertificateRule,
  type CertificateRuleName,
} from './almost-valid.ts';
export { type KeyPair, PEER_KEYS } from './authority.ts';
export { type CertifiedName, type CertifiedPeer, certificate, certifiedName, certifiedPeer } from './chains.ts';
export { type CertifiedEndsOptions, certifiedEnds } from './ends.ts';
