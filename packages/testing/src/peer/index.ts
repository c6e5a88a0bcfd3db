export { MISBEHAVIOURS } from './catalogue/all.ts';
export { MisbehavingPeer } from './misbehaving-peer.ts';
export type { Deed, Expectation, MadeUpPayload, Misbehaviour } from './misbehaviour.ts';
export { type Seen, Trial, type Verdict, verdictOf } from './trial.ts';
