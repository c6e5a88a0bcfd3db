import type { AhSuite, EspKeys, EspSuite } from '@espalier/crypto';
import type { OuterHeaderOptions, Resynchronisation, SaSnapshot, TrafficFlow } from '@espalier/esp';
import type { ChildPolicy, IpsecMode, PeerConfig, ProtectionBundle, RemotePattern } from '@espalier/ike';
import type { Spi } from '@espalier/wire';

/** An address prefix in text, for example `10.1.12.0/24`; an address alone is the prefix of one host. */
export type Prefix = string;

/**
 * Another gateway, or a template of gateways and hosts whose addresses are not known before they call, and how each proves
 * itself: an entry of the Peer Authorization Database (RFC 4301 §4.4.3).
 */
export interface GatewayPeer extends Omit<PeerConfig, 'local' | 'remote' | 'children'> {
  /** Address of this end, of IPv4 or IPv6. */
  readonly local: string;
  /** Address of the peer, of the same family; of a template, where its peers may come from: they begin. */
  readonly remote: string | RemotePattern;
  /**
   * Largest outer packet in octets, 576 to 65535, or of IPv6 from 1280, for example 1500: inner packets are held to what
   * fits. Routers that say less are believed for a while, down to 576 or 1280 (RFC 4301 §8.2.1). Default: no limit.
   */
  readonly outsideMtu?: number;
}

/** One or several of one family, each an address, a prefix, or a range like `10.1.1.5-10.1.1.9`. */
export type Addresses = string | readonly string[];

/**
 * One or several, each a number, a range like `1024-65535`, or `opaque`: what a packet does not show, because it is a later
 * fragment, its protocol has no such thing, or ESP is around it.
 */
export type Numbers = number | string | readonly (number | string)[];

/**
 * What a packet must be (RFC 4301 §4.4.1.1): all that is named here. An absent member takes everything, `opaque` included.
 * Local is the side behind this gateway, whichever way a packet goes.
 */
export interface Selectors {
  readonly local?: Addresses;
  readonly remote?: Addresses;
  /** Next layer protocol, behind extension headers of IPv6; also by name, such as `tcp`, `udp`, `icmp`, `icmpv6`, `sctp`. */
  readonly protocol?: Numbers;
  /** Of TCP, UDP, SCTP, DCCP and UDP-Lite. */
  readonly localPort?: Numbers;
  readonly remotePort?: Numbers;
  /** Of ICMP and ICMPv6. */
  readonly icmpType?: Numbers;
  readonly icmpCode?: Numbers;
  /** Type of the Mobility Header (RFC 6275 §6.1). */
  readonly mobilityType?: Numbers;
}

/** What is done with packets on their way through SAs, wherever the keys of these come from. */
export interface PacketTreatment {
  /**
   * Default `tunnel`. In `transport` mode the gateway is a host: what it protects are packets between its own address and
   * the peer's, of the protocol and ports that the selectors name. With a template of peers that are behind one NAT their
   * packets are all from one address: let each have an interface of its own (`ownInterfaces`).
   */
  readonly mode?: IpsecMode;
  /** The outer header in tunnel mode (RFC 4301 §5.1.2), where it is not as usual. */
  readonly outer?: OuterTreatment;
  /** DSCP of what comes out of a tunnel: its own, or that of the outer header (RFC 2983 §3). Default `keep`. */
  readonly dscpInside?: 'keep' | 'copy';
  /**
   * Clear Don't Fragment of inner packets, so that larger ones are fragmented, and of the outer header; else the outer
   * header copies it (RFC 4301 §8.1). Default false.
   */
  readonly clearDontFragment?: boolean;
  /** Largest inner packet in octets, 256 to 9192; what becomes of larger ones `fragmentation` says. */
  readonly mtu?: number;
  /**
   * Packets that are too large (RFC 4301 §8): those that may be fragmented are so `before` they enter the tunnel, or
   * `after`, the outer packet, where its Don't Fragment is clear; `refuse`: none is. Who sends what is not fragmented is told
   * by ICMP. Default `before`; in transport mode, where there is no before, `after`.
   */
  readonly fragmentation?: 'before' | 'after' | 'refuse';
  /**
   * TFC padding in tunnel mode (RFC 4303 §2.7), as far as the path carries: inner packets to a multiple, 2 to 65535 octets, or
   * to one length. Default: none; there is none around IPComp, and none with AH alone.
   */
  readonly trafficFlow?: TrafficFlow;
  /**
   * The most that TCP connections through the SAs may agree on as the size of a segment, 88 to 65535 octets, both ways, or
   * `path`: what fits. Default: they are left alone.
   */
  readonly tcpMss?: number | 'path';
  /**
   * ICMP errors from routers whose addresses are not among the selectors (RFC 4301 §6): `by-payload` lets them through where
   * the packet that they quote is one of the SAs', going the other way. Default `by-selectors`: like any packet.
   */
  readonly icmpErrors?: 'by-selectors' | 'by-payload';
}

