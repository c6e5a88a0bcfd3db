import { ahSignedSpi, espSignedSpi, type Instant, type Spi } from '@espalier/wire';
import type { PathNews } from '../inbound/path-news.ts';
import type { Tunnel } from '../tunnels/tunnel.ts';
import type { SaPair } from './sa-pair.ts';
import { SecurityAssociationDatabase } from './sad.ts';
import { Several } from './several.ts';

/** An inbound SA and whose it is. */
export interface InboundEntry {
  readonly tunnel: Tunnel;
  readonly pair: SaPair;
}

/** All pairs of SAs that are in use, as they are found: by a packet, by IKE, by what a router says. */
export class FiledPairs {
  /** By the SPI that was chosen here. */
  readonly #negotiated = new Map<number, InboundEntry>();
  /** Those that are given by hand, of which IKE knows nothing. */
  readonly #manual = new Map<Tunnel, SaPair>();
  readonly #byPeer = new Several<string, SaPair>();
  /** By what is outside: ESP beneath AH is found with its AH. */
  readonly #sad = new SecurityAssociationDatabase<InboundEntry>();
  readonly #ahSad = new SecurityAssociationDatabase<InboundEntry>();
  /** By the SPI that the peer chose, with a sign; two peers may choose the same. */
  readonly #byOutboundSpi = new Several<number, SaPair>();
  #departures = 0;

  /** How many have gone so far. */
  get departures(): number {
    return this.#departures;
  }

  addNegotiated(entry: InboundEntry): void {
    const { pair } = entry;
    this.#add(entry);
    this.#negotiated.set(pair.name.inbound, entry);
    this.#byPeer.add(pair.peer, pair);
  }

  removeNegotiated({ pair }: InboundEntry): void {
    this.#remove(pair);
    this.#negotiated.delete(pair.name.inbound);
    this.#byPeer.delete(pair.peer, pair);
  }

  addManual(entry: InboundEntry): void {
    this.#add(entry);
    this.#manual.set(entry.tunnel, entry.pair);
  }

  /** The pair of the tunnel that was given by hand, which is filed no more; undefined where there is none. */
  takeManual(tunnel: Tunnel): SaPair | undefined {
    const pair = this.#manual.get(tunnel);
    if (pair === undefined) return undefined;
    this.#manual.delete(tunnel);
    this.#remove(pair);
    return pair;
  }

  get manualTunnels(): readonly Tunnel[] {
    return [...this.#manual.keys()];
  }

  /** What was given by hand to the policy of this name. */
  manual(policy: string): SaPair | undefined {
    return [...this.#manual.values()].find(({ name }) => name.policy === policy);
  }

  /** What IKE has agreed on, by the SPI that was chosen here. */
  negotiated(inbound: Spi): InboundEntry | undefined {
    return this.#negotiated.get(inbound);
  }

  /** What IKE has agreed on with this peer. */
  ofPeer(peer: string): readonly SaPair[] {
    return this.#byPeer.get(peer);
  }

  /** Whether an SA is received with at this address of the gateway. */
  isReceivingAt(address: string): boolean {
    const isThere = (pair: SaPair) => pair.local === address;
    return [...this.#negotiated.values()].some(({ pair }) => isThere(pair)) || [...this.#manual.values()].some(isThere);
  }

  /** The SA of the ESP packet that begins at `espAt` of this IP packet. */
  findInbound(packet: Uint8Array, espAt: number): InboundEntry | undefined {
    return this.#sad.find(espSignedSpi(packet, espAt), packet);
  }

  /** The SA of the AH packet that begins at `ahAt` of this IP packet: its SPIs are others than ESP's (RFC 4301 §4.1). */
  findInboundAh(packet: Uint8Array, ahAt: number): InboundEntry | undefined {
    return this.#ahSad.find(ahSignedSpi(packet, ahAt), packet);
  }

  /** The SA of an ESP packet that came in a UDP datagram to `destination`. */
  findInUdp(esp: Uint8Array, destination: Uint8Array): InboundEntry | undefined {
    return this.#sad.findInUdp(espSignedSpi(esp, 0), destination);
  }

  /** Learns from a router how much the path of a pair carries; false where it speaks of none. */
  heedPath(now: Instant, news: PathNews): boolean {
    const pair = this.#byOutboundSpi.get(news.spi).find((candidate) => candidate.isTold(news));
    pair?.pathMtu.learn(now, news.mtu);
    return pair !== undefined;
  }

  #add(entry: InboundEntry): void {
    const { pair } = entry;
    this.#sadOf(pair).add(pair.identifier, entry);
    this.#byOutboundSpi.add(pair.outerSpi, pair);
  }

  #remove(pair: SaPair): void {
    this.#departures += 1;
    this.#sadOf(pair).delete(pair.identifier);
    this.#byOutboundSpi.delete(pair.outerSpi, pair);
  }

  #sadOf({ comesByAh }: SaPair): SecurityAssociationDatabase<InboundEntry> {
    return comesByAh ? this.#ahSad : this.#sad;
  }
}
