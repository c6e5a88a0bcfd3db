import type {
  AhSuite,
  DhGroupNumber,
  Engine,
  EspKeys,
  EspSuite,
  HashName,
  PrivateGroup,
  PrivateKey,
  PublicKey,
  Rng,
} from '@espalier/crypto';
import type { CertificatePayload, CertificateRequestPayload, Duration, Identification, Spi } from '@espalier/wire';
import type { PrivateGroupNumber } from './configuration/private-groups.ts';
import type { PeerProfileName } from './peer/profiles/profiles.ts';
import type { PeerTolerance } from './tolerances.ts';

/** A UDP end point; the address in its canonical text form. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** How a phase 1 is signed (RFC 2409 §5.1, RFC 4754). */
export type SignatureMethod = 'rsa-signature' | 'ecdsa-256' | 'ecdsa-384' | 'ecdsa-521';

/**
 * How both sides prove who they are: by a key that they share, or each by a signature (RFC 2409 §5, RFC 4754). 'xauth-…':
 * before one of both sides, in this role, is asked who its user is (draft-beaulieu-ike-xauth-02 §7). 'hybrid-…': likewise,
 * and that side proves nothing before; the other one signs (draft-ietf-ipsec-isakmp-hybrid-auth-05).
 */
export type AuthenticationName =
  | 'pre-shared-key'
  | 'xauth-initiator-pre-shared-key'
  | 'xauth-responder-pre-shared-key'
  | 'xauth-initiator-rsa-signature'
  | 'xauth-responder-rsa-signature'
  | 'hybrid-initiator-rsa-signature'
  | 'hybrid-responder-rsa-signature'
  | SignatureMethod;

/** One phase 1 proposal (RFC 2409 Appendix A). */
export interface IkeProposal {
  readonly encryption: 'des-cbc' | '3des-cbc' | 'aes-cbc' | 'camellia-cbc';
  /** For AES and Camellia only: 16, 24 or 32. */
  readonly keyOctets?: 16 | 24 | 32;
  readonly hash: HashName;
  /**
   * The pseudo-random function, where it is not the HMAC of `hash`. IANA has no number of IKEv1 for it (RFC 6071 §5.5): both
   * sides must know 65001 for AES-XCBC-PRF-128 (RFC 4434), of the range for private use.
   */
  readonly prf?: 'aes-xcbc';
  readonly group: DhGroupNumber;
  readonly authentication: AuthenticationName;
}

/** How a user is asked for who they are (draft-beaulieu-ike-xauth-02 §6.1). */
export type XAuthType = 'generic' | 'radius-chap' | 'otp' | 's/key';

/** What a user is asked for (draft-beaulieu-ike-xauth-02 §6). */
export type Credential = 'user-name' | 'password' | 'passcode' | 'next-pin' | 'reply' | 'domain';

/** XAuth with a peer, where the authentication method of a proposal asks for it: this side is a user, or asks who it is. */
export type XAuth = XAuthUser | XAuthGateway;

/** This side is a user, who is asked. */
export interface XAuthUser {
  readonly side: 'user';
  /** With `password` it is answered at once; else each time the caller is asked (`credentials`). */
  readonly userName?: string;
  /** At least 1 octet: copied, and wiped when the peer is removed or the endpoint closes. */
  readonly password?: Uint8Array;
  /**
   * Whether XAuth and Mode Config are done again for an IKE SA that takes over from another. Default true. Cisco's gateways
   * do without. Of a hybrid method they are always: false beside one is a RangeError.
   */
  readonly onRenewal?: boolean;
}

/** This side asks who the user is; the caller judges the credentials (`verify-credentials`). Every proposal has to ask: else a RangeError. */
export interface XAuthGateway {
  readonly side: 'gateway';
  /** Default 'generic'. */
  readonly type?: XAuthType;
  /** What is asked for first. Default: user name and password. */
  readonly asks?: readonly Credential[];
  /** What people are told when they are asked: at most 255 octets. */
  readonly message?: string;
  /** How often wrong credentials may be given. Default 3. */
  readonly attempts?: number;
  /**
   * Whether an IKE SA that takes over from another asks again. Default true. false: whoever proves the same identity in phase 1
   * by the same method, and comes from the address and port where a user is, takes over from that user. With a key that a
   * group shares that is anybody of the group at the same address and port. In a hybrid method a user proves nothing in
   * phase 1, and is always asked: false beside one is a RangeError.
   */
  readonly onRenewal?: boolean;
}

