export type { AuditReason, GatewayAuditEvent } from './audit.ts';
export type {
  GatewayConfig,
  GatewayPeer,
  ManualAh,
  ManualEsp,
  ManualProtection,
  ManualSa,
  ManualSnapshot,
  OuterTreatment,
  PolicyAction,
  PolicyConfig,
  PopulatedSelector,
  Prefix,
  Protection,
  SaName,
  Selectors,
} from './config.ts';
export type { GatewayEvent, IpsecFailure } from './events.ts';
export { Gateway } from './gateway.ts';
export type { GatewayOptions } from './options.ts';
export type { Datagram, GatewayTransmit, InsideTransmit, InsideView, TransmitView } from './packets/doors.ts';
export type { Placed } from './packets/placed.ts';
export type { Rank } from './policy/order.ts';
export { SecurityPolicyDatabase, type SpdAction, type SpdEntry } from './policy/spd.ts';
export {
  type Accepted,
  type Action,
  GATEWAY_REFUSALS,
  type GatewayRefusal,
  type Outcome,
  type Refusals,
  type Refused,
} from './refusals.ts';
export { type PairOfSas, type SaInfo, type SequenceChecks, wipeChild } from './sas/agreement.ts';
export type { GatewayTimeout } from './sas/key-management.ts';
export type { IpsecSaInfo } from './sas/sa-info.ts';
export { type EspSaPair, type SaPairOptions, saPairOf } from './sas/sa-pair-of.ts';
export { type SaIdentifier, SecurityAssociationDatabase } from './sas/sad.ts';
export type { IpsecStatistics } from './sas/statistics.ts';
export type { LiveTunnelInfo } from './tunnels/live-tunnel-info.ts';
export type { TunnelRefusal } from './tunnels/live-tunnels.ts';
