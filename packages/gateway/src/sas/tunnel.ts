import { type Instant, parseAddress, type Spi } from '@espalier/wire';
import type { GatewayPeer } from '../config.ts';
import { PacketQueue } from '../packets/packet-queue.ts';
import type { ProtectingPolicy } from '../policy/ike-peers.ts';
import { SelectorMatcher } from '../policy/selectors.ts';
import { BackOff } from './back-off.ts';
import type { SaPair } from './sa-pair.ts';
import type { StatisticsCounter } from './statistics.ts';

/** Packets that may wait for the first SA of a tunnel, and their octets. */
const WAITING_LIMITS = { packets: 64, octets: 128 * 1024 };

/** A policy that protects, at work: its SAs, and what waits for the first of them. */
export class Tunnel {
  readonly policy: ProtectingPolicy;
  readonly peer: GatewayPeer;
  /** Under the policy's label. */
  readonly statistics: StatisticsCounter;
  /** 4 or 16 octets: this end. */
  readonly localAddress: Uint8Array;
  readonly clearDontFragment: boolean;
  readonly waiting: PacketQueue = new PacketQueue(WAITING_LIMITS);
  readonly backOff: BackOff = new BackOff();
  /** Between renewals for the sake of octets. */
  readonly renewals: BackOff = new BackOff();
  /** Whether this side has begun a negotiation for want of an SA. */
  seeking = false;
  /** When the first packet was sent that nothing has come back after; undefined while there is none. */
  unansweredSince: Instant | undefined;
  readonly #selectors: SelectorMatcher;
  /** The one that sends comes first. */
  #established: readonly SaPair[] = [];
  /** Those that the peer may already use, but this side not yet. */
  #negotiated: readonly SaPair[] = [];

  constructor(policy: ProtectingPolicy, peer: GatewayPeer, statistics: StatisticsCounter) {
    const { selectors = {}, action } = policy;
    this.policy = policy;
    this.peer = peer;
    this.statistics = statistics;
    this.localAddress = parseAddress(peer.local);
    this.clearDontFragment = action.clearDontFragment ?? false;
    this.#selectors = new SelectorMatcher(action.admits === 'anything' ? {} : selectors);
  }

  /** The name of the policy, and of the child that IKE negotiates for it. */
  get name(): string {
    return this.policy.name;
  }

  /** The interface that its packets come out of; undefined where the policy names none. */
  get insideInterface(): string | undefined {
    return this.policy.interface;
  }

  /** The pair that packets leave by: the one established last, unless it is superseded. */
  get sending(): SaPair | undefined {
    return this.#established[0];
  }

  /** Whether an SA is on its way, by whichever side's wish. */
  get isNegotiating(): boolean {
    return this.seeking || this.#negotiated.length > 0;
  }

  get established(): readonly SaPair[] {
    return this.#established;
  }

  get negotiated(): readonly SaPair[] {
    return this.#negotiated;
  }

  has(pair: SaPair): boolean {
    return this.isEstablished(pair) || this.#negotiated.includes(pair);
  }

  isEstablished(pair: SaPair): boolean {
    return this.#established.includes(pair);
  }

  /** Whether the packet at `innerAt` may come out of this tunnel (RFC 4301 §5.2). */
  admits(octets: Uint8Array, innerAt: number): boolean {
    return this.#selectors.matchesInbound(octets, innerAt);
  }

  find(inbound: Spi): SaPair | undefined {
    return [...this.#established, ...this.#negotiated].find((pair) => pair.name.inbound === inbound);
  }

  addNegotiated(pair: SaPair): void {
    this.#negotiated = [...this.#negotiated, pair];
  }

  /** From now on `pair` sends; the older ones go on receiving. */
  establish(pair: SaPair): void {
    this.remove(pair);
    this.#established = [pair, ...this.#established];
  }

  /** From now on every other pair sends rather than `pair`, which goes on receiving. */
  supersede(pair: SaPair): void {
    if (!this.isEstablished(pair)) return;
    this.#established = [...this.#established.filter((other) => other !== pair), pair];
  }

  remove(pair: SaPair): void {
    this.#established = this.#established.filter((other) => other !== pair);
    this.#negotiated = this.#negotiated.filter((other) => other !== pair);
  }
}
