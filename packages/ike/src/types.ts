import type { DhGroupNumber, Engine, EspKeys, EspSuite, HashName, Rng } from '@espalier/crypto';
import type { Duration, Identification, Instant, Spi } from '@espalier/wire';

/** A UDP end point; the address in its canonical text form. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** One phase 1 proposal (RFC 2409 Appendix A). */
export interface IkeProposal {
  readonly encryption: 'des-cbc' | '3des-cbc' | 'aes-cbc';
  /** For aes-cbc only: 16, 24 or 32. */
  readonly keyOctets?: 16 | 24 | 32;
  readonly hash: HashName;
  readonly group: DhGroupNumber;
  readonly authentication: 'pre-shared-key';
}

/** What one Quick Mode may agree on. */
export interface ChildPolicy {
  /** The caller's name for it; comes back in events. */
  readonly name: string;
  /** In order of preference. */
  readonly suites: readonly EspSuite[];
  /** Perfect forward secrecy: the group of the Quick Mode's own exchange. */
  readonly pfsGroup?: DhGroupNumber;
  readonly encapsulation: 'tunnel';
  readonly localIdentity: Identification;
  readonly remoteIdentity: Identification;
  /** Hard lifetime; the shorter of both sides' is used. */
  readonly lifetime: Duration;
  /** Hard lifetime in kilobytes (RFC 2407 §4.5), if any. */
  readonly lifetimeKilobytes?: number;
  /** Offer extended sequence numbers (RFC 4304). Default false. */
  readonly esn?: boolean;
}

/** One peer and what may be agreed with it. */
export interface PeerConfig {
  /** The caller's name for it; comes back in events. */
  readonly name: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Default: ID_IPV4_ADDR or ID_IPV6_ADDR of `local`. */
  readonly localIdentity?: Identification;
  /** Default: the address of `remote`. */
  readonly remoteIdentity?: Identification;
  /** Copied; wiped when the endpoint closes. */
  readonly preSharedKey: Uint8Array;
  readonly mode: 'main';
  readonly proposals: readonly IkeProposal[];
  readonly lifetime: Duration;
  readonly children: readonly ChildPolicy[];
  /**
   * RFC 3947. 'auto', the default: ESP goes in UDP where a NAT is found on the way, or where the peer says so. 'force':
   * this side claims to be behind a NAT, so that ESP goes in UDP in any case. 'off': nothing is said or looked for. A
   * peer that does not speak of NAT traversal gets plain ESP whatever stands here.
   */
  readonly natTraversal?: 'auto' | 'force' | 'off';
  /** Default: the peer is not probed. Its own probes are always answered. */
  readonly deadPeerDetection?: DeadPeerDetection;
}

/** When a peer is asked for a sign of life, and when it is taken for dead (RFC 3706). */
export interface DeadPeerDetection {
  /** Time without anything authentic from the peer, ESP included, after which it is probed. */
  readonly idle: Duration;
  /** Time between probes, and from the last one until the peer is dead. */
  readonly interval: Duration;
  /** How many more probes follow an unanswered first one. */
  readonly retries: number;
}

/** What an `IkeEndpoint` runs on, and whom it speaks with. */
export interface IkeEndpointConfig {
  /** Computes the Diffie-Hellman exchanges. */
  readonly engine: Engine;
  /** Source of cookies, nonces, SPIs, message IDs and private keys. */
  readonly rng: Rng;
  /** Of different names, and each at another pair of addresses. */
  readonly peers: readonly PeerConfig[];
  /** DES, MD5 and group 1 are a RangeError at construction unless named here. */
  readonly allowLegacy?: readonly ('des' | 'md5' | 'modp768')[];
  /** How long before the hard lifetime to rekey. Default: 135 s as initiator, 90 s as responder, as Junos does. */
  readonly softLifetime?: (hard: Duration, role: Role) => Duration;
  /** Is handed every key that is agreed on, for the eyes of a protocol analyser. What it throws reaches the caller. */
  readonly keyLog?: (entry: KeyLogEntry) => void;
}

/** A key of an SA, valid during the call only. */
export type KeyLogEntry =
  | {
      readonly kind: 'ike';
      /** Lower-case hexadecimal, 16 digits. */
      readonly initiatorCookie: string;
      readonly responderCookie: string;
      /** The key of the cipher (RFC 2409 Appendix B), as long as the cipher takes it. */
      readonly encryption: Uint8Array;
    }
  /** One direction of a child. */
  | {
      readonly kind: 'esp';
      /** Addresses of the gateways. */
      readonly source: string;
      readonly destination: string;
      readonly spi: Spi;
      readonly suite: EspSuite;
      readonly keys: EspKeys;
    };

/** Who began the exchange. */
export type Role = 'initiator' | 'responder';

