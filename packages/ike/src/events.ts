import type { DhGroupNumber } from '@espalier/crypto';
import type { Duration, Identification, Instant, OwnOctets, Spi } from '@espalier/wire';
import type { PrivateGroupNumber } from './configuration/private-groups.ts';
import type { FailureDetail } from './explain/detail.ts';
import type { ChildFailure, ConfigurationEnd, DeleteReason, GroupFailure, IkeFailure } from './failures.ts';
import type { PeerProfileName } from './peer/profiles/profiles.ts';
import type { IkeRefusal } from './refusals.ts';
import type { TimerReason } from './runtime/timers.ts';
import type { ChildState, IkeSaState } from './sa/life.ts';
import type { ChildProtection, ProtectionSpis } from './sa/protections.ts';
import type { Tolerance } from './tolerances.ts';
import type {
  AssignedConfiguration,
  ChildIdentities,
  Endpoint,
  ExchangeMode,
  IkeProposal,
  IpsecMode,
  Role,
} from './types.ts';
import type { OriginalAddresses } from './v1/quick-mode/transport.ts';

/** One IKE SA as it is now, without keys. */
export interface IkeSaInfo {
  /** Name of the `PeerConfig`; of a template's peers each has its identity in its name. */
  readonly peer: string;
  readonly role: Role;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Lower-case hexadecimal, 16 digits. */
  readonly initiatorCookie: string;
  /** Likewise; all zero until the responder has answered. */
  readonly responderCookie: string;
  /** 'ready' once children can be negotiated under it; 'retired' once another has taken over. */
  readonly state: IkeSaState;
  readonly exchange: ExchangeMode;
  /** This and the next four are undefined until the peer is authenticated. */
  readonly proposal: IkeProposal | undefined;
  readonly remoteIdentity: Identification | undefined;
  /** Whom XAuth has proved the peer to be; undefined without XAuth, and where this side is the user. */
  readonly user: string | undefined;
  readonly establishedAt: Instant | undefined;
  /** When it is renewed. */
  readonly softExpiry: Instant | undefined;
  /** When it is deleted. */
  readonly hardExpiry: Instant | undefined;
  /**
   * After how many kilobytes of what it protects it is deleted, in both directions together (RFC 2409 Appendix A); it is renewed
   * before. Absent where the peer has not said so.
   */
  readonly lifetimeKilobytes?: number;
  /** Octets of ISAKMP messages that were taken, repetitions included. */
  readonly octetsIn: number;
  /** Octets of ISAKMP messages that were sent, repetitions included. */
  readonly octetsOut: number;
  /** Messages that were taken. */
  readonly packetsIn: number;
  /** Messages that were sent. */
  readonly packetsOut: number;
  /** Pairs of child SAs that its Quick Modes made. */
  readonly childrenCreated: number;
  /** Pairs of child SAs that were deleted while it was the newest SA with the peer. */
  readonly childrenDeleted: number;
  readonly quickModesInProgress: number;
}

/** What a Quick Mode agreed on: all that is needed to build its SAs in both directions. */
export interface NegotiatedChild {
  readonly peer: string;
  /** Name of the template that the peer is one of, if any. */
  readonly template: string | undefined;
  /** Whom the peer has proved to be. */
  readonly peerIdentity: Identification;
  /** Name of the `ChildPolicy`. */
  readonly policy: string;
  readonly role: Role;
  readonly mode: IpsecMode;
  /** ESP goes in UDP between `local` and `remote` (RFC 3948); else `local` and `remote` are addresses only. */
  readonly inUdp: boolean;
  /**
   * Eight zero octets stand in front of ESP in UDP, which goes between the same ports as IKE: so the drafts 00 and 01 of NAT
   * traversal have it (draft-ietf-ipsec-udp-encaps-01 §2). Absent everywhere else.
   */
  readonly nonIkeMarker?: true;
  /** In the order in which a packet that leaves gets them; one that arrives sheds them in the opposite order. */
  readonly protections: readonly ChildProtection[];
  /** Of every protection that has sequence numbers. */
  readonly esn: boolean;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly localIdentity: Identification;
  readonly remoteIdentity: Identification;
  /**
   * Of transport mode in UDP, where the peer told them: from where to where its packets go as it sends them, and as their
   * checksums have it (RFC 3948 §3.1.2).
   */
  readonly originalAddresses: OriginalAddresses | undefined;
  /** SPI chosen here, of ESP and of AH alike: it names the child in events and calls. */
  readonly inbound: Spi;
  /** SPI chosen by the peer, of ESP if there is ESP, else of AH. */
  readonly outbound: Spi;
  readonly lifetime: Duration;
  readonly softLifetime: Duration;
  readonly lifetimeKilobytes: number | undefined;
  readonly establishedAt: Instant;
  readonly pfsGroup: DhGroupNumber | PrivateGroupNumber | undefined;
  /** Inbound SPI of the child that this one renews. */
  readonly replaces: Spi | undefined;
}

