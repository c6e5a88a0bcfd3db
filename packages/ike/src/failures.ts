import { NOTIFY, notifyName } from '@espalier/wire';
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
  /** A responder's, negotiated, of which the peer never proved to have it. */
  | 'not-confirmed';

/** An error that the peer told in a notification (RFC 2408 §3.14.1). */
export type PeerError =
  | Exclude<
      keyof typeof NOTIFY,
      'CONNECTED' | 'RESPONDER-LIFETIME' | 'REPLAY-STATUS' | 'INITIAL-CONTACT' | 'R-U-THERE' | 'R-U-THERE-ACK'
    >
  /** One that no RFC names. */
  | 'UNKNOWN-ERROR';

/** Why phase 1 came to nothing: what was wrong with the peer's last message, or that none came. */
export type IkeFailure = IkeRefusal | 'no-answer' | 'question-unanswered';

/** Why a Quick Mode came to nothing; or what became of the IKE SA that it was under. */
export type ChildFailure = IkeFailure | PeerError | DeleteReason;

/** Notify types from here on tell a status, below an error (RFC 2408 §3.14.1). */
const STATUS = 16_384;

/** The name of an error; undefined for a status. */
export function peerError(notifyType: number): PeerError | undefined {
  if (notifyType >= STATUS) return undefined;
  const name = notifyName(notifyType);
  return isPeerError(name) ? name : 'UNKNOWN-ERROR';
}

function isPeerError(name: string): name is PeerError {
  return Object.hasOwn(NOTIFY, name);
}
