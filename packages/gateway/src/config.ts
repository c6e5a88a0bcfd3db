import type { DhGroupNumber, EspSuite } from '@espalier/crypto';
import type { DeadPeerDetection, IkeProposal, PeerConfig } from '@espalier/ike';
import type { Duration, Identification, Spi } from '@espalier/wire';

/** An address prefix in text, for example `10.1.12.0/24`. */
export type Prefix = string;

/** What phase 1 with a peer may agree on. All terms between two gateways share one policy. */
export interface IkePolicyConfig {
  readonly name: string;
  readonly mode: 'main';
  /** At least 1 octet. Copied; the copy is wiped when the gateway closes. */
  readonly preSharedKey: Uint8Array;
  /** In order of preference. */
  readonly proposals: readonly IkeProposal[];
  /** Hard lifetime of phase 1. */
  readonly lifetime: Duration;
  /** Default: the address of the local gateway. */
  readonly localIdentity?: Identification;
  /** Default: the address of the remote gateway. */
  readonly remoteIdentity?: Identification;
  /** RFC 3947. Default `auto`; always `force` in a gateway whose outside is UDP. */
  readonly natTraversal?: NonNullable<PeerConfig['natTraversal']>;
}

/** What Quick Mode may agree on (RFC 2409 §5.5). */
export interface IpsecPolicyConfig {
  readonly name: string;
  /** In order of preference. */
  readonly suites: readonly EspSuite[];
  /** Hard lifetime of phase 2. */
  readonly lifetime: Duration;
  /** Hard lifetime in kilobytes (RFC 2407 §4.5). Default: none. */
  readonly lifetimeKilobytes?: number;
  /** Perfect forward secrecy with this group. Default: none. */
  readonly pfsGroup?: DhGroupNumber;
}

/** What a packet must be for a term to take it; an absent member takes everything. */
export interface TermFrom {
  readonly sourceAddress?: Prefix;
  readonly destinationAddress?: Prefix;
  readonly insideInterface?: string;
}

/** A tunnel: what goes into it, where it leads and how it is protected. */
export interface TermConfig {
  readonly name: string;
  readonly from: TermFrom;
  /** IPv4 address of the peer. */
  readonly remoteGateway: string;
  readonly ike: IkePolicyConfig;
  readonly ipsec: IpsecPolicyConfig;
  /** Packets; 32 to 4096, or `off`. Default of the AS PIC: 64. */
  readonly antiReplayWindow: number | 'off';
  /**
   * Clear Don't Fragment of inner packets, so that larger ones are fragmented, and of the outer header; else the outer
   * header copies it (RFC 4301 §8.1).
   */
  readonly clearDontFragment: boolean;
  /** Largest inner packet in octets, 256 to 9192; larger ones are fragmented, or refused with ICMP to the sender. */
  readonly tunnelMtu?: number;
  /**
   * Probe the peer when nothing comes from it (RFC 3706). Of several terms with one remote gateway the first that says
   * so counts. Default: no probes.
   */
  readonly deadPeerDetection?: DeadPeerDetection;
}

/** Terms in the order in which they are asked: the first that takes a packet has it. */
export interface RuleConfig {
  readonly name: string;
  /**
   * Next-hop style: `input` for packets routed into the inside interface, `output` for the outside one. Interface
   * style: see `appliedTo`.
   */
  readonly matchDirection: 'input' | 'output';
  readonly terms: readonly TermConfig[];
}

/** A service set ties rules to a local gateway (Junos `services service-set`). */
export interface ServiceSetConfig {
  readonly name: string;
  /** The PIC that the statistics print, for example `sp-1/2/0`. */
  readonly pic: string;
  /** IPv4 address of this end of the tunnels. */
  readonly localGateway: string;
  readonly rules: readonly RuleConfig[];
  /**
   * `next-hop`: every packet routed into the inside interface goes into the tunnel of the first term that takes it, or
   * else of the first term, and whatever the tunnel brings is accepted; `interface`: the terms are an SPD, packets that no term takes pass or are refused, and
   * decapsulated packets are checked against the negotiated identities (RFC 4301 §5.2).
   */
  readonly style:
    | { readonly kind: 'next-hop'; readonly insideInterface: string; readonly outsideInterface: string }
    | {
        readonly kind: 'interface';
        readonly unmatched: 'bypass' | 'discard';
        /**
         * The interface that the service set is applied to. A packet from the inside enters an inside interface, so
         * rules that match `input` take it; it leaves an outside interface, so rules that match `output` do.
         * Default: inside.
         */
        readonly appliedTo?: 'inside' | 'outside';
      };
  /** Largest outer packet in octets, for example 1500: inner packets are held to what fits. Default: no limit. */
  readonly outsideMtu?: number;
}

/** What a `Gateway` does, as plain values. */
export interface GatewayConfig {
  /** At least one, of different names. */
  readonly serviceSets: readonly ServiceSetConfig[];
  /** When to negotiate. Default: on traffic. */
  readonly establishTunnels: 'immediately' | 'on-traffic';
}

/** Names an SA in views and events. */
export interface SaName {
  readonly serviceSet: string;
  readonly rule: string;
  readonly term: string;
  readonly inbound: Spi;
  readonly outbound: Spi;
}
