import type { Unread } from '../packets/carried.ts';

/** What a capture shows as a whole: JSON, as it is. Numbers of rows are their places in these lists. */
export interface Report {
  readonly frames: number;
  /** Octets of frames, as they went by. */
  readonly octets: number;
  /** Seconds since 1970; undefined before the first frame. */
  readonly firstTime: number | undefined;
  readonly lastTime: number | undefined;
  readonly observations: Readonly<Record<'isakmp' | 'esp' | 'ah' | 'keepalive' | 'icmp', number>>;
  readonly conversations: readonly ConversationRow[];
  readonly ikeSas: readonly IkeSaRow[];
  readonly exchanges: readonly ExchangeRow[];
  readonly sas: readonly SaRow[];
  readonly failures: readonly FailureRow[];
  readonly peers: readonly PeerRow[];
  readonly findings: readonly Finding[];
  /** What was not read, and why: the most frames first. */
  readonly unread: readonly UnreadRow[];
  /** What was seen and has no row, since a list is full: by the list's name. */
  readonly beyondLimits: Readonly<Partial<Record<'conversations' | 'ikeSas' | 'exchanges' | 'sas' | 'unread', number>>>;
}

/** All that went between two addresses. */
export interface ConversationRow {
  readonly addresses: readonly [string, string];
  readonly firstTime: number;
  readonly lastTime: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly isakmp: number;
  readonly esp: number;
  readonly ah: number;
  readonly keepalive: number;
  readonly icmp: number;
  /** Octets of IKE, ESP and AH, from their first header on. */
  readonly octets: number;
}

export interface IkeSaRow {
  readonly version: 1 | 2;
  readonly initiatorCookie: string;
  /** Zeros until an answer came. */
  readonly responderCookie: string;
  /** Addresses, with ports where they first were; undefined where it does not show who is who. */
  readonly initiator: string | undefined;
  readonly responder: string | undefined;
  readonly conversation: number;
  readonly mode: 'main' | 'aggressive' | 'ikev2' | 'unknown';
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly messages: number;
  readonly retransmissions: number;
  /** What the responder has chosen; undefined where that was not captured. */
  readonly agreed: Phase1Row | undefined;
  /** As they were shown in clear, or decrypted. */
  readonly initiatorId: string | undefined;
  readonly responderId: string | undefined;
  /** Who is behind a NAT, by NAT-D (RFC 3947 §3.2); undefined where the payloads were not captured. */
  readonly nat: 'none' | 'initiator' | 'responder' | 'both' | undefined;
  /** What is known of its keys. */
  readonly keys: 'none' | 'encryption' | 'skeyid' | 'derived';
  readonly state: 'established' | 'failed' | 'begun' | 'middle';
  /** Encrypted messages, and how many of them were read. */
  readonly encrypted: number;
  readonly decrypted: number;
  /** In which frame either end has deleted it; undefined where no Delete was read. */
  readonly deletedFrame: number | undefined;
}

/** A transform of phase 1, by the registries' names. */
export interface Phase1Row {
  readonly encryption: string;
  readonly keyBits: number | undefined;
  readonly hash: string;
  readonly group: string;
  readonly authentication: string;
  readonly lifetimeSeconds: number | undefined;
  readonly lifetimeKilobytes: number | undefined;
}

export interface ExchangeRow {
  readonly ikeSa: number;
  /** For example `Main Mode`, `Quick Mode`, `CREATE_CHILD_SA`. */
  readonly name: string;
  readonly messageId: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly firstTime: number;
  readonly lastTime: number;
  /** Frames of its messages, repeated ones not: the first 16. */
  readonly frames: readonly number[];
  readonly messages: number;
  readonly retransmissions: number;
  /** `unanswered`: nothing came after the first message, or no answer to a question that asks for one; `one-way`: nobody needs to answer, or only one side was captured. */
  readonly outcome: 'complete' | 'unanswered' | 'incomplete' | 'one-way';
  /** What it was about, where it was read: `SAs 01020304 and 05060708`, `R-U-THERE 7, answered in frame 33`. */
  readonly about: string | undefined;
}

export interface SaRow {
  readonly protocol: 'esp' | 'ah';
  readonly spi: number;
  readonly source: string;
  readonly destination: string;
  readonly conversation: number;
  readonly encapsulation: 'ip' | 'udp' | 'tcp';
  /** Of ESP: AH is around it, as far as was seen or agreed on, and authenticates it. */
  readonly isInAh: boolean;
  /** The IKE SA under which it was agreed on, and its Quick Mode; -1 where that was not read. */
  readonly ikeSa: number;
  readonly exchange: number;
  /** Number of the SA in the other direction, and of the one that it renews; -1 where there is none. */
  readonly opposite: number;
  readonly replaces: number;
  /** As it was agreed on, or as the keys say. */
  readonly suite: string | undefined;
  readonly mode: 'tunnel' | 'transport' | undefined;
  readonly esn: boolean | undefined;
  /** What its receiver has told by REPLAY-STATUS (RFC 2407 §4.6.3.2); undefined where it told nothing that was read. */
  readonly antiReplay: boolean | undefined;
  /** In which frame its receiver has deleted it (RFC 2408 §3.15). */
  readonly deletedFrame: number | undefined;
  readonly pfsGroup: string | undefined;
  readonly lifetimeSeconds: number | undefined;
  readonly lifetimeKilobytes: number | undefined;
  /** Traffic selectors of Quick Mode, the initiator's side first. */
  readonly selectors: readonly [string, string] | undefined;
  readonly firstTime: number | undefined;
  readonly lastTime: number | undefined;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly packets: number;
  /** Octets from the SPI on. */
  readonly octets: number;
  /** Packets that were decrypted; of AH those whose ICV is right. */
  readonly opened: number;
  readonly innerOctets: number;
  readonly icvBad: number;
  readonly replayed: number;
  readonly late: number;
  /** Numbers below the highest, from the first captured on, that were not seen. */
  readonly lost: number;
  readonly lowestSequence: number;
  readonly highestSequence: number;
  readonly keys: 'none' | 'given' | 'derived';
}

export interface FailureRow {
  readonly ikeSa: number;
  readonly exchange: number;
  readonly frame: number;
  readonly time: number;
  /** One line. */
  readonly what: string;
  /** What it means, and at which side something is to be done: as `formatFailure` of `@espalier/ike` has it, `here` being the initiator. */
  readonly explanation: string;
}

/** What an end's vendor IDs say that it is. */
export interface PeerRow {
  readonly address: string;
  readonly implementation: string | undefined;
  /** Names, hexadecimal where it has none. */
  readonly vendorIds: readonly string[];
}

/** Something that should be otherwise. */
export interface Finding {
  readonly severity: 'high' | 'medium' | 'low';
  /** What it is about: an IKE SA or an SA by its number, and a name for people. */
  readonly about: 'ike-sa' | 'sa';
  readonly index: number;
  readonly subject: string;
  readonly what: string;
  /** For example `RFC 8247 §2.1`. */
  readonly clause: string;
  readonly remedy: string;
}

export interface UnreadRow extends Unread {
  /** Of what is incomplete: datagrams, or directions of TCP. */
  readonly frames: number;
  readonly octets: number;
  /** 0 of what is incomplete. */
  readonly firstFrame: number;
}
