import type { Seat } from '../machine/network.ts';
import type { ChosenProtection } from './protection.ts';
import type { RoadSettings } from './road.ts';
import type { Signing } from './signing.ts';
import type { Suite } from './suite.ts';

/** What both ends of a tunnel agree on, and what one end may do beside. */
export interface GatewaySettings {
  readonly suite: Suite;
  /** What protects the child. Default: ESP of the suite, in tunnel mode. */
  readonly protection?: ChosenProtection;
  /** The exchange of phase 1. Default: Main Mode. */
  readonly mode?: 'main' | 'aggressive';
  /** Default: both ends share a key. */
  readonly signs?: Signing;
  /** The initiator is a user on the road, and the responder gives it an address. Default: two gateways. */
  readonly road?: RoadSettings;
  /** Hosts: what goes to and from UDP port 1701 of the responder is in transport mode. Default: two gateways. */
  readonly isL2tp?: true;
  /** It does not know where its peer is: whoever has the key may call. Default: it does. */
  readonly peers?: 'anywhere';
  /** Where peers from anywhere may have their networks. Default: behind the other gateway. */
  readonly callers?: string;
  /** Selectors: the networks behind the gateways, or anything at all (for routing protocols). */
  readonly selectors: 'networks' | 'any';
  /** This end renews phase 2 and phase 1 after about so many seconds. Default: not within any case. */
  readonly renew?: { readonly child: number; readonly ike: number };
  /** This end makes a new IKE SA after about so many seconds and renews nothing else: its children go over to it. */
  readonly reauthenticate?: number;
  /** Ours renews every SA after so many seconds, whatever its lifetime. Default: it does not. */
  readonly renewAfter?: number;
  /** Ours begins IKE on an unknown SPI: `respond-bad-spi`. Default: it does not. */
  readonly respondsToBadSpi?: boolean;
  /** Seconds between this end's probes of a silent peer. Default: no probes. */
  readonly dpd?: number;
  /** The largest inner packet that ours takes whole: `tunnel-mtu`. Default: no limit. */
  readonly tunnelMtu?: number;
  /** MTU of our TUN. Default: room for what is around an inner packet, so that the kernel sees to it. */
  readonly tunMtu?: number;
  /** How ours sends and receives; with `mmsg` and `gso` it has its TUN itself. Default: `dgram`, and a relay has the TUN. */
  readonly sockets?: SocketKind;
  /** Seconds between keepalives of an end behind a NAT. Default: the program's own. */
  readonly keepAlive?: number;
}

/** As `--sockets` of examples/udp-gateway has it. */
type SocketKind = 'dgram' | 'mmsg' | 'gso';

/** Initiators bring the tunnel up as soon as they run. */
export type Role = 'initiator' | 'responder';

/** Phase 1 and phase 2 associations, counted. */
export interface Tally {
  readonly ike: number;
  readonly child: number;
}

/** A program on R2 or R3 that ends the tunnel there. */
export interface Gateway {
  readonly program: Program;
  readonly router: Seat;
  /** The TUN of inner packets; undefined where none flow. */
  readonly inside: string | undefined;
  /** Returns when it answers; an initiator when it has begun, or later. */
  start(role: Role): Promise<void>;
  /** Ends it in good order: the peer is told. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Associations that it has established since it was started. */
  established(): Promise<Tally>;
  /** Associations that it holds now. */
  alive(): Promise<Tally>;
  /** Resident memory in octets. */
  memory(): number;
}

/** A gateway that can be had to call, again and again. */
export interface Caller extends Gateway {
  /** Starts what has to run for it. Returns the command that has it call, for sh: it may be ended at any time. */
  readyToCall(): Promise<string>;
}

export type Program = 'espalier' | 'espalier-ike' | 'strongswan' | 'libreswan' | 'vpnc';

export const PRE_SHARED_KEY = 'juniper';