/** As in `OuterHeaderOptions` of `@espalier/esp`. Default of `df`: clear with `clearDontFragment`, else copied. */
export type OuterTreatment = Pick<OuterHeaderOptions, 'ttl' | 'df' | 'dscp' | 'ecn' | 'flowLabel'>;

/**
 * How packets are protected, and on what the SAs for them are agreed (RFC 4301 §4.4.1.2, RFC 2409 §5.5). With a template
 * of peers, the policy's selectors say what its peers may ask for: each gets a tunnel for what it asks for, with an entry
 * of its own in the SPD, for as long as there are SAs.
 */
export interface Protection
  extends Omit<ChildPolicy, 'name' | 'mode' | 'localIdentity' | 'remoteIdentity' | 'replayStatus'>,
    PacketTreatment {
  /** Name of the peer at the other end. */
  readonly peer: string;
  /**
   * In order of preference, before `suites`, which may then be empty: AH, AH around ESP (RFC 4301 §4.3, RFC 4302), or IPComp in
   * front of either (RFC 3173).
   */
  readonly bundles?: readonly ProtectionBundle[];
  /** Packets; 32 to 4096, or `off`. Default 64. */
  readonly antiReplayWindow?: number | 'off';
  /** Whether a peer that begins is told, by REPLAY-STATUS, if there is one (RFC 2407 §4.6.3.2). Default false. */
  readonly tellReplayStatus?: boolean;
  /**
   * With `esn`: how SAs go on after 2^32 lost packets or more (RFC 4303 Appendix A3, RFC 4302 Appendix B3). What a bad packet
   * costs more is bounded by it. Default: not at all; such packets have a wrong ICV until there are new SAs.
   */
  readonly resynchronise?: Resynchronisation;
  /**
   * What may come out of the SAs: what the policy's selectors describe (RFC 4301 §5.2), or, for a tunnel that is routed
   * into, anything. Default `selectors`.
   */
  readonly admits?: 'selectors' | 'anything';
  /**
   * Populate from packet (RFC 4301 §4.4.1): which selectors of a packet are those of its SAs, in the place of what the policy
   * says; the peer may ask for as little. Each such packet that has no SAs gets a tunnel of its own, until the last SA is gone
   * (`tunnel-added`). Ports need `protocol` beside them, unless the policy has one. Default: none; not with a template of peers,
   * nor in transport mode.
   */
  readonly populate?: readonly PopulatedSelector[];
  /**
   * Whose addresses Mode Config gives, in the place of what the selectors say of that side, which is to be nothing: `local`,
   * of a peer whose client this gateway is: the policy is for the assigned address as soon as there is one (`configured`).
   * `remote`, of a peer whose gateway it is: each client has a tunnel for its address (`tunnel-added`).
   */
  readonly assigned?: 'local' | 'remote';
  /** Under which label its packets are counted, see `Gateway.statistics`. Default: the name of the policy. */
  readonly statistics?: string;
  /**
   * With a template of peers: what becomes of what a peer asks for that overlaps what another has. `refuse`: nobody gets
   * what is another's; `replace`: it is the newer one's, and the SAs of the older one are deleted. Default `refuse`.
   */
  readonly overlap?: 'refuse' | 'replace';
  /**
   * With a template of peers: interfaces of the inside of which each tunnel gets one for itself, and whatever is routed
   * there goes into it. There are as many tunnels as interfaces.
   */
  readonly ownInterfaces?: readonly string[];
}

/** What IKE can say of one packet. */
export type PopulatedSelector = 'local' | 'remote' | 'protocol' | 'localPort' | 'remotePort';

/** ESP for one direction, given by hand. */
export interface ManualEsp {
  /** 256 to 4294967295: the ones below are reserved (RFC 4303 §2.1). */
  readonly spi: number;
  readonly suite: EspSuite;
  /** Taken over: the caller may wipe its own copy as soon as the policy is in place. */
  readonly keys: EspKeys;
}

