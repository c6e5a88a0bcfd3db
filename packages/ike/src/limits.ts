import { type Duration, seconds } from '@espalier/wire';

/**
 * Half-open IKE SAs of a responder, from one address and in all: of those whose initiator has not shown that it is
 * reached at its address, and of those where it has, which took a key exchange. Beyond that the oldest gives way.
 */
export const UNREACHED_PER_ADDRESS = 4096;
export const UNREACHED_IN_ALL = 8192;
export const REACHED_PER_ADDRESS = 256;
export const REACHED_IN_ALL = 2048;

/**
 * Questions to the caller that wait for an answer, of half-open IKE SAs whose initiator has not shown that it is reached
 * at its address, from one address and in all. Beyond that the oldest gives way, with its IKE SA.
 */
export const QUESTIONS_OF_UNREACHED_PER_ADDRESS = 64;
export const QUESTIONS_OF_UNREACHED_IN_ALL = 1024;

/** Octets of the SA payloads of first messages that half-open IKE SAs may hold in all. */
export const OFFERS_IN_ALL = 8_388_608;

/** Messages of one half-open IKE SA that no key opens, as a responder: then it ends. */
export const UNDECIPHERABLE_MOST = 16;

/** How often a half-open IKE SA of Aggressive Mode repeats its answer to a peer that has gone on to phase 2. */
export const REMINDERS_MOST = 8;

/** Peers that a first message may be from, where only the key tells them apart. */
export const CANDIDATES_MOST = 4;

/** Peers that one template may have live at the same time. */
export const LIVE_PEERS_PER_TEMPLATE = 16_384;

/** Timers that one call of `handleTimeout` serves: what is left is due at once, in the next call. */
export const TIMERS_PER_CALL = 4;

/** Established IKE SAs of one peer: beyond that the oldest is deleted. */
export const ESTABLISHED_PER_PEER = 32;

/** Quick Modes of one IKE SA at the same time. */
export const QUICK_MODES_PER_IKE_SA = 32;

/** Message IDs that one IKE SA may see: none is forgotten, so at the limit the SA is renewed. */
export const MESSAGE_IDS_PER_IKE_SA = 16_384;

/** Pairs of child SAs of one peer. */
export const CHILDREN_PER_PEER = 256;

/** CPIs in use of all peers: of the 61,184 that there are (RFC 3173 §3.3). */
export const CPIS_IN_ALL = 32_768;

/** Events, and datagrams to send, that may wait for the caller; while more wait, input is refused. */
export const QUEUED_OUTPUTS = 1024;

/** Octets of a nonce sent (RFC 2409 §5 allows 8 to 256). */
export const NONCE_OCTETS = 32;
export const NONCE_OCTETS_LEAST = 8;
export const NONCE_OCTETS_MOST = 256;

/** A request is repeated after 1, 2, 4, 8 and 16 seconds more; 32 seconds after the last it has failed. */
export const FIRST_RETRANSMISSION: Duration = seconds(1);
export const RETRANSMISSIONS = 5;

/** How often at most a request is still repeated once the peer, or somebody in its name, has refused it. */
export const RETRANSMISSIONS_WHEN_REFUSED = 2;

/**
 * Events that anybody can cause by sending something: each kind of one peer, or of one address that is no peer's, is
 * told at once, and its like once in a while; and of all so many in a while.
 */
export const NEWS_PAUSE: Duration = seconds(60);
export const NEWS_OF_PEERS = 64;
export const NEWS_OF_STRANGERS = 16;

/** Kinds of such events that are remembered, for peers and for strangers: the one told longest ago gives way. */
export const NEWS_KINDS = 1024;

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
