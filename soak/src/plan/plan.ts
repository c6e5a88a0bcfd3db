import type { IkeProposal, PeerConfig } from '@espalier/ike';
import type { NatKind } from '@espalier/testing/network';

/** Times are in milliseconds of the network's clock, and so are durations. */

export type Family = 4 | 6;

/** A gateway with a net behind it. */
export interface SitePlan {
  /** Undefined: it has a public address. */
  readonly nat: NatKind | undefined;
  /** How long the NAT remembers. */
  readonly natMemory: number;
  readonly clockOffset: number;
  readonly clockRate: number;
  readonly establish: 'immediately' | 'on-traffic';
  /** What leaves it: whole packets, or datagrams for sockets of its own. */
  readonly outside: 'ip' | 'udp';
}

/**
 * How two sites prove who they are, or that they do not: keys by hand. `user`: by a key, and `a` to `b` by a name and a password
 * as well, whereupon `a` is given its address inside (XAuth, Mode Config).
 */
export type Authentication = 'key' | 'key-asked' | 'signature' | 'signature-asked' | 'certificate' | 'user' | 'by-hand';

export interface ChildPlan {
  readonly inner: Family;
  readonly mode: 'tunnel' | 'transport';
  readonly suite: string;
  /** AH around it. */
  readonly ah: string | undefined;
  /** IPComp within it. */
  readonly ipcomp: boolean;
  /** Of either side. */
  readonly lifetimes: readonly [number, number];
  readonly kilobytes: number | undefined;
  readonly pfs: boolean;
  readonly esn: boolean;
  readonly window: number;
  /** Between packets, on average, of either side. */
  readonly pauses: readonly [number, number];
  readonly longest: number;
}

/** What two sites have with each other. */
export interface TunnelPlan {
  /** Numbers of sites: `a` is the one that is behind a NAT, if one is. */
  readonly a: number;
  readonly b: number;
  readonly outer: Family;
  /** `b` knows `a` by a template: from wherever it comes. */
  readonly template: boolean;
  readonly mode: 'main' | 'aggressive';
  readonly authentication: Authentication;
  readonly proposal: Omit<IkeProposal, 'authentication'>;
  readonly lifetimes: readonly [number, number];
  readonly deadPeerDetection: readonly [
    NonNullable<PeerConfig['deadPeerDetection']> | undefined,
    NonNullable<PeerConfig['deadPeerDetection']> | undefined,
  ];
  readonly unknownSpiResponses: readonly [number, number];
  readonly channel: 'dangling' | 'continuous';
  /** How long answers to questions take, at most. */
  readonly answerDelay: number;
  readonly children: readonly ChildPlan[];
}

export type ImpairmentKind =
  | 'loss'
  | 'burst-loss'
  | 'duplication'
  | 'corruption'
  | 'truncation'
  | 'reordering'
  | 'replaying'
  | 'delay'
  | 'jitter'
  | 'bandwidth'
  | 'mtu'
  | 'silent-mtu'
  | 'cut';

/** Something that the link of a site does for a while. */
export interface StormPlan {
  readonly site: number;
  readonly way: 'outwards' | 'inwards';
  readonly kind: ImpairmentKind;
  readonly value: number;
  readonly from: number;
  readonly until: number;
}

/** Something that happens to a site, or to all. */
export type DisasterPlan =
  | { readonly kind: 'restart'; readonly at: number; readonly site: number; readonly pause: number }
  | { readonly kind: 'partition'; readonly at: number; readonly until: number; readonly sites: readonly number[] }
  | { readonly kind: 'jump'; readonly at: number; readonly site: number; readonly by: number }
  /** Its peers or its policies are configured again, as they were; `sas`: what becomes of what was agreed on. */
  | {
      readonly kind: 'reconfigure';
      readonly at: number;
      readonly site: number;
      readonly what: 'peers' | 'policies';
      readonly sas: 'delete' | 'keep';
    }
  | { readonly kind: 'rebind'; readonly at: number; readonly site: number; readonly moves: boolean };

/** A world, as plain values: what is in it, what happens to it, and for how long. */
export interface WorldPlan {
  readonly seed: number;
  readonly sites: readonly SitePlan[];
  readonly tunnels: readonly TunnelPlan[];
  readonly storms: readonly StormPlan[];
  readonly disasters: readonly DisasterPlan[];
  /** When all that impairs it is over. */
  readonly healsAt: number;
  /** When every tunnel is to be up again, and nothing may be lost any more. */
  readonly calmAt: number;
  readonly endsAt: number;
}