/** Who has an address inside from whom, and how it is told (draft-dukes-ike-mode-cfg-02 §3). */
export interface ModeConfig {
  /** 'client': this side is given one; 'gateway': it gives one, which the caller says (`lease`). */
  readonly side: 'client' | 'gateway';
  /** 'pull': the client asks; 'push': the gateway tells without being asked. Default 'pull'. */
  readonly method?: 'pull' | 'push';
  /** Families of addresses, of the client what it asks for. Default: IPv4. */
  readonly families?: readonly ('ipv4' | 'ipv6')[];
  /** What the client says of itself: at most 255 characters of ASCII. */
  readonly applicationVersion?: string;
}

/** What a client has inside. */
export interface AssignedConfiguration {
  /** At most one of each family; at least one. */
  readonly addresses: readonly string[];
  /** Of the IPv4 address, for example `255.255.255.0`. */
  readonly netmask?: string;
  /**
   * For how many seconds: a client asks anew before they are over, and then does not use the addresses any more. A gateway is
   * asked for a lease again (`lease`, with what is held among its wishes) when the client comes; what a client has that does
   * not come stays its own until its last SA ends.
   */
  readonly expirySeconds?: number;
  readonly dns?: readonly string[];
  /** NetBIOS name servers. */
  readonly nbns?: readonly string[];
  readonly dhcp?: readonly string[];
  /** Prefixes behind the gateway. */
  readonly subnets?: readonly string[];
  readonly applicationVersion?: string;
  /** What follows is Cisco's Unity: told to whom speaks of it. */
  readonly banner?: string;
  readonly savePassword?: boolean;
  readonly domain?: string;
  /** Domains that are asked for inside. */
  readonly splitDns?: readonly string[];
  /** IPv4 prefixes that go through the tunnel; without any, everything does. */
  readonly splitInclude?: readonly string[];
  /** IPv4 prefixes that do not. */
  readonly splitExclude?: readonly string[];
  readonly pfsGroup?: number;
  readonly natTraversalPort?: number;
  /** Addresses or names. */
  readonly backupServers?: readonly string[];
}

/** The exchanges of phase 1 (RFC 2409 §5). */
export type ExchangeMode = 'main' | 'aggressive';

/** What a child may be for at one of its ends. */
export type ClientIdentity = Identification | IdentityPattern | 'any' | 'assigned';

/**
 * Addresses, subnets and ranges of which every address is one of these, for the same protocol and port; protocol 0 is
 * any, and port 0 (RFC 2407 §4.6.2).
 */
export interface IdentityPattern {
  readonly within: readonly Identification[];
}

/** What the SAs of a child carry: whole packets, or what gateways say to each other themselves (RFC 4301 §4.1). */
export type IpsecMode = 'tunnel' | 'transport';

/**
 * Protocols that are wanted together, each in order of preference: ESP, AH or both (RFC 2401 §4.3), and IPComp beside
 * them (RFC 3173). A packet that leaves is compressed, then encrypted, then covered by AH.
 */
export interface ProtectionBundle {
  readonly ipcomp?: 'deflate';
  readonly esp?: readonly EspSuite[];
  readonly ah?: readonly AhSuite[];
}

/** What one child is for: where a policy leaves that open, one of all that lie within it. */
export interface ChildIdentities {
  readonly localIdentity: Identification;
  readonly remoteIdentity: Identification;
}

/** What one Quick Mode may agree on. */
export interface ChildPolicy {
  /** The caller's name for it; comes back in events. */
  readonly name: string;
  /** ESP alone, in order of preference; may be empty where there are bundles. */
  readonly suites: readonly EspSuite[];
  /** In order of preference, before `suites`. Those with AH are left out where there is a NAT (RFC 3947). */
  readonly bundles?: readonly ProtectionBundle[];
  /**
   * Perfect forward secrecy: the group of the Quick Mode's own exchange. One for private use (`privateGroupNumber`) must have
   * been agreed on under the IKE SA before (`newGroup`).
   */
  readonly pfsGroup?: DhGroupNumber | PrivateGroupNumber;
  /**
   * Default 'tunnel'. In transport mode each identity is the address of a gateway itself, for any protocol and port or
   * for one; of a gateway behind a NAT, what it takes for its address (RFC 3947 §5.2), or what is seen here in its place.
   */
  readonly mode?: IpsecMode;
  /**
   * 'any': whatever the peer asks for; or whatever lies within others. Such a child can be answered, and not begun.
   * 'assigned': the address that Mode Config gives to this end, of the family of the other end where that says one. What
   * the peer asks for may then be narrower than the other end's identity.
   */
  readonly localIdentity: ClientIdentity;
  /** Likewise. */
  readonly remoteIdentity: ClientIdentity;
  /** Hard lifetime; the shorter of both sides' is used. */
  readonly lifetime: Duration;
  /** Hard lifetime in kilobytes (RFC 2407 §4.5), if any. */
  readonly lifetimeKilobytes?: number;
  /** Offer extended sequence numbers (RFC 4304). Default false. */
  readonly esn?: boolean;
  /** What the peer is told, as responder, of anti-replay at this end (RFC 2407 §4.6.3.2). Default: nothing, as most do. */
  readonly replayStatus?: ReplayStatus;
}

