import { type Duration, milliseconds, seconds } from '@espalier/wire';

/**
 * Half-open IKE SAs of a responder, from one address and in all: of those whose initiator has not shown that it is
 * reached at its address, and of those where it has, which took a key exchange. Beyond that the oldest gives way.
 */
export const UNREACHED_PER_ADDRESS = 4096;
export const UNREACHED_IN_ALL = 8192;
export const REACHED_PER_ADDRESS = 256;
export const REACHED_IN_ALL = 2048;

/**
 * From so many half-open IKE SAs on whose initiator has not shown that it is reached at its address, an endpoint is under
 * load: then one address may have so many of them, and no stranger is told why it is refused.
 */
export const UNREACHED_UNDER_LOAD = 4096;
export const UNREACHED_PER_ADDRESS_UNDER_LOAD = 64;

/** Notifications of a refusal to who has proved nothing: to one address and in all, in a while. */
export const NOTIFIES_PER_ADDRESS = 8;
export const NOTIFIES_IN_ALL = 256;
export const NOTIFIES_PAUSE: Duration = seconds(1);

/** Messages that are kept of a peer that has gone on before the caller has said who it is, or Mode Config is done; octets of each. */
export const EARLY_MESSAGES_MOST = 2;
export const EARLY_OCTETS_MOST = 8192;

/**
 * Key exchanges and signatures that a responder of Aggressive Mode makes for who has not shown that it is reached at its
 * address: for one address and in all, in a while.
 */
export const SIGNATURES_PER_ADDRESS = 8;
export const SIGNATURES_IN_ALL = 32;
export const SIGNATURES_PAUSE: Duration = seconds(1);

/**
 * Questions to the caller that wait for an answer, of half-open IKE SAs whose initiator has not shown that it is reached
 * at its address, from one address and in all. Beyond that the oldest gives way, with its IKE SA.
 */
export const QUESTIONS_OF_UNREACHED_PER_ADDRESS = 64;
export const QUESTIONS_OF_UNREACHED_IN_ALL = 1024;

/**
 * Octets of certificates in questions about chains that wait for an answer, of all IKE SAs that peers have begun: beyond
 * that, of the address that has most of them, the oldest gives way, with its IKE SA.
 */
export const CHAINS_IN_ALL = 8_388_608;

/** Children that one Quick Mode may be for, each with an SA payload of its own (RFC 2409 §5.5). */
export const SAS_PER_QUICK_MODE = 4;

/** Policies that are looked at for each SA payload, where there are several. */
export const POLICIES_ASKED_TOGETHER = 64;

/** Octets of the certificate requests of a half-open IKE SA: more are left out. */
export const REQUESTS_OCTETS_MOST = 8192;

/** Octets of the SA payloads of first messages that half-open IKE SAs may hold in all. */
export const OFFERS_IN_ALL = 8_388_608;

/**
 * Octets of the first messages of those whose initiator has not shown that it is reached, in all, and from how many on an
 * endpoint is under load. What such an SA weighs goes with them, at some 20 octets each: so a flood takes less than 32 MB.
 */
export const UNREACHED_OCTETS_IN_ALL = 1_310_720;
export const UNREACHED_OCTETS_UNDER_LOAD = 655_360;

/** Messages of one phase 1 that may be in the place of one that was taken, and that nothing has proved yet. */
export const RIVALS_MOST = 3;

/** Established IKE SAs that are still known by the first message that began them: beyond that the oldest is not. */
export const FINISHED_IN_ALL = 1024;

/** Messages of one half-open IKE SA that no key opens, as a responder: then it ends. */
export const UNDECIPHERABLE_MOST = 16;

/**
 * Messages that come in fragments, nothing of which is authenticated: fragments of one, messages of one IKE SA and of all at
 * the same time, octets of all, and how long a message may take to come.
 */
export const FRAGMENTS_PER_MESSAGE = 64;
export const FRAGMENTED_PER_IKE_SA = 4;
export const FRAGMENTED_IN_ALL = 256;
export const FRAGMENTED_OCTETS_IN_ALL = 1_048_576;
export const FRAGMENT_LIFETIME: Duration = seconds(10);

/**
 * The largest message, in octets, that goes whole to a peer that takes fragments: with the marker and headers of UDP and
 * IPv6, 1280 octets (RFC 8200 §5).
 */
export const FRAGMENT_OCTETS = 1228;

/** How often a half-open IKE SA of Aggressive Mode repeats its answer to a peer that has gone on to phase 2. */
export const REMINDERS_MOST = 8;

/** Peers that a first message may be from, where only the key tells them apart. */
export const CANDIDATES_MOST = 4;

/** Peers that one template may have live at the same time. */
export const LIVE_PEERS_PER_TEMPLATE = 16_384;

/** Live peers of one template that are looked through for who is at an address. */
export const LIVE_PEERS_ASKED = 64;

/** Timers that one call of `handleTimeout` serves: what is left is due at once, in the next call. */
export const TIMERS_PER_CALL = 4;

/** Established IKE SAs of one peer: beyond that the oldest is deleted. */
export const ESTABLISHED_PER_PEER = 32;