/** The SAs of a child, in both directions, as the endpoint holds them, without keys. */
export interface ChildInfo {
  readonly peer: string;
  /** Name of the `ChildPolicy`. */
  readonly policy: string;
  readonly role: Role;
  /** 'negotiated': it receives only; 'superseded': another one sends. */
  readonly state: ChildState;
  /** As in `NegotiatedChild`. */
  readonly inbound: Spi;
  readonly outbound: Spi;
  readonly protections: readonly ProtectionSpis[];
  readonly softExpiry: Instant;
  readonly hardExpiry: Instant;
}

/** What happened to the SAs, for the caller to act upon. `formatFailure` says of a failure what people want to know. */
export type IkeEvent =
  /** Phase 1 is done, the peer authenticated, and XAuth and Mode Config passed, where there is any. */
  | {
      readonly kind: 'ike-established';
      readonly ikeSa: IkeSaInfo;
      /** Initiator cookie of the SA that this one renews. */
      readonly replaces: string | undefined;
    }
  /** An SA that was established is no more. */
  | { readonly kind: 'ike-deleted'; readonly ikeSa: IkeSaInfo; readonly reason: DeleteReason }
  /** Phase 1 came to nothing. */
  | IkeFailedEvent
  /** As responder: a message with which the peer, or somebody in its name, negotiates was refused. */
  | NegotiationRefusedEvent
  /**
   * Open with it now, seal with it only once established. Responder: before message 2 leaves. Initiator: where another
   * sends still, before message 3 leaves.
   */
  | { readonly kind: 'child-negotiated'; readonly child: NegotiatedChild }
  /** Both directions are ready. The same `child` as in its 'child-negotiated', where there was one. */
  | { readonly kind: 'child-established'; readonly child: NegotiatedChild }
  /** Both directions are to be taken out of use. */
  | {
      readonly kind: 'child-deleted';
      readonly peer: string;
      readonly policy: string;
      readonly inbound: Spi;
      readonly outbound: Spi;
      readonly reason: DeleteReason;
    }
  /** `by` sends from now on; this one still receives until it is deleted, and sends again if nothing else is left. */
  | {
      readonly kind: 'child-superseded';
      readonly peer: string;
      readonly policy: string;
      readonly inbound: Spi;
      readonly outbound: Spi;
      readonly by: Spi;
    }
  /** A Quick Mode came to nothing. */
  | ChildFailedEvent
  /** Under the IKE SA with this initiator cookie both sides know a group by this number, until it ends (RFC 2409 §5.6). */
  | {
      readonly kind: 'group-agreed';
      readonly peer: string;
      readonly initiatorCookie: string;
      readonly number: PrivateGroupNumber;
      readonly role: Role;
    }
  /** Nothing came of a group that this side asked for. */
  | {
      readonly kind: 'group-failed';
      readonly peer: string;
      readonly number: PrivateGroupNumber;
      readonly reason: GroupFailure;
    }
  /**
   * Mode Config: as client, what the gateway has assigned to this side; as gateway, what the peer has now. Of the same addresses
   * as before: they are renewed, and what is told with them is as it is told now.
   */
  | {
      readonly kind: 'configured';
      readonly peer: string;
      readonly side: 'client' | 'gateway';
      readonly configuration: AssignedConfiguration;
    }
  /** It is the client's no more; `reason`: why. As client, no child is left for an address that has expired, and no IKE SA. */
  | {
      readonly kind: 'configuration-ended';
      readonly peer: string;
      readonly side: 'client' | 'gateway';
      readonly configuration: AssignedConfiguration;
      readonly reason: ConfigurationEnd;
    }
  /** As client: the gateway is too busy, and names another one (Cisco's LOAD-BALANCE), with which this side begins anew. */
  | { readonly kind: 'redirected'; readonly peer: string; readonly local: Endpoint; readonly remote: Endpoint }
  /** Behind its NAT the peer has another address or port now: whatever goes to it in UDP goes to `remote`. */
  | { readonly kind: 'peer-moved'; readonly peer: string; readonly local: Endpoint; readonly remote: Endpoint }
  /** What the peer's vendor IDs say that it is, for people: told once, and again when they say otherwise. */
  | {
      readonly kind: 'implementation-known';
      readonly peer: string;
      readonly implementation: string;
      /** The profile that is made for it, if there is one: it is not used unless it is configured. */
      readonly profile: PeerProfileName | undefined;
    }
  /** Something was taken of a peer that an RFC has otherwise: told once of each peer, and counted by the endpoint. */
  | {
      readonly kind: 'tolerated';
      readonly peer: string;
      readonly local: Endpoint;
      readonly remote: Endpoint;
      readonly tolerance: Tolerance;
    }
  /** The peer sent a notification; unless it is authenticated, anybody may have. */
  | {
      readonly kind: 'notified';
      readonly peer: string;
      readonly notifyType: number;
      readonly name: string;
      readonly authenticated: boolean;
      /** How many like this one, not authenticated, were not told since the last that was. */
      readonly suppressed: number;
    };

