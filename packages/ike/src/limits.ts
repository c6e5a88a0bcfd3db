import { type Duration, seconds } from '@espalier/wire';

/** Phase 1 negotiations that one peer may have open as initiator while it is not authenticated. */
export const HALF_OPEN_PER_PEER = 16;

/** Established IKE SAs of one peer: beyond that the oldest is deleted. */
export const ESTABLISHED_PER_PEER = 32;

/** IKE SAs of one peer, of every age and state. */
export const SESSIONS_PER_PEER = 48;

/** Quick Modes of one IKE SA at the same time. */
export const QUICK_MODES_PER_SESSION = 32;

/** Message IDs that one IKE SA may see: none is forgotten, so at the limit the SA is renewed. */
export const MESSAGE_IDS_PER_SESSION = 16_384;

/** Pairs of child SAs of one peer. */
export const CHILDREN_PER_PEER = 256;

/** Events, and datagrams to send, that may wait for the caller; while more wait, input is refused. */
export const QUEUED_OUTPUTS = 1024;

/** Octets of a nonce sent (RFC 2409 §5 allows 8 to 256). */
export const NONCE_OCTETS = 32;
export const NONCE_OCTETS_LEAST = 8;
export const NONCE_OCTETS_MOST = 256;

/** A request is repeated after 1, 2, 4, 8 and 16 seconds more; 32 seconds after the last it has failed. */
export const FIRST_RETRANSMISSION: Duration = seconds(1);
export const RETRANSMISSIONS = 5;

/** How long a responder keeps a phase 1 that its initiator does not finish. */
export const HALF_OPEN_LIFETIME: Duration = seconds(60);

/** How long a finished Quick Mode still repeats its answer. */
export const FINISHED_EXCHANGE_LIFETIME: Duration = seconds(90);

/** How long an SA that another took over from still receives before its owner deletes it. */
export const SUPERSEDED_LIFETIME: Duration = seconds(30);

/** After a rekeying that failed, how long until the next. */
export const REKEY_RETRY: Duration = seconds(5);

/** The shortest lifetime that a peer can impose. */
export const SHORTEST_LIFETIME: Duration = seconds(10);