/** Quick Modes of one IKE SA at the same time. */
export const QUICK_MODES_PER_IKE_SA = 32;

/** Groups that are agreed on under one IKE SA, and New Group Mode exchanges that its peer begins at the same time. */
export const NEW_GROUPS_PER_IKE_SA = 8;

/** Transactions of one IKE SA at the same time, and requests and settings under one message ID. */
export const TRANSACTIONS_PER_IKE_SA = 8;
export const REQUESTS_PER_TRANSACTION = 16;

/** How often in a row gateways may send this side to another one. */
export const REDIRECTIONS_MOST = 4;

/** How often a user is asked under one IKE SA, whatever the verdicts are. */
export const PROMPTS_PER_IKE_SA = 16;

/** How often at most a user may give wrong credentials under one IKE SA, and how often if nobody says. */
export const XAUTH_ATTEMPTS_MOST = 16;
export const XAUTH_ATTEMPTS: number = 3;

/** How long a user may take; how long the user waits for the gateway, which is to say why it ends; how long Mode Config may take. */
export const XAUTH_LIFETIME: Duration = seconds(180);
export const XAUTH_PATIENCE: Duration = seconds(200);
export const MODE_CONFIG_LIFETIME: Duration = seconds(60);

/** Characters of a text that a peer sends for people. */
export const MESSAGE_TEXT_MOST = 512;

/** Servers, networks and names of one kind that a configuration may list. */
export const CONFIGURED_MOST = 64;

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

/*
 * The whole schedule, in seconds.
 *
 * | what                                              | is repeated after           | has failed after              |
 * |---------------------------------------------------|-----------------------------|-------------------------------|
 * | message 1, 3 or 5 of phase 1, 1 of Quick Mode     | 0.5 1.5 3.5 7.5 11.5 15.5 19.5 | 23.5                       |
 * | message 2 of Quick Mode, until 3 or ESP comes     | the same                    | 23.5: the child is deleted    |
 * | any of them, once a refusal was heard             | at most three times more    | 4 after the last              |
 * | phase 1 as initiator, as a whole                  | once, with a new cookie     | 25 each time                  |
 * | phase 1 as responder, as a whole                  |                             | 60                            |
 * | a question to the caller                          |                             | 60                            |
 * | message 4, 6, 2 of Aggressive Mode, 3 of Quick Mode | when what it answers comes again, for 90 s            ||
 * | sending by the new SAs, as initiator              | 5 after message 3, or after its last repetition, or at once |
 * | deleting what was replaced                        | 30 after another has taken over                            ||
 * | the same, where both ends had begun               | 0.5 1.5 3.5                 | 7.5: so long it receives yet  |
 *
 * strongSwan forgets a phase 1 that is not finished 30 s after it began: an initiator that repeats message 5 for longer
 * speaks to nobody.
 */

/** A request is repeated after the first pause, then each time after twice the pause, but not more than the longest. */
export const FIRST_PAUSE: Duration = milliseconds(500);
export const LONGEST_PAUSE: Duration = seconds(4);
export const RETRANSMISSIONS = 7;

/** How long a phase 1 may last that this side has begun. */
export const PHASE_1_LIFETIME: Duration = seconds(25);

/** How often phase 1 is begun, in all, with a peer that has answered, and then no more. */
export const PHASE_1_ATTEMPTS = 2;

/** How often at most a request is still repeated once the peer, or somebody in its name, has refused it. */
export const RETRANSMISSIONS_WHEN_REFUSED = 3;

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

/**
 * As initiator of a Quick Mode: how long to go on sending by what was there before, unless something comes by the new SAs,
 * which shows that the peer has message 3. It is begun anew where the peer repeats message 2: that it does within this time
 * where message 3 was lost (strongSwan after 4 s).
 */
export const MESSAGE_3_ON_ITS_WAY: Duration = seconds(5);

/** Of packets with an SPI that nobody has: how long until the peer at that address is told again, or IKE begun again. */
export const UNKNOWN_SPI_PAUSE: Duration = seconds(5);

/** A peer that cannot be asked for a sign of life but by a new phase 1 is asked again after so long, then twice as long. */
export const ASKED_BY_PHASE_1_PAUSE: Duration = seconds(60);

/** How long an SA that another took over from still receives before its owner deletes it. */
export const SUPERSEDED_LIFETIME: Duration = seconds(30);

/** How often that it is deleted is said again to a peer that may still send by it, before it receives no more. */
export const DELETES_REPEATED = 3;

/** After a rekeying that failed, how long until the next. */
export const REKEY_RETRY: Duration = seconds(5);

/** As client: how long after it is asked for anew until what is assigned for a time is asked for once more; and never earlier. */
export const LEASE_RETRY: Duration = seconds(25);
export const SHORTEST_LEASE_PAUSE: Duration = seconds(5);

/** The shortest lifetime that a peer can impose: below that an SA would be renewed without end. */
export const SHORTEST_LIFETIME: Duration = seconds(60);

/** Likewise, in kilobytes of what an IKE SA protects: some hundred messages. */
export const FEWEST_KILOBYTES: number = 32;
