import type { EspSuite } from '@espalier/crypto';
import type { ManualSa, OuterTreatment, Protection } from '@espalier/gateway';
import type { DeadPeerDetection, PeerConfig, ProtectionBundle } from '@espalier/ike';
import type { CertificateUse } from './pki.ts';

/** `ike policy`: what phase 1 with a peer may agree on. */
export interface IkePolicy
  extends Pick<
    PeerConfig,
    'mode' | 'proposals' | 'lifetime' | 'localIdentity' | 'remoteIdentity' | 'unknownSpiResponses'
  > {
  readonly name: string;
  readonly preSharedKey?: Uint8Array;
  readonly certificates?: CertificateUse;
}

/** `ipsec policy`: what Quick Mode may agree on. */
export interface IpsecPolicy extends Pick<Protection, 'lifetime' | 'pfsGroup'> {
  readonly name: string;
  readonly suites: readonly EspSuite[];
  /** Those with AH, which come first. */
  readonly bundles?: readonly ProtectionBundle[];
}

/** `from` of a term: what a packet must be on its way into the tunnel. */
export interface TermFrom {
  readonly sourceAddress?: string;
  readonly destinationAddress?: string;
  readonly insideInterface?: string;
}

/** `manual`: the SAs of both directions, given by hand. */
export interface ManualSas {
  readonly inbound: ManualSa;
  readonly outbound: ManualSa;
  /** The same in both directions. */
  readonly isBidirectional: boolean;
  /** One of them encrypts, and nothing authenticates. */
  readonly unauthenticated: boolean;
}

/** `security ipsec security-association`: for routing protocols. */
export interface SecurityAssociation {
  readonly name: string;
  readonly mode: 'transport' | 'tunnel';
  /** Undefined where they are dynamic. */
  readonly sas: ManualSas | undefined;
}

/** Where the SAs of a term come from. */
export type Keying =
  | { readonly kind: 'dynamic'; readonly ike: IkePolicy; readonly ipsec: IpsecPolicy }
  | { readonly kind: 'manual'; readonly sas: ManualSas };

/** `term`: a tunnel. */
export interface Term
  extends Required<Pick<Protection, 'antiReplayWindow' | 'clearDontFragment'>>,
    Pick<PeerConfig, 'deadPeerDetection'> {
  readonly name: string;
  readonly from: TermFrom;
  readonly remoteGateway: string;
  readonly keying: Keying;
  /** TTL and DSCP of the outer header, where they are not as usual. */
  readonly outer?: Pick<OuterTreatment, 'ttl' | 'dscp'>;
  /** The outer header has Don't Fragment set, whatever the inner one has. */
  readonly setsDontFragment?: boolean;
  readonly tunnelMtu?: number;
}

/** `rule`: terms in the order in which they are asked. */
export interface Rule {
  readonly name: string;
  /** For packets on their way into the tunnel: `input` of an inside interface, `output` of an outside one. */
  readonly matchDirection: 'input' | 'output';
  readonly terms: readonly Term[];
}

/** How packets come to a service set: routed into a service interface, or through an interface that it is applied to. */
export type ServiceStyle =
  | { readonly kind: 'next-hop'; readonly insideInterface: string; readonly outsideInterface: string }
  | {
      readonly kind: 'interface';
      /** On which side of the gateway those interfaces must be, by the direction of the rules. */
      readonly appliedTo: 'inside' | 'outside';
      /** Where the configuration applies it. */
      readonly interfaces: readonly string[];
    };

/** `allowed-proxy-pair`: what a dynamic peer may ask for, whole or in part. */
export interface ProxyPair {
  readonly local: string;
  readonly remote: string;
}

/** The service interfaces of dynamic tunnels: one unit for all of them, or one for each. */
export type DynamicInterfaces =
  | { readonly use: 'shared'; readonly unit: string | undefined }
  | { readonly use: 'dedicated'; readonly units: readonly string[] };

/** `ike-access-profile` of a service set: the peers whose addresses are not known before they call. */
export interface DynamicEndpoints
  extends Pick<Term, 'antiReplayWindow' | 'clearDontFragment' | 'setsDontFragment' | 'tunnelMtu'> {
  /** Name of the access profile. */
  readonly profile: string;
  readonly ike: IkePolicy;
  readonly ipsec: IpsecPolicy;
  /** None: whatever a peer asks for. */
  readonly pairs: readonly ProxyPair[];
  readonly interfaces: DynamicInterfaces;
  readonly deadPeerDetection: DeadPeerDetection | undefined;
  readonly routePreference: number;
}

/** `service-set` as it is read. */
export interface ServiceSet {
  readonly name: string;
  readonly pic: string;
  readonly localGateway: string;
  readonly style: ServiceStyle;
  readonly natTraversal: boolean;
  /** `trusted-ca`. */
  readonly trustedCas: readonly string[];
  /** Not so with `no-certificate-chain-in-ike`. */
  readonly sendsChain: boolean;
  /** Octets that TCP connections are held to. */
  readonly tcpMss?: number;
  readonly rules: readonly Rule[];
  readonly dynamic?: DynamicEndpoints;
}