/** AH for one direction, given by hand. */
export interface ManualAh {
  /** 256 to 4294967295: the ones below are reserved (RFC 4302 §2.4). */
  readonly spi: number;
  readonly suite: AhSuite;
  /** Taken over: the caller may wipe its own copy as soon as the policy is in place. */
  readonly key: Uint8Array;
}

/** What one direction is protected by: ESP, AH, or with both AH around ESP (RFC 4301 §4.5.1). */
export interface ManualSa {
  readonly esp?: ManualEsp;
  readonly ah?: ManualAh;
}

/** What is to be kept of outbound SAs that are given by hand: plain values, which go through JSON, and no keys. */
export interface ManualSnapshot {
  readonly esp?: SaSnapshot;
  readonly ah?: SaSnapshot;
}

/**
 * SAs whose keys and SPIs are given by hand, the same at both ends (RFC 4301 §4.5.1): no IKE speaks for them, they are
 * there as long as the policy is, and nobody renews them. There is no anti-replay: the sequence numbers begin anew
 * whenever one end does (RFC 4303 §5).
 */
export interface ManualProtection
  extends PacketTreatment,
    Pick<Protection, 'admits' | 'statistics'>,
    Pick<GatewayPeer, 'outsideMtu'> {
  /** Address of this end, of IPv4 or IPv6; with `any` several, of one family, such as those of a group that it listens to. */
  readonly local: string | readonly string[];
  /**
   * Address of the other end, of the same family. In transport mode also `any`: all who have the keys, as the neighbours of
   * a routing protocol share one SA, whose packets are told by their SPI alone (RFC 4301 §4.1, RFC 4552 §7).
   */
  readonly remote: string;
  /** What comes from the other end: its outbound SA. */
  readonly inbound: ManualSa;
  readonly outbound: ManualSa;
  /**
   * The keys have never been used, and will not be used again when this gateway is built anew. Without this promise suites
   * whose IVs are counters are refused: they begin anew with the SA, and a key that meets an IV twice gives packets away
   * (RFC 8221 §3, RFC 4106 §2). Default false.
   */
  readonly freshKeys?: boolean;
  /**
   * The outbound SAs are to outlive this gateway: they send nothing that a kept snapshot does not cover (see
   * `Gateway.snapshotByHand`). Default false.
   */
  readonly keepAhead?: boolean;
  /**
   * The newest snapshot that was kept of SAs with these keys, whose gateway has ended: the outbound ones go on behind all
   * that it covers, so that no number and no IV comes again and `freshKeys` need not be promised. Implies `keepAhead`.
   */
  readonly resume?: ManualSnapshot;
  /**
   * Take ESP that encrypts and authenticates nothing, without AH around it: whoever sits on the way can change packets, and
   * from what becomes of them read them (RFC 8221 §4). Default false.
   */
  readonly unauthenticated?: boolean;
}

/**
 * What is done with packets (RFC 4301 §4.4.1). `manual`: they are protected by SAs that are given by hand. `share`: they
 * are protected by the SAs of the protecting policy of that name, which need not take them itself.
 */
export type PolicyAction =
  | ({ readonly kind: 'protect' } & Protection)
  | ({ readonly kind: 'manual' } & ManualProtection)
  | { readonly kind: 'share'; readonly policy: string }
  | { readonly kind: 'bypass' }
  | { readonly kind: 'discard' };

/** An entry of a Security Policy Database (RFC 4301 §4.4.1): which packets, and what is done with them. */
export interface PolicyConfig {
  readonly name: string;
  /**
   * Whose packets: the interfaces of the inside may each have an SPD of their own. The name is the caller's, see
   * `Gateway.handleInside`; what the policy's SAs bring comes out of that interface. Default: the SPD of all interfaces
   * that have none.
   */
  readonly interface?: string;
  /** Default: every packet. */
  readonly selectors?: Selectors;
  readonly action: PolicyAction;
}

/** What a `Gateway` does, as plain values. */
export interface GatewayConfig {
  /** Of different names, and such that one can be told from the other. */
  readonly peers: readonly GatewayPeer[];
  /** Of different names. In order: the first that takes a packet decides. What none takes is discarded. */
  readonly policies: readonly PolicyConfig[];
  /** When to negotiate; `responder-only` leaves it to the peers. Default `on-traffic`. */
  readonly establish?: 'immediately' | 'on-traffic' | 'responder-only';
}

/** Names a pair of SAs in views and events. */
export interface SaName {
  /** The policy that they protect packets of. */
  readonly policy: string;
  readonly inbound: Spi;
  readonly outbound: Spi;
}
