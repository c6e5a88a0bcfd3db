import type { Engine, Rng } from '@espalier/crypto';
import type {
  Answer,
  AnswerResult,
  ChildFailedEvent,
  ChildIdentities,
  DeleteReason,
  Endpoint,
  HandleResult,
  IkeEndpoint,
  IkeEvent,
  NegotiatedChild,
  Timeout,
  Transmit,
} from '@espalier/ike';
import { equalIdentification, type Instant, type Spi, spi } from '@espalier/wire';
import type { GatewayConfig } from '../config.ts';
import type { GatewayEvent, IpsecFailure } from '../events.ts';
import { Fifo } from '../packets/fifo.ts';
import type { RefusalCounter, Refusals } from '../refusals.ts';
import type { PacketFields } from '../selectors/packet-fields.ts';
import { LackingTunnels } from '../tunnels/lacking.ts';
import type { LiveTunnels, TunnelRefusal } from '../tunnels/live-tunnels.ts';
import type { Tunnel } from '../tunnels/tunnel.ts';
import type { Tunnels } from '../tunnels/tunnels.ts';
import { negotiatedAgreement, wipeChild } from './agreement.ts';
import type { FiledPairs, InboundEntry } from './filed-pairs.ts';
import { type IpsecSaInfo, saInfos } from './sa-info.ts';
import { SaPair } from './sa-pair.ts';

export interface KeyManagementOptions {
  readonly ike: IkeEndpoint;
  readonly tunnels: Tunnels;
  readonly engine: Engine;
  readonly rng: Rng;
  readonly refusals: RefusalCounter;
  readonly outside: 'ip' | 'udp';
  readonly establish: NonNullable<GatewayConfig['establish']>;
  readonly pairs: FiledPairs;
}

type ConfigurationEvent = Extract<IkeEvent, { readonly kind: 'configured' | 'configuration-ended' }>;

/** When the gateway wants to be called, and what for. */
export interface GatewayTimeout {
  readonly at: Instant;
  readonly reason: Timeout['reason'] | 'establish-tunnel';
}

/** RFC 4303 §2.1. */
const RESERVED_SPIS = 256;

/**
 * IKE, and what it agrees on: pairs of SAs in the tunnels and in the SAD. A new pair receives as soon as the peer may
 * use it and sends as soon as the peer has it, or should have; an old one receives until IKE deletes it, so no packet is
 * lost.
 */
export class KeyManagement {
  readonly #options: KeyManagementOptions;
  readonly #tunnels: Tunnels;
  readonly #pairs: FiledPairs;
  readonly #lacking: LackingTunnels;
  readonly #events = new Fifo<GatewayEvent>();
  readonly #ready = new Fifo<Tunnel>();
  #ikeDepartures = 0;

  constructor(options: KeyManagementOptions) {
    this.#options = options;
    this.#tunnels = options.tunnels;
    this.#pairs = options.pairs;
    this.#lacking = new LackingTunnels(options.establish);
  }

  /** A tunnel is there, and may be lacking an SA. */
  review(tunnel: Tunnel): void {
    this.#lacking.review(tunnel);
  }

  /** What was under way for a tunnel is called off: it begins anew. */
  restart(tunnel: Tunnel): void {
    tunnel.seeking = false;
    tunnel.backOff.succeeded();
    this.#lacking.review(tunnel);
  }

  /** Nothing is negotiated for a tunnel any more: it ends with its last SA, or now. */
  endWithSas(tunnel: Tunnel): void {
    tunnel.seeking = false;
    this.#options.refusals.refuse('no-policy', tunnel.waiting.take().length);
    this.#lacking.delete(tunnel);
    if (tunnel.isBare) this.#end(tunnel);
  }

  /** A tunnel has lost an SA: one that is to wait for no other is no more. */
  endIfBare(tunnel: Tunnel): void {
    if (tunnel.isBare) this.#end(tunnel);
  }

  /** How many SAs have gone so far. */
  get departures(): number {
    return this.#pairs.departures + this.#ikeDepartures;
  }

  ipsecSas(policy: string): readonly IpsecSaInfo[] {
    return this.#tunnels.of(policy).flatMap(saInfos);
  }

