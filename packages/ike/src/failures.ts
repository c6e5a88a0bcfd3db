import type { FailureDetail } from './explain/detail.ts';
import type { PeerError } from './peer-error.ts';
import type { IkeRefusal } from './refusals.ts';

/** Why an SA is no more. */
export type DeleteReason =
  /** Its hard lifetime is over. */
  | 'expired'
  /** The peer said so (RFC 2408 §3.15). */
  | 'peer-deleted'
  /** Another one has taken its place. */
  | 'replaced'
  /** The caller said so. */
  | 'closed'
  /** The peer began anew, knowing of no SA (INITIAL-CONTACT, RFC 2407 §4.6.3.3). */
  | 'peer-restarted'
  /** The peer gave no sign of life (RFC 3706). */
  | 'peer-dead'
  /** The peer has received by it, and has it no more (INVALID-SPI, RFC 2408 §3.14.1). */
  | 'unknown-to-peer'
  /** A responder's, negotiated, of which the peer never proved to have it. */
  | 'not-confirmed';

/** Why what Mode Config has given is nobody's any more. */
export type ConfigurationEnd =
  /** As client: its time is up, and the gateway has not renewed it (INTERNAL_ADDRESS_EXPIRY, draft-dukes-ike-mode-cfg-02 §3.3). */
  | 'expired'
  /** Other addresses have taken their place, or another user has taken the place of the one who had them. */
  | 'replaced'
  /** The last SA with the peer has ended. */
  | 'no-sa-left';

/** Why what follows phase 1 came to nothing. */
export type StageFailure =
  /** The user's credentials are refused, or the gateway has ended the negotiation instead. */
  | 'xauth-failed'
  /** As user: the caller has none. */
  | 'no-credentials'
  /** Mode Config: the gateway has no address for the client. */
  | 'no-lease';

/** Why phase 1 came to nothing: what was wrong with the peer's last message, what it told instead, or that none came. */
export type IkeFailure = IkeRefusal | PeerError | 'no-answer' | 'question-unanswered' | StageFailure;

/** Why a Quick Mode came to nothing; or what became of the IKE SA that it was under. */
export type ChildFailure =
  | IkeFailure
  | DeleteReason
  /** There is a NAT, and the policy knows no protection without AH, which covers the addresses that it changes. */
  | 'ah-behind-nat'
  /** The policy's group is for private use, and nothing is agreed on by that number under the IKE SA (RFC 2409 §5.6). */
  | 'group-not-agreed';

/** Why nothing came of a group that the peer was to give a number (RFC 2409 §5.6). */
export type GroupFailure =
  | IkeRefusal
  | PeerError
  | 'no-answer'
  /** What became of the IKE SA that it was asked for under. */
  | DeleteReason
  | IkeFailure
  /** There is no IKE SA to ask for it under. */
  | 'no-ike-sa'
  /** A group has the number under the IKE SA, or is asked for by it. */
  | 'number-taken';

/** Why a message was refused; `explain` says what it is about, which may cost something. */
export interface Refused {
  readonly reason: IkeRefusal;
  readonly explain: () => FailureDetail | undefined;
}

/** What was heard in the place of what an exchange awaits: a message that was refused, or an error that was told. */
export interface Clue {
  readonly reason: IkeFailure;
  readonly detail: FailureDetail | undefined;
}

/** Why a Quick Mode came to nothing. */
export interface ChildClue {
  readonly reason: ChildFailure;
  readonly detail: FailureDetail | undefined;
}

export const AH_BEHIND_NAT: ChildClue = { reason: 'ah-behind-nat', detail: undefined };
