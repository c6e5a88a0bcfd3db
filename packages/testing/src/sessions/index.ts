export { Between } from './between.ts';
export { ADDRESSES, type EndsOptions, type SessionEnd, type SessionEndpoint, sessionEnds } from './ends.ts';
export { type ChildSaKeys, type IkeSaKeys, KeyBook } from './key-book.ts';
export { type HeaderField, isKeyless, type Mutation, mutate, type Seal } from './mutation.ts';
export { changeOctets, type OctetChange } from './octet-change.ts';
export { changePayloads, type PayloadChange } from './payload-change.ts';
export { type PlayedSession, type PlayOptions, play, type Step } from './play.ts';
export { type RawChain, type RawPayload, readRawChain, writeRawChain } from './raw-chain.ts';
export { type Delivered, type Flight, Session, transcriptOf } from './session.ts';
export {
  otherSide,
  PLAIN_SESSION,
  SESSION_ACTS,
  SESSION_AUTHENTICATIONS,
  type SessionAct,
  type SessionAuthentication,
  type SessionSpecification,
  SIDES,
  type Side,
} from './specification.ts';
export { toyDh } from './toy-dh.ts';
export { type OpenedMessage, type Sealing, View } from './view.ts';
