export type { AlternativeName, CertificateFacts, CrlFacts, NameFacts } from './certificate-facts.ts';
export type { JunosDynamicEndpoints } from './dynamic-endpoints.ts';
export type { GivenCertificates, NamedSubjects } from './phase1.ts';
export type {
  CertificateUse,
  JunosCaProfile,
  JunosCertificatePeer,
  JunosNamePattern,
  JunosPki,
  JunosRevocation,
} from './pki.ts';
export { type JunosConfiguration, type JunosReading, type JunosReadingOptions, readJunos } from './read.ts';
export type { JunosSecurityAssociation } from './security-associations.ts';
export type { JunosDialOptions, JunosInterface } from './statements/interfaces.ts';
export { type LegacyAlgorithm, legacyAlgorithms } from './statements/legacy.ts';
export type { JunosOspfArea, JunosOspfInterface, JunosStaticRoute } from './statements/routing.ts';
export { JunosError, type JunosNotice } from './text/error.ts';
export type { JunosServiceSet, JunosTerm } from './tunnels.ts';
export {
  formatIkeSecurityAssociations,
  type IkeAlgorithmsView,
  type IkeSecurityAssociationView,
} from './views/ike-security-associations.ts';
export {
  formatIpsecSecurityAssociations,
  type IpsecSaView,
  type IpsecSecurityAssociationsView,
  type IpsecTunnelView,
  type IpsecViewOptions,
} from './views/ipsec-security-associations.ts';
export { formatIpsecStatistics, type IpsecStatisticsView } from './views/ipsec-statistics.ts';
export {
  type CertificateRequestView,
  formatCaCertificates,
  formatCertificateRequests,
  formatLocalCertificates,
  type NamedCertificate,
} from './views/pki/certificates.ts';
export { formatCrls, type NamedCrl } from './views/pki/crl.ts';
export {
  type CertificateCacheEntry,
  formatServiceCertificates,
  type ServiceCertificatesView,
} from './views/pki/service-certificates.ts';
export { formatReverseRoutes, type ReverseRouteView } from './views/reverse-routes.ts';
export { formatSecurityAssociations, type SecurityAssociationView } from './views/security-associations.ts';
export { Show, type ShownConfiguration, type ShownGateway } from './views/show.ts';
export type { ServiceStyle } from './vpn.ts';
