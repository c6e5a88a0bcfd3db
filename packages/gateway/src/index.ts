export type {
  GatewayConfig,
  IkePolicyConfig,
  IpsecPolicyConfig,
  Prefix,
  RuleConfig,
  SaName,
  ServiceSetConfig,
  TermConfig,
  TermFrom,
} from './config.ts';
export type { GatewayEvent } from './events.ts';
export { Gateway, type GatewayOptions } from './gateway.ts';
export type { Datagram, GatewayTransmit, InsideTransmit, InsideView, TransmitView } from './packets/doors.ts';
export type { Placed } from './packets/placed.ts';
export type { Selectors } from './policy/selectors.ts';
export { type Policy, type PolicyAction, SecurityPolicyDatabase } from './policy/spd.ts';
export {
  type Accepted,
  type Action,
  GATEWAY_REFUSALS,
  type GatewayRefusal,
  type Outcome,
  type Refusals,
  type Refused,
} from './refusals.ts';
export { type SaIdentifier, SecurityAssociationDatabase } from './sas/sad.ts';
export type { IpsecStatistics } from './sas/statistics.ts';
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
} from './views/ipsec-security-associations.ts';
export { formatIpsecStatistics, type IpsecStatisticsView } from './views/ipsec-statistics.ts';
export type { Show } from './views/show.ts';
