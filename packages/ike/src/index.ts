export { IkeEndpoint } from './endpoint.ts';
export type {
  ChildInfo,
  ChildKeys,
  HandleResult,
  IkeEvent,
  IkeSaInfo,
  NegotiatedChild,
  Timeout,
  Transmit,
} from './events.ts';
export type { ChildFailure, DeleteReason, IkeFailure, PeerError } from './failures.ts';
export type { Answer, AnswerResult, Question } from './questions/question.ts';
export { IKE_REFUSALS, type IkeRefusal } from './refusals.ts';
export type { TimerReason } from './runtime/timers.ts';
export type { ChildState, IkeSaState } from './sa/life.ts';
export { defaultSoftLifetime } from './sa/soft-lifetime.ts';
export type {
  ChildPolicy,
  ClientIdentity,
  DeadPeerDetection,
  Endpoint,
  ExchangeMode,
  IdentityPattern,
  IkeEndpointConfig,
  IkeProposal,
  KeyLogEntry,
  PeerConfig,
  RemotePattern,
  Role,
  SasOfOld,
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