/** Whether what is received is checked for replays. */
export type ReplayStatus = 'enabled' | 'disabled';

/** Where the peers of a template may come from. */
export interface RemotePattern {
  /** 'any', or addresses and prefixes such as `198.51.100.0/24`. */
  readonly addresses: 'any' | readonly string[];
}

/**
 * What becomes of a peer's lifetimes beside ours, in both phases. 'claim', the default: the shorter is used, and the peer
 * told if that is ours; 'obey': the peer's is used, whatever it is; 'strict': one longer than ours is refused; 'exact': any
 * other than ours is. So of those in kilobytes too.
 */
export type LifetimeCheck = 'obey' | 'strict' | 'claim' | 'exact';

/** One peer and what may be agreed with it, or a template of peers: an entry of the PAD (RFC 4301 §4.4.3). */
export interface PeerConfig {
  /** The caller's name for it; comes back in events. */
  readonly name: string;
  readonly local: Endpoint;
  /** Where the peer is; or, for a template of any number of peers, where they may come from. */
  readonly remote: Endpoint | RemotePattern;
  /** Default: ID_IPV4_ADDR or ID_IPV6_ADDR of `local`. */
  readonly localIdentity?: Identification;
  /**
   * Whom the peer may say it is: one identity, one of several, or anybody who has the key. Each identity that a template
   * meets is a peer of its own. Default: the address of `remote`; 'any' for a template.
   */
  readonly remoteIdentity?: Identification | readonly Identification[] | 'any';
  /**
   * At least 1 octet: copied, and wiped when the peer is removed or the endpoint closes. 'ask': each negotiation asks
   * for the key (`pollQuestion`). Needed where a proposal authenticates by it.
   */
  readonly preSharedKey?: Uint8Array | 'ask';
  /** Signatures of both sides. Needed where a proposal authenticates by them. */
  readonly credentials?: Credentials;
  /** One key for whoever comes from anywhere in a template's addresses: a RangeError unless it is asked for. */
  readonly allowWildcardKey?: boolean;
  /**
   * How this side begins, and what it answers (RFC 2409 §5.4). 'aggressive' gives away enough to guess a weak key
   * off-line to whoever asks. Default 'main'.
   */
  readonly mode?: ExchangeMode;
  /** In Aggressive Mode all of one group; of a template of any, of which what this side begins has the first alone. */
  readonly proposals: readonly IkeProposal[];
  readonly lifetime: Duration;
  /**
   * Hard lifetime of an IKE SA in kilobytes of what it protects, both ways together, 32 to 2^32 - 1 (RFC 2409 Appendix A): it is
   * renewed before they are used up. Default: none but what the peer has.
   */
  readonly lifetimeKilobytes?: number;
  readonly children: readonly ChildPolicy[];
  /**
   * RFC 3947. 'auto', the default: ESP goes in UDP where a NAT is found on the way, or where the peer says so. 'force':
   * this side claims to be behind a NAT, so that ESP goes in UDP in any case. 'off': nothing is said or looked for. A
   * peer that does not speak of NAT traversal gets plain ESP whatever stands here.
   */
  readonly natTraversal?: 'auto' | 'force' | 'off';
  /**
   * What is spoken of for that, in order of preference; at least one. Default: RFC 3947 and the drafts 03 and 02, and the drafts
   * 08 to 04, 01 and 00 in answer to a peer that speaks of nothing else. With the last two ESP comes to port 500: see
   * `NegotiatedChild.nonIkeMarker`.
   */
  readonly natTraversalForms?: readonly NatTraversalForm[];
  /** Where a proposal's authentication is 'xauth-…'. Default: the caller is asked for credentials, or for a verdict. */
  readonly xauth?: XAuth;
  /** Default: nobody is given an address, and nobody gives one. */
  readonly modeConfig?: ModeConfig;
  /**
   * The largest message, in octets, that goes whole to a peer that takes fragments (Cisco's fragmentation), 128 to 65535.
   * Default 1228, which fits wherever IPv6 does. 'off': fragments are neither sent nor taken.
   */
  readonly fragmentOctets?: number | 'off';
  /** Default: the peer is not probed. Its own probes are always answered. */
  readonly deadPeerDetection?: DeadPeerDetection;
  /**
   * How often in a row, 0 to 30, IKE is begun with the peer because ESP or AH came from its address with an SPI that nobody
   * has, while there is no IKE SA to say so under: as after a restart of this side. Every five seconds at most. Default 0.
   */
  readonly unknownSpiResponses?: number;
  /**
   * What becomes of the children when the last IKE SA with the peer ends by its lifetime or is deleted by the peer.
   * 'dangling', the default: they last as long as they last, and are renewed under a new one. 'continuous': they end with it.
   */
  readonly channel?: 'dangling' | 'continuous';
  /** What is known of the peer's implementation: docs/reference/peer-profiles.md. What stands here comes before it. */
  readonly profile?: PeerProfileName;
  /** What is taken of the peer though an RFC has it otherwise: everything but what is `false` here, or in the profile. */
  readonly tolerances?: Partial<Record<PeerTolerance, boolean>>;
  readonly lifetimeCheck?: LifetimeCheck;
  /**
   * Whether, as responder, message 2 of Quick Mode has the commit bit, and message 3 is answered with CONNECTED, before which
   * the peer sends nothing (RFC 2408 §3.1). A peer's is heeded whatever stands here, for five seconds. Default false.
   */
  readonly commitBit?: boolean;
  /**
   * Groups that the peer may give a number under an IKE SA (New Group Mode, RFC 2409 §5.6): 1 to 8, each named by its prime and
   * generator, as both ends have settled on it beforehand. Default: none, so that every other is refused.
   */
  readonly acceptedGroups?: readonly PrivateGroup[];
  /** Whether a peer's lifetime below 60 s is taken for 60 s, which is the default, or refused. */
  readonly shortLifetimes?: 'raise' | 'refuse';
}