  ikeRefusals(): Refusals['ike'] {
    return { ...this.#options.ike.counters };
  }

  /**
   * Keeps a copy of `packet` until `tunnel` has an SA, and sees to it that it gets one, at once or soon; or says why not:
   * after a failure it may be too early to try again, or as many packets wait as may.
   */
  wait(now: Instant, tunnel: Tunnel, packet: Uint8Array): 'queued' | 'no-security-association' | 'queue-full' {
    if (!this.#seek(now, tunnel)) return 'no-security-association';
    const added = tunnel.waiting.add(packet);
    this.#lacking.review(tunnel);
    return added ? 'queued' : 'queue-full';
  }

  /** The tunnel for a packet whose policy populates its SAs' selectors from it; undefined where there can be none. */
  populate(now: Instant, live: LiveTunnels, fields: PacketFields): Tunnel | undefined {
    const populated = live.populate(now, fields);
    if (populated?.info !== undefined) this.#events.push({ kind: 'tunnel-added', tunnel: populated.info });
    return populated?.tunnel;
  }

  /** False when after a failure it is too early to try again, or when it is for the peer to begin. */
  #seek(now: Instant, tunnel: Tunnel): boolean {
    if (tunnel.isNegotiating) return true;
    if (!this.#lacking.mayBegin(tunnel)) return false;
    if (!tunnel.backOff.isOver(now)) return !tunnel.backOff.isFailing;
    tunnel.seeking = true;
    this.#options.ike.initiate(now, tunnel.peer.name, tunnel.name, tunnel.beginsFor);
    this.settle(now);
    this.#lacking.review(tunnel);
    return true;
  }

  /** Packets of `tunnel` were sent. */
  sent(now: Instant, tunnel: Tunnel): void {
    const unanswered = tunnel.silence.sent(now);
    if (unanswered === undefined) return;
    const { since, isFirst } = unanswered;
    if (isFirst) this.#events.push({ kind: 'ipsec-silent', policy: tunnel.name, peer: tunnel.peer.name, since });
    const { sending } = tunnel;
    if (sending !== undefined && !sending.isManual) this.#options.ike.askForLife(now, sending.name.inbound);
  }

  /**
   * ESP packets were found good on `pair`: the peer lives, and has the SAs, whatever became of message 3 of the Quick
   * Mode.
   */
  confirm(now: Instant, tunnel: Tunnel, pair: SaPair): void {
    const { ike } = this.#options;
    tunnel.silence.end();
    if (pair.isManual) return;
    ike.noteTraffic(now, pair.name.inbound);
    if (tunnel.isEstablished(pair)) return;
    ike.confirmChild(now, pair.name.inbound);
    this.settle(now);
  }

  /** ESP or AH came with an SPI that is nobody's. */
  unknownSpi(now: Instant, from: Endpoint, to: Endpoint, protocol: 'esp' | 'ah', value: number): void {
    const unsigned = value >>> 0;
    if (unsigned < RESERVED_SPIS) return;
    this.#options.ike.noteUnknownSpi(now, from, to, protocol, spi(unsigned));
    this.settle(now);
  }

  /** The newest ESP packet that was found good on `pair` came from elsewhere: a NAT has changed its mind. */
  follow(now: Instant, pair: SaPair, from: Endpoint): void {
    this.#options.ike.noteEndpoint(now, pair.name.inbound, from);
    this.settle(now);
  }

  /**
   * Asks for a successor of a pair that has carried enough; not for every packet, however little a peer lets it carry. What
   * is given by hand has none.
   */
  renew(now: Instant, tunnel: Tunnel, pair: SaPair): void {
    if (pair.isManual || pair.rekeying || !tunnel.renewals.isOver(now)) return;
    pair.rekeying = true;
    tunnel.renewals.rest(now);
    this.#options.ike.rekeyChild(now, pair.name.inbound);
    this.settle(now);
  }

  /**
   * Deletes a pair that may carry no more, unless its successor only waits for the peer to have it. What is given by hand
   * stays, and carries no more.
   */
  end(now: Instant, { tunnel, pair }: InboundEntry): void {
    if (pair.isManual) return;
    const { ike } = this.#options;
    const successor = tunnel.negotiated.find(({ role }) => role === 'initiator');
    if (successor === undefined) ike.deleteChild(now, pair.name.inbound);
    else ike.confirmChild(now, successor.name.inbound);
    this.settle(now);
  }

  handleDatagram(now: Instant, from: Endpoint, to: Endpoint, datagram: Uint8Array): HandleResult {
    const result = this.#options.ike.handleDatagram(now, from, to, datagram);
    this.settle(now);
    return result;
  }

  handleTimeout(now: Instant): void {
    this.#options.ike.handleTimeout(now);
    this.settle(now);
    for (const tunnel of this.#lacking.take(now)) this.#seek(now, tunnel);
  }

  answer(now: Instant, id: number, answer: Answer): AnswerResult {
    const result = this.#options.ike.answer(now, id, answer);
    this.settle(now);
    return result;
  }

  /** Deletes every SA and tells the peers. */
  close(now: Instant): void {
    this.#lacking.close();
    this.#options.ike.close(now);
    this.settle(now);
  }

  pollTransmit(): Transmit | undefined {
    return this.#options.ike.pollTransmit();
  }

  get eventsWaiting(): number {
    return this.#events.length;
  }

  pollEvent(): GatewayEvent | undefined {
    return this.#events.shift();
  }

  /** A tunnel that has got an SA to send by. */
  pollReady(): Tunnel | undefined {
    return this.#ready.shift();
  }

  pollTimeout(): GatewayTimeout | undefined {
    const ike = this.#options.ike.pollTimeout();
    const establish = timeout(this.#lacking.first, 'establish-tunnel');
    return earlier(ike, establish);
  }

  /** Takes up what has happened in IKE. */
  settle(now: Instant): void {
    const { ike } = this.#options;
    for (let event = ike.pollEvent(); event !== undefined; event = ike.pollEvent()) this.#apply(now, event);
  }

  #apply(now: Instant, event: IkeEvent): void {
    switch (event.kind) {
      case 'child-negotiated':
        this.#install(now, event.child);
        break;
      case 'child-established':
        this.#establish(now, event.child);
        break;
      case 'child-superseded':
        this.#supersede(event.inbound);
        break;
      case 'child-deleted':
        this.#remove(now, event.inbound, event.reason);
        break;
      case 'peer-moved':
        this.#move(event.peer, event.local, event.remote);
        this.#events.push(event);
        break;
      case 'child-failed':
        this.#childFailed(now, event);
        break;
      case 'ike-deleted':
        this.#ikeDepartures += 1;
        this.#events.push(event);
        break;
      case 'configured':
      case 'configuration-ended':
        this.#assign(event);
        this.#events.push(event);
        break;
      default:
        this.#events.push(event);
    }
  }

  /** A client is for packets of the address that it is given. */
  #assign({ kind, side, peer, configuration }: ConfigurationEvent): void {
    if (side === 'client') this.#tunnels.assign(peer, kind === 'configured' ? configuration.addresses : undefined);
  }

  #install(now: Instant, child: NegotiatedChild): InboundEntry | undefined {
    const admission = this.#tunnels.admit(child);
    if (admission === undefined || 'refused' in admission) {
      this.#refuse(now, child, admission?.refused);
      return undefined;
    }
    const { tunnel } = admission;
    if (admission.isNew) {
      for (const older of admission.displaced) this.#giveWay(now, older);
      this.#events.push({ kind: 'tunnel-added', tunnel: admission.info });
    }
    const isServed = this.#options.outside === 'ip' || child.inUdp;
    if (!isServed) this.#giveUp(now, tunnel, child, 'no-nat-traversal');
    const pair = isServed ? this.#build(now, tunnel, child) : undefined;
    if (pair === undefined) {
      this.endIfBare(tunnel);
      return undefined;
    }
    const entry = { tunnel, pair };
    this.#pairs.addNegotiated(entry);
    tunnel.addNegotiated(pair);
    this.#lacking.review(tunnel);
    return entry;
  }

  /** A child that no tunnel takes: it is deleted at both ends. */
  #refuse(now: Instant, child: NegotiatedChild, reason: TunnelRefusal | undefined): void {
    wipeChild(child);
    this.#options.ike.deleteChild(now, child.inbound);
    if (reason !== undefined) {
      this.#events.push({ kind: 'ipsec-failed', policy: child.policy, peer: child.peer, reason, dropped: 0 });
    }
  }

