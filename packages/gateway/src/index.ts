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
export type { Datagram, GatewayTransmit, InsideTransmit, InsideView, TransmitView } from './doors.ts';
export type { GatewayEvent } from './events.ts';
export { Gateway, type GatewayOptions } from './gateway.ts';
export type { JunosNotice } from './junos/block.ts';
export { JunosError } from './junos/error.ts';
export type { JunosInterface } from './junos/interfaces.ts';
export { type JunosConfiguration, type JunosReading, readJunos } from './junos/read.ts';
export type { JunosOspfArea, JunosOspfInterface, JunosStaticRoute } from './junos/routing.ts';
export type { Placed } from './placed.ts';
export {
  type Accepted,
  type Action,
  GATEWAY_REFUSALS,
  type GatewayRefusal,
  type Outcome,
  type Refusals,
  type Refused,
} from './refusals.ts';
export { type SaIdentifier, SecurityAssociationDatabase } from './sad.ts';
export type { Selectors } from './selectors.ts';
export { type Policy, type PolicyAction, SecurityPolicyDatabase } from './spd.ts';
export type { IpsecStatistics } from './statistics.ts';
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
