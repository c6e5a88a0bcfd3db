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

/** What a tunnel is told to do. */
interface Terms {
  readonly policy: ProtectingPolicy;
  readonly peer: GatewayPeer;
  readonly statistics: StatisticsCounter;
  readonly localAddress: Uint8Array;
  readonly clearDontFragment: boolean;
  /** What may come out of it. */
  readonly admitted: SelectorMatcher;
}

function termsOf(policy: ProtectingPolicy, peer: GatewayPeer, statistics: StatisticsCounter): Terms {
  const { selectors = {}, action } = policy;
  return {
    policy,
    peer,
    statistics,
    localAddress: parseAddress(peer.local),
    clearDontFragment: action.clearDontFragment ?? false,
    admitted: new SelectorMatcher(action.admits === 'anything' ? {} : selectors),
  };
}

/** A policy that protects, at work: its SAs, and what waits for the first of them. */
export class Tunnel {
  /** The name of the policy, and of the child that IKE negotiates for it. */
  readonly name: string;
  readonly waiting: PacketQueue = new PacketQueue(WAITING_LIMITS);
  readonly backOff: BackOff = new BackOff();
  /** Between renewals for the sake of octets. */
  readonly renewals: BackOff = new BackOff();
  /** Whether this side has begun a negotiation for want of an SA. */
  seeking = false;
  /** When the first packet was sent that nothing has come back after; undefined while there is none. */
  unansweredSince: Instant | undefined;
  /** Whether the policy is configured no more: what SAs are left last as long as they last. */
  isRetired = false;
  #terms: Terms;
  /** The one that sends comes first. */
  #established: readonly SaPair[] = [];
  /** Those that the peer may already use, but this side not yet. */
  #negotiated: readonly SaPair[] = [];

  constructor(policy: ProtectingPolicy, peer: GatewayPeer, statistics: StatisticsCounter) {
    this.name = policy.name;
    this.#terms = termsOf(policy, peer, statistics);
  }

  /** From now on the policy is otherwise. SAs that there are stay as they were agreed on. */
  configure(policy: ProtectingPolicy, peer: GatewayPeer, statistics: StatisticsCounter): void {
    this.#terms = termsOf(policy, peer, statistics);
    this.isRetired = false;
  }

  get policy(): ProtectingPolicy {
    return this.#terms.policy;
  }

  get peer(): GatewayPeer {
    return this.#terms.peer;
  }

  /** Under the policy's label. */
  get statistics(): StatisticsCounter {
    return this.#terms.statistics;
  }

  /** 4 or 16 octets: this end. */
  get localAddress(): Uint8Array {
    return this.#terms.localAddress;
  }

  get clearDontFragment(): boolean {
    return this.#terms.clearDontFragment;
  }

  /** The interface that its packets come out of; undefined where the policy names none. */
  get insideInterface(): string | undefined {
    return this.#terms.policy.interface;
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
    return this.#terms.admitted.matchesInbound(octets, innerAt);
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