/** One IKE SA as it is now, without keys. */
export interface IkeSaInfo {
  /** Name of the `PeerConfig`. */
  readonly peer: string;
  readonly role: Role;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Lower-case hexadecimal, 16 digits. */
  readonly initiatorCookie: string;
  /** Likewise; all zero until the responder has answered. */
  readonly responderCookie: string;
  /** `matured` once the peer is authenticated. */
  readonly state: 'matured' | 'not-matured';
  readonly exchange: 'main';
  /** This and the next four are undefined until the SA is matured. */
  readonly proposal: IkeProposal | undefined;
  readonly remoteIdentity: Identification | undefined;
  readonly establishedAt: Instant | undefined;
  /** When it is renewed. */
  readonly softExpiry: Instant | undefined;
  /** When it is deleted. */
  readonly hardExpiry: Instant | undefined;
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

/** One direction of a negotiated child SA. */
export interface ChildKeys {
  readonly spi: Spi;
  readonly encryption: Uint8Array;
  readonly salt: Uint8Array;
  readonly integrity: Uint8Array;
}

/** What a Quick Mode agreed on: all that is needed to build the pair of ESP SAs. */
export interface NegotiatedChild {
  readonly peer: string;
  /** Name of the `ChildPolicy`. */
  readonly policy: string;
  readonly role: Role;
  readonly suite: EspSuite;
  /** 'udp-tunnel': ESP goes in UDP between `local` and `remote` (RFC 3948); else `local` and `remote` are addresses only. */
  readonly encapsulation: 'tunnel' | 'udp-tunnel';
  readonly esn: boolean;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly localIdentity: Identification;
  readonly remoteIdentity: Identification;
  /** SPI chosen here. Keys are the receiver's to wipe. */
  readonly inbound: ChildKeys;
  /** SPI chosen by the peer. */
  readonly outbound: ChildKeys;
  readonly lifetime: Duration;
  readonly softLifetime: Duration;
  readonly lifetimeKilobytes: number | undefined;
  readonly establishedAt: Instant;
  readonly pfsGroup: DhGroupNumber | undefined;
  /** Inbound SPI of the child that this one renews. */
  readonly replaces: Spi | undefined;
}

/** A pair of child SAs as the endpoint holds it, without keys. */
export interface ChildInfo {
  readonly peer: string;
  /** Name of the `ChildPolicy`. */
  readonly policy: string;
  readonly role: Role;
  /** 'negotiated': it receives only; 'superseded': another one sends. */
  readonly state: 'negotiated' | 'established' | 'superseded';
  readonly inbound: Spi;
  readonly outbound: Spi;
  readonly softExpiry: Instant;
  readonly hardExpiry: Instant;
}

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

/** What happened to the SAs, for the caller to act upon. `reason` of a failure is for people. */
export type IkeEvent =
  /** Phase 1 is done, the peer authenticated. */
  | {
      readonly kind: 'ike-established';
      readonly ikeSa: IkeSaInfo;
      /** Initiator cookie of the SA that this one renews. */
      readonly replaces: string | undefined;
    }
  /** An SA that was established is no more. */
  | { readonly kind: 'ike-deleted'; readonly ikeSa: IkeSaInfo; readonly reason: DeleteReason }
  /** Phase 1 came to nothing. */
  | { readonly kind: 'ike-failed'; readonly peer: string; readonly role: Role; readonly reason: string }
  /** Responder, before message 2 leaves: open with it now, seal with it only once established. */
  | { readonly kind: 'child-negotiated'; readonly child: NegotiatedChild }
  /** Both directions are ready. For a responder the same `child` as in its 'child-negotiated'. */
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
  | { readonly kind: 'child-failed'; readonly peer: string; readonly policy: string; readonly reason: string }
  /** Behind its NAT the peer has another address or port now: whatever goes to it in UDP goes to `remote`. */
  | { readonly kind: 'peer-moved'; readonly peer: string; readonly local: Endpoint; readonly remote: Endpoint }
  /** The peer sent a notification; unless it is authenticated, anybody may have. */
  | {
      readonly kind: 'notified';
      readonly peer: string;
      readonly notifyType: number;
      readonly name: string;
      readonly authenticated: boolean;
    };

/** One UDP datagram to send. */
export interface Transmit {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** One ISAKMP message, after the non-ESP marker where `source` is port 4500; or a NAT keepalive, one octet 0xFF. */
  readonly octets: Uint8Array;
}

/** When to call `handleTimeout`; `reason` says to people what will be due. */
export interface Timeout {
  readonly at: Instant;
  readonly reason: string;
}

/** What became of one datagram. */
export type HandleResult = { readonly ok: true } | { readonly ok: false; readonly reason: IkeRefusal };

/** Closed union; listed once as a const array `IKE_REFUSALS` in refusals.ts. */
export type IkeRefusal = import('./refusals.ts').IkeRefusal;
