export { MISBEHAVIOURS } from './catalogue/all.ts';
export { RESPONDER_MISBEHAVIOURS } from './catalogue/responder.ts';
export { MisbehavingPeer } from './misbehaving-peer.ts';
export type { Deed, Expectation, MadeUpPayload, Misbehaviour } from './misbehaviour.ts';
export { type Seen, Trial, type Verdict, verdictOf } from './trial.ts';
