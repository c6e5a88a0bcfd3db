export { IkeEndpoint } from './endpoint.ts';
export { IKE_REFUSALS } from './refusals.ts';
export { defaultSoftLifetime } from './sa/soft-lifetime.ts';
export type {
  ChildInfo,
  ChildKeys,
  ChildPolicy,
  DeadPeerDetection,
  DeleteReason,
  Endpoint,
  HandleResult,
  IkeEndpointConfig,
  IkeEvent,
  IkeProposal,
  IkeRefusal,
  IkeSaInfo,
  KeyLogEntry,
  NegotiatedChild,
  PeerConfig,
  Role,
  Timeout,
  Transmit,
} from './types.ts';
export {
  hash1,
  hash2,
  hash3,
  hashI,
  hashR,
  type KeymatInput,
  keymat,
  type Phase1Secrets,
  type Phase1Transcript,
  phase1Iv,
  phase1Key,
  phase1Secrets,
  phase2Iv,
  skeyidOfPreSharedKey,
} from './v1/keying.ts';