  /** Another live peer has what this tunnel is for. */
  #giveWay(now: Instant, { established, negotiated }: Tunnel): void {
    for (const { name } of [...established, ...negotiated]) this.#options.ike.deleteChild(now, name.inbound);
  }

  /** Peers decide how many SAs there are: when the engine has no room for one more, it is given up, and nothing else. */
  #build(now: Instant, tunnel: Tunnel, child: NegotiatedChild): SaPair | undefined {
    const { engine, rng, outside } = this.#options;
    try {
      const agreement = negotiatedAgreement(child, tunnel.sequenceChecks);
      return new SaPair(engine, rng, outside, tunnel.peer, tunnel.policy, agreement, tunnel.localAddress);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#giveUp(now, tunnel, child, 'engine-exhausted');
      return undefined;
    }
  }

  /** What was agreed on cannot be made use of: the peer is told, and the caller. */
  #giveUp(now: Instant, tunnel: Tunnel, child: NegotiatedChild, reason: IpsecFailure): void {
    wipeChild(child);
    this.#options.ike.deleteChild(now, child.inbound);
    this.#fail(now, tunnel, child.peer, reason);
  }

  #establish(now: Instant, child: NegotiatedChild): void {
    const entry = this.#pairs.negotiated(child.inbound) ?? this.#install(now, child);
    if (entry === undefined) return;
    const { tunnel, pair } = entry;
    tunnel.establish(pair);
    tunnel.seeking = false;
    tunnel.backOff.succeeded();
    this.#lacking.review(tunnel);
    this.#ready.push(tunnel);
    const { name, peer } = pair;
    const { role, replaces } = child;
    this.#events.push({ kind: 'ipsec-established', sa: name, peer, role, suite: suiteName(pair), replaces });
  }

  /** Of two pairs from a collision IKE says which one sends. */
  #supersede(inbound: Spi): void {
    const entry = this.#pairs.negotiated(inbound);
    entry?.tunnel.supersede(entry.pair);
  }

  #move(peer: string, local: Endpoint, remote: Endpoint): void {
    for (const pair of this.#pairs.ofPeer(peer)) pair.move(local, remote);
  }

  #remove(now: Instant, inbound: Spi, reason: DeleteReason): void {
    const entry = this.#pairs.negotiated(inbound);
    if (entry === undefined) return;
    const { tunnel, pair } = entry;
    if (tunnel.isEstablished(pair))
      this.#events.push({ kind: 'ipsec-deleted', sa: pair.name, peer: pair.peer, reason });
    this.#pairs.removeNegotiated(entry);
    tunnel.remove(pair);
    pair.wipe();
    const isBare = tunnel.sending === undefined && !tunnel.isNegotiating;
    if (isBare && tunnel.backOff.isOver(now)) tunnel.backOff.rest(now);
    if (isBare) tunnel.silence.end();
    this.endIfBare(tunnel);
    this.#lacking.review(tunnel);
  }

  /** A tunnel that is not to wait for another SA is no more. */
  #end(tunnel: Tunnel): void {
    const { atEnd } = tunnel;
    if (atEnd === undefined) return;
    this.#options.refusals.refuse('negotiation-failed', tunnel.waiting.take().length);
    this.#lacking.delete(tunnel);
    const info = atEnd();
    if (info !== undefined) this.#events.push({ kind: 'tunnel-removed', tunnel: info });
  }

  #childFailed(now: Instant, failure: ChildFailedEvent): void {
    const { policy, peer, reason, identities } = failure;
    for (const tunnel of this.#tunnels.of(policy)) {
      const isMeant =
        identities === undefined || tunnel.beginsFor === undefined || isSame(identities, tunnel.beginsFor);
      if (isMeant && (!tunnel.isLive || tunnel.peer.name === peer)) this.#fail(now, tunnel, peer, reason, failure);
    }
  }

  #fail(now: Instant, tunnel: Tunnel, peer: string, reason: IpsecFailure, failure?: ChildFailedEvent): void {
    for (const pair of tunnel.established) pair.rekeying = false;
    tunnel.seeking = false;
    if (tunnel.sending === undefined) tunnel.backOff.failed(now);
    const dropped = tunnel.sending !== undefined || tunnel.isNegotiating ? 0 : tunnel.waiting.take().length;
    this.#options.refusals.refuse('negotiation-failed', dropped);
    this.#lacking.review(tunnel);
    this.#events.push({ kind: 'ipsec-failed', policy: tunnel.name, peer, reason, failure, dropped });
    const forgotten = tunnel.beginsFor !== undefined && tunnel.isBare ? this.#tunnels.failed(tunnel) : undefined;
    if (forgotten !== undefined) this.endIfBare(forgotten);
  }
}

function isSame(a: ChildIdentities, b: ChildIdentities): boolean {
  return (
    equalIdentification(a.localIdentity, b.localIdentity) && equalIdentification(a.remoteIdentity, b.remoteIdentity)
  );
}

/** Of what is nearest to the payload first, for example `aes-128-cbc/hmac-sha1-96` or `aes-128-cbc/none, AH hmac-sha1-96`. */
function suiteName({ sas }: SaPair): string {
  return sas.outbound.map(({ protocol, suite }) => (protocol === 'ah' ? `AH ${suite.name}` : suite.name)).join(', ');
}

function timeout(at: Instant | undefined, reason: GatewayTimeout['reason']): GatewayTimeout | undefined {
  return at === undefined ? undefined : { at, reason };
}

function earlier(a: GatewayTimeout | undefined, b: GatewayTimeout | undefined): GatewayTimeout | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.at < a.at ? b : a;
}
