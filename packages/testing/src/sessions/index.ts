export { changedSession, keyedMutation, keylessMutation, mutation, sessionSpecification } from './arbitrary.ts';
export {
  type AttackOptions,
  type AttackPlan,
  type AttackReport,
  attackSessions,
  type DoorCount,
  repeatAttack,
  type Violation,
} from './attack.ts';
export { Between } from './between.ts';
export { captureOf, type SessionCapture } from './capture.ts';
export { ADDRESSES } from './ends/addresses.ts';
export {
  type EndsOptions,
  type OurEnd,
  type SessionEnd,
  type SessionEndpoint,
  sessionEnds,
} from './ends/ends.ts';
export { publicKeyOfEnd } from './ends/signers.ts';
export { toyKeyPair, toyPublicKeys } from './ends/toy-public-keys.ts';
export { GROWTH_SIZES, type Growth, type GrowthOptions, isSuperlinear, measureGrowth } from './growth.ts';
export { disagreement, foreignEstablishment, isSameToReceiver } from './laws.ts';
export { type HeaderField, isKeyless, type Mutation, mutate, type Seal } from './mutation/mutation.ts';
export { changeOctets, type OctetChange } from './mutation/octet-change.ts';
export { changePayloads, type PayloadChange } from './mutation/payload-change.ts';
export {
  type Door,
  isAtDoor,
  type PlayedSession,
  type PlayOptions,
  play,
  playTo,
  type Step,
  type StoppedSession,
} from './play.ts';
export { type Delivered, type Flight, Session, transcriptOf } from './session.ts';
export {
  otherSide,
  PLAIN_SESSION,
  SESSION_ACTS,
  SESSION_AH_SUITES,
  SESSION_AUTHENTICATIONS,
  SESSION_SUITES,
  type SessionAct,
  type SessionAuthentication,
  type SessionSpecification,
  SIDES,
  type Side,
} from './specification.ts';
export { type ChildSaKeys, type IkeSaKeys, KeyBook } from './view/key-book.ts';
export type { Sign } from './view/proofs.ts';
export { type RawChain, type RawPayload, readRawChain, writeRawChain } from './view/raw-chain.ts';
export { type OpenedMessage, type Sealing, View } from './view/view.ts';
