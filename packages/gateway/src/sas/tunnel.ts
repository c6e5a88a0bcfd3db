import { parseAddress, type Spi } from '@espalier/wire';
import { PacketQueue } from '../packets/packet-queue.ts';
import { SelectorMatcher } from '../policy/selectors.ts';
import { type TunnelPlan, termSelectors } from '../policy/tunnel-plan.ts';
import { BackOff } from './back-off.ts';
import type { SaPair } from './sa-pair.ts';
import type { StatisticsCounter } from './statistics.ts';

/** Packets that may wait for the first SA of a tunnel, and their octets. */
const WAITING_LIMITS = { packets: 64, octets: 128 * 1024 };

/** One term at work: its SAs, and what waits for the first of them. */
export class Tunnel {
  readonly plan: TunnelPlan;
  /** Of the service set. */
  readonly statistics: StatisticsCounter;
  /** 4 octets: the local gateway. */
  readonly localAddress: Uint8Array;
  /** The service interface that its packets come out of; undefined in interface style. */
  readonly insideInterface: string | undefined;
  readonly waiting: PacketQueue = new PacketQueue(WAITING_LIMITS);
  readonly backOff: BackOff = new BackOff();
  /** Between renewals for the sake of octets. */
  readonly renewals: BackOff = new BackOff();
  /** Whether this side has begun a negotiation for want of an SA. */
  seeking = false;
  readonly #selectors: SelectorMatcher;
  /** The one that sends comes first. */
  #established: readonly SaPair[] = [];
  /** Those that the peer may already use, but this side not yet. */
  #negotiated: readonly SaPair[] = [];

  constructor(plan: TunnelPlan, statistics: StatisticsCounter) {
    this.plan = plan;
    this.statistics = statistics;
    this.localAddress = parseAddress(plan.serviceSet.localGateway);
    this.insideInterface =
      plan.serviceSet.style.kind === 'next-hop' ? plan.serviceSet.style.insideInterface : undefined;
    this.#selectors = new SelectorMatcher(termSelectors(plan.term));
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

  /**
   * Whether the packet at `innerAt` may come out of this tunnel (RFC 4301 §5.2): in next-hop style every packet, else
   * what the term describes.
   */
  admits(octets: Uint8Array, innerAt: number): boolean {
    return this.insideInterface !== undefined || this.#selectors.matchesInbound(octets, innerAt);
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
