import type { DhGroupNumber, DhKeyPair, Engine, Rng } from '@espalier/crypto';
import { type Duration, EXCHANGE, type HeaderFields, type Identification } from '@espalier/wire';
import type { AwaitsAnswer, AwaitsMessage, FirstStep, Heeded, OpenedMessage, Step } from '../../exchange/state.ts';
import type { NatFindings, NatTraversal } from '../../nat/discovery.ts';
import type { Terms } from '../../terms.ts';
import type { ExchangeMode, IkeEndpointConfig, IkeProposal, ModeConfig, PeerConfig, Role, XAuth } from '../../types.ts';
import type { Proof } from '../authentication/proof.ts';
import type { Cookies } from '../cookies.ts';
import type { PeerIdentity } from '../identities.ts';
import type { Lifetimes } from '../informational/responder-lifetime.ts';
import type { IkeKeys } from '../protection.ts';

/** What a phase 1 with one peer is run with, whatever its exchange. */
export interface Phase1Context {
  readonly engine: Engine;
  readonly rng: Rng;
  /** Name of the `PeerConfig`. */
  readonly peer: string;
  readonly proposals: readonly IkeProposal[];
  readonly lifetime: Duration;
  readonly lifetimeKilobytes?: number | undefined;
  readonly localIdentity: Identification;
  /** Whom the peer may say it is. */
  readonly remoteIdentity: PeerIdentity;
  /** Whether nobody has said who the peer is but by its address. */
  readonly isKnownByAddress: boolean;
  readonly preSharedKey: PeerConfig['preSharedKey'];
  readonly xauth?: XAuth | undefined;
  readonly modeConfig?: ModeConfig | undefined;
  readonly credentials?: PeerConfig['credentials'];
  /** Whether there may be public-key work for an initiator that may have forged its address; it counts as done. */
  readonly maySign?: () => boolean;
  /** Whether RSA keys below 2048 bits are allowed by name. */
  readonly allowsShortRsa?: boolean;
  readonly nonceOctets: number;
  readonly terms: Terms;
  /** A key pair that half-open IKE SAs share: no key exchange is done for who has not answered yet. */
  readonly sharedKeyPair: (group: DhGroupNumber) => DhKeyPair;
  /** Whether to say, as initiator, that no SA with the peer is left from before (RFC 2407 §4.6.3.3). */
  readonly initialContact: () => boolean;
  /** Undefined where fragments are neither sent nor taken. */
  readonly fragmentOctets?: number | undefined;
  /** Undefined where NATs are not looked for. */
  readonly natTraversal?: NatTraversal | undefined;
  readonly keyLog?: IkeEndpointConfig['keyLog'];
}

/** What every state of phase 1 knows. */
interface Phase1Knowledge {
  /** Zero what is not known yet. */
  readonly cookies: Cookies;
  /** Where ESP is to go in UDP: then the awaited message comes to port 4500, and so does the one after it. */
  readonly nat?: NatFindings | undefined;
  /** Whether the peer has shown that it is reached at its address: it has answered what was sent there. */
  readonly isReached: boolean;
  /** Whether the awaited message may come to port 4500, by way of a NAT that nothing is known of yet. */
  readonly mayFloat?: boolean;
  /** Name of the peer whose shared key opens the awaited message, or is proved by it. */
  readonly keyOf?: string;
}

/** A message in clear that proved the peer, as it came first and as it comes again, and what came of the first. */
export interface Reading {
  readonly opened: OpenedMessage;
  readonly again: OpenedMessage;
  readonly sa: Established;
  readonly answered: Uint8Array | undefined;
}

/** What an IKE SA is if what proved the peer came altered, and this message is as it was sent. */
export interface Retaken {
  readonly sa: Established;
  readonly reply: Uint8Array | undefined;
}

export interface Phase1MessageState extends AwaitsMessage<Phase1State, Established>, Phase1Knowledge {
  /** What tells a peer that it is refused that is done with its message, of which this is the last block. */
  farewell?(lastBlock: Uint8Array): Uint8Array;
  /** What the message says beside what proves the peer. `before`: the same as it came first, one of them altered. */
  found?(message: OpenedMessage, before: OpenedMessage): Pick<Established, 'nat' | 'initialContact'>;
  /** What the message that proved the peer, and comes again in clear, may be instead. @throws Refusal */
  readonly reread?: (reading: Reading) => Retaken;
}
export interface Phase1AnswerState extends AwaitsAnswer<Phase1State, Established>, Phase1Knowledge {
  /** Whether the peer has proved who it is: then nobody else's message can be in the place of its own. */
  readonly isProved?: boolean;
  /** What tells a peer that is done with phase 1 that it ends there; undefined where the peer still waits. */
  readonly farewell?: () => Uint8Array;
}
export type Phase1State = Phase1MessageState | Phase1AnswerState;
export type Phase1Step = Step<Phase1State, Established>;
export type HeededPhase1Step = Heeded<Phase1State, Established>;
export type FirstPhase1Step = FirstStep<Phase1State, Established>;

/** What phase 1 settles: an IKE SA with a peer that has proved who it is. */
export interface Established {
  readonly cookies: Cookies;
  readonly role: Role;
  readonly mode: ExchangeMode;
  /** Name of the `PeerConfig` whose it is. */
  readonly peer: string;
  readonly proposal: IkeProposal;
  readonly keys: IkeKeys;
  /** The last block of ciphertext of phase 1, or its first IV: phase 2 takes its IVs from it (RFC 2409 Appendix B). */
  readonly lastBlock: Uint8Array;
  readonly proof: Proof;
  readonly lifetime: Duration;
  /** Of what it protects, if anybody has set bounds to that. */
  readonly kilobytes: number | undefined;
  /** Lifetimes of ours that are the shorter, of which the peer does not know. */
  readonly news: Lifetimes;
  /** Whether the peer said that it has no other SA with us. */
  readonly initialContact: boolean;
  /** Whether this side is still to say so: Aggressive Mode itself does not protect it (RFC 2407 §4.6.3). */
  readonly tellsInitialContact: boolean;
  /** Undefined where ESP goes as it is. */
  readonly nat: NatFindings | undefined;
  /** Whether the peer answers R-U-THERE (RFC 3706 §5.1). */
  readonly deadPeerDetection: boolean;
  readonly terms: Terms;
  /** What the peer most likely is, for people; undefined where its vendor IDs do not tell. */
  readonly implementation: string | undefined;
  /** Whether the peer speaks of Cisco's Unity. */
  readonly unity: boolean;
  readonly xauth: XAuth | undefined;
  readonly modeConfig: ModeConfig | undefined;
}

/** The header of a message of phase 1, in clear. */
export function phase1Header(mode: ExchangeMode, cookies: Cookies): HeaderFields {
  return {
    initiatorCookie: cookies.initiator,
    responderCookie: cookies.responder,
    exchange: EXCHANGE[mode],
    flags: 0,
    messageId: 0,
  };
}