/** A published form of NAT traversal: RFC 3947, or draft-ietf-ipsec-nat-t-ike-08 to -00. */
export type NatTraversalForm =
  | 'rfc-3947'
  | 'draft-08'
  | 'draft-07'
  | 'draft-06'
  | 'draft-05'
  | 'draft-04'
  | 'draft-03'
  | 'draft-02'
  | 'draft-01'
  | 'draft-00';

/** A certificate as it is sent: its encoding (`CERT_ENCODING`) and its octets (RFC 2408 §3.9). */
export type Certificate = Omit<CertificatePayload, 'kind'>;

/** For what certificates the peer asks: their encoding, and whose they are to be; 0 octets: anybody's (RFC 2408 §3.10). */
export type CertificateRequest = Omit<CertificateRequestPayload, 'kind'>;

/** By what this side signs, and by what the peer's signatures are verified (RFC 2409 §5.1). */
export interface Credentials {
  /**
   * Signs for this side: of the kind that every signature method of the proposals needs. Copied, and wiped when the peer
   * is removed or the endpoint closes. 'ask': each negotiation asks for its signature (`sign`). The user of a hybrid method
   * signs nothing and may leave it out; nobody else may.
   */
  readonly privateKey?: PrivateKey | 'ask';
  /** Go with a signature of `privateKey`, in this order: this side's own first. Default: none. */
  readonly certificates?: readonly Certificate[];
  /** Whether they go where the peer has not asked for any, or even where it has. Default 'if-asked'. */
  readonly sendCertificates?: 'always' | 'if-asked' | 'never';
  /**
   * Verifies what the peer signs, and says that it is the one of `remoteIdentity`. 'ask': each negotiation asks whose key
   * to use, with the certificates that came (`verify-chain`).
   */
  readonly remoteKey: PublicKey | 'ask';
  /** What the peer is asked for. Default: a certificate of anybody's where `remoteKey` is 'ask', else nothing. */
  readonly requests?: readonly CertificateRequest[];
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
  /** Of different names, and such that one can be told from the other. Default: none. */
  readonly peers?: readonly PeerConfig[];
  /** DES, MD5, the groups 1, 22 and 24, and RSA keys below 2048 bits are a RangeError at construction unless named here. */
  readonly allowLegacy?: readonly ('des' | 'md5' | 'modp768' | 'modp1024s160' | 'modp2048s256' | 'rsa1024')[];
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
      /** What was agreed on. */
      readonly proposal: IkeProposal;
      /** The key of the cipher (RFC 2409 Appendix B), as long as the cipher takes it. */
      readonly encryption: Uint8Array;
      /** What follows are copies, overwritten after the call. SKEYID (RFC 2409 §5): with it HASH_I and HASH_R are made. */
      readonly skeyid: Uint8Array;
      /** SKEYID_d: with it the keys of children are. */
      readonly skeyidD: Uint8Array;
      /** SKEYID_a: with it the hashes of phase 2 are. */
      readonly skeyidA: Uint8Array;
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
    }
  /** Likewise, of AH. */
  | {
      readonly kind: 'ah';
      readonly source: string;
      readonly destination: string;
      readonly spi: Spi;
      readonly suite: AhSuite;
      readonly key: Uint8Array;
    };

/** Who began the exchange. */
export type Role = 'initiator' | 'responder';

/** What becomes of SAs whose peer or child is configured no more, or otherwise: they are deleted, or last as they are. */
export type SasOfOld = 'delete' | 'keep';
