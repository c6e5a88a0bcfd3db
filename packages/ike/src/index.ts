export { AddressPool, type AddressPoolOptions } from './answers/address-pool.ts';
export { Passwords, type UserPassword } from './answers/passwords.ts';
export { type PrivateGroupNumber, privateGroupNumber } from './configuration/private-groups.ts';
export { IkeEndpoint } from './endpoint.ts';
export type {
  ChildFailedEvent,
  ChildInfo,
  HandleResult,
  IkeEvent,
  IkeFailedEvent,
  IkeSaInfo,
  NegotiatedChild,
  NegotiationRefusedEvent,
  Timeout,
  Transmit,
} from './events.ts';
export type {
  ConfiguredPlace,
  FailureDetail,
  OwnSide,
  ProposalsDetail,
  RefusalDetail,
  SelectorsDetail,
  Standstill,
  ToldDetail,
} from './explain/detail.ts';
export { type FailureEvent, formatFailure } from './explain/format.ts';
export type { NamedClient, NamedIdentity } from './explain/identity.ts';
export type { Difference, NearestTransform, TransformAttribute, TransformText } from './explain/transforms.ts';
export type {
  ChildFailure,
  ConfigurationEnd,
  DeleteReason,
  GroupFailure,
  IkeFailure,
  StageFailure,
} from './failures.ts';
export type { Habit, PeerProfile } from './peer/profiles/profile.ts';
export { PEER_PROFILES, type PeerProfileName } from './peer/profiles/profiles.ts';
export type { PeerError } from './peer-error.ts';
export type {
  Answer,
  AnswerResult,
  Question,
  QuestionAsked,
  SharedKeyAnswer,
  SharedKeyQuestion,
  SignAnswer,
  SignQuestion,
  VerifyChainAnswer,
  VerifyChainQuestion,
} from './questions/question.ts';
export type {
  CredentialsAnswer,
  CredentialsQuestion,
  LeaseAnswer,
  LeaseQuestion,
  VerifyCredentialsAnswer,
  VerifyCredentialsQuestion,
} from './questions/transaction-questions.ts';
export { RecordingError } from './recording/format.ts';
export { RecordedEndpoint } from './recording/recorded-endpoint.ts';
export { Replay, type ReplayedEndpoint, type ReplayedStep, type ReplayOptions } from './recording/replay.ts';
export type { RecordingOptions } from './recording/tape.ts';
export { IKE_REFUSALS, type IkeRefusal } from './refusals.ts';
export type { TimerReason } from './runtime/timers.ts';
export type { ChildState, IkeSaState } from './sa/life.ts';
export { defaultSoftLifetime } from './sa/lifetime/soft-lifetime.ts';
export type {
  AhProtection,
  ChildKeys,
  ChildProtection,
  EspProtection,
  IpcompProtection,
  IpcompSuite,
  ProtectionProtocol,
  ProtectionSpis,
} from './sa/protections.ts';
export { type PeerTolerance, TOLERANCES, type Tolerance } from './tolerances.ts';
export type {
  AssignedConfiguration,
  AuthenticationName,
  Certificate,
  CertificateRequest,
  ChildIdentities,
  ChildPolicy,
  ClientIdentity,
  Credential,
  Credentials,
  DeadPeerDetection,
  Endpoint,
  ExchangeMode,
  IdentityPattern,
  IkeEndpointConfig,
  IkeProposal,
  IpsecMode,
  KeyLogEntry,
  LifetimeCheck,
  ModeConfig,
  NatTraversalForm,
  PeerConfig,
  ProtectionBundle,
  RemotePattern,
  ReplayStatus,
  Role,
  SasOfOld,
  SignatureMethod,
  XAuth,
  XAuthGateway,
  XAuthType,
  XAuthUser,
} from './types.ts';
export { padBody, unpadBody } from './v1/authentication/encrypted-body.ts';
export {
  encryptionKeyOf,
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
  skeyidOfEncryption,
  skeyidOfPreSharedKey,
  skeyidOfSignature,
} from './v1/keying.ts';
export type { OriginalAddresses } from './v1/quick-mode/transport.ts';
export { chapPassword } from './v1/transaction/xauth/attributes.ts';