export interface IkeFailedEvent {
  readonly kind: 'ike-failed';
  readonly peer: string;
  readonly role: Role;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly reason: IkeFailure;
  /** What came and what is configured, as far as something came. */
  readonly detail: FailureDetail | undefined;
  /** As responder: how many like this one were not told since the last that was. */
  readonly suppressed: number;
}

export interface ChildFailedEvent {
  readonly kind: 'child-failed';
  readonly peer: string;
  readonly policy: string;
  /** 1: there was no IKE SA to negotiate it with; an 'ike-failed' says more. */
  readonly phase: 1 | 2;
  readonly reason: ChildFailure;
  readonly detail: FailureDetail | undefined;
  /** What it was to be for, where the policy leaves that open. */
  readonly identities?: ChildIdentities;
}

/**
 * Told at once, and then once in a while for each peer, or address that is no peer's, and reason; in all so many in a
 * while. Nobody need exist behind it: in phase 1 anybody can send what is refused.
 */
export interface NegotiationRefusedEvent {
  readonly kind: 'negotiation-refused';
  /** Who it most likely is; undefined where nobody is configured there. */
  readonly peer: string | undefined;
  readonly phase: 1 | 2;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly reason: IkeRefusal;
  readonly detail: FailureDetail | undefined;
  /** How many like this one were not told since the last that was; of strangers: how many of all strangers. */
  readonly suppressed: number;
}

/** One UDP datagram to send. */
export interface Transmit {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /**
   * One ISAKMP message, after the non-ESP marker where `source` is port 4500; or a NAT keepalive, one octet 0xFF. The caller's own:
   * what becomes of them changes no repetition.
   */
  readonly octets: OwnOctets;
}

/** When to call `handleTimeout`; `reason` says to people what will be due. */
export interface Timeout {
  readonly at: Instant;
  readonly reason: TimerReason;
}

/** What became of one datagram. */
export type HandleResult = { readonly ok: true } | { readonly ok: false; readonly reason: IkeRefusal };
