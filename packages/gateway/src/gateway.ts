import type { Engine, Rng } from '@espalier/crypto';
import type { EspRefusal } from '@espalier/esp';
import { type Endpoint, IkeEndpoint, type IkeEndpointConfig, type Timeout } from '@espalier/ike';
import { ESP_HEADER_OCTETS, espSpi, type Instant, Ipv4Reassembler, ipv4, PROTOCOL, parseAddress } from '@espalier/wire';
import { DatagramCarrier, unwrapDatagram } from './carrier.ts';
import { checkConfig } from './check-config.ts';
import type { GatewayConfig } from './config.ts';
import type { GatewayEvent } from './events.ts';
import { Fifo } from './fifo.ts';
import { destinationAt, hasAddress, wholePacket } from './ip-packet.ts';
import { type InboundEntry, KeyManagement } from './key-management.ts';
import { fitToMtu, fragmentationNeeded, MAX_PACKET_OCTETS } from './path-mtu.ts';
import { ACCEPTED, type GatewayRefusal, type Outcome, RefusalCounter, refusedByEsp } from './refusals.ts';
import { Routing } from './routing.ts';
import type { SaPair } from './sa-pair.ts';
import { buildServiceSets } from './service-set.ts';
import type { PolicyAction } from './spd.ts';
import type { Tunnel } from './tunnel.ts';
import { IKE_PORT, planPeers, planTunnels } from './tunnel-plan.ts';
import { Show } from './views/show.ts';

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly engine: Engine;
  readonly rng: Rng;
  /**
   * How IKE travels: `ip`, in whole IP packets as ESP does, or `udp`, as datagrams for the caller's own sockets (see
   * `handleDatagram`). Default `ip`.
   */
  readonly outside?: 'ip' | 'udp';
  /** DES, MD5 and group 1 are a RangeError at construction unless named here. */
  readonly allowLegacy?: NonNullable<IkeEndpointConfig['allowLegacy']>;
  /** How long before the hard lifetime to rekey. Default: as Junos, 135 s as initiator and 90 s as responder. */
  readonly softLifetime?: NonNullable<IkeEndpointConfig['softLifetime']>;
}

/** What is to be sent on the outside. */
export type GatewayTransmit =
  /** A whole IP packet. */
  | { readonly kind: 'packet'; readonly octets: Uint8Array }
  /** The payload of a UDP datagram. */
  | {
      readonly kind: 'datagram';
      readonly source: Endpoint;
      readonly destination: Endpoint;
      readonly octets: Uint8Array;
    };

/** A whole IP packet for the inside. */
export interface InsideTransmit {
  readonly packet: Uint8Array;
  /** The service interface that it comes out of; undefined in interface style. */
  readonly insideInterface: string | undefined;
}

/**
 * A security gateway without I/O: IKE, the SPD, the SAD and ESP behind two doors for packets and one for time.
 *
 * Every input takes `now` and returns what became of it; then the caller drains `pollTransmit`, `pollInside` and
 * `pollEvent` until each is undefined, and calls `handleTimeout` when the clock reaches `pollTimeout().at`. An earlier
 * `now` counts as the latest seen. Nothing that the network sends throws, and what is refused changes nothing but a
 * counter.
 */
export class Gateway {
  readonly show: Show;
  readonly #keys: KeyManagement;
  readonly #routing: Routing;
  readonly #localGateways: readonly Uint8Array[];
  readonly #outside: 'ip' | 'udp';
  readonly #refusals = new RefusalCounter();
  readonly #reassembler = new Ipv4Reassembler();
  readonly #carrier = new DatagramCarrier();
  readonly #scratch = new Uint8Array(MAX_PACKET_OCTETS);
  readonly #toOutside = new Fifo<GatewayTransmit>();
  readonly #toInside = new Fifo<InsideTransmit>();
  #latest: Instant | undefined;
  #closed = false;

  /**
   * @throws RangeError for a configuration that cannot work, naming the argument.
   * @throws TypeError for a suite that the engine does not support.
   */
  constructor(options: GatewayOptions) {
    const { config, engine, rng, outside = 'ip', allowLegacy, softLifetime } = options;
    checkConfig(config);
    const plans = planTunnels(config);
    const serviceSets = buildServiceSets(config.serviceSets, plans);
    const tunnels = serviceSets.flatMap((serviceSet) => serviceSet.tunnels);
    const ike = new IkeEndpoint({
      engine,
      rng,
      peers: planPeers(plans),
      ...(allowLegacy === undefined ? {} : { allowLegacy }),
      ...(softLifetime === undefined ? {} : { softLifetime }),
    });
    const { establishTunnels } = config;
    this.#keys = new KeyManagement({ ike, engine, rng, tunnels, refusals: this.#refusals, establishTunnels });
    this.#routing = new Routing(serviceSets);
    this.#localGateways = config.serviceSets.map(({ localGateway }) => parseAddress(localGateway));
    this.#outside = outside;
    this.show = new Show(serviceSets, () => ike.ikeSas());
  }

  /** The gateway's own refusals since construction, by reason. */
  get refusals(): Readonly<Record<GatewayRefusal, number>> {
    return this.#refusals.snapshot();
  }

  /**
   * Takes a whole IP packet that is to leave the inside. Octets behind its total length are ignored; what is kept of
   * it is copied.
   *
   * @param insideInterface The service interface that it was routed into (next-hop style). Default: that of the first
   *   service set of next-hop style, or none.
   */
  handleInside(now: Instant, packet: Uint8Array, insideInterface?: string): Outcome {
    const at = this.#advance(now);
    if (this.#closed) return this.#refusals.refuse('closed');
    const inner = wholePacket(packet);
    if (inner === undefined) return this.#refusals.refuse('malformed-packet');
    const outcome = this.#obey(at, inner, this.#routing.lookUpOutbound(inner, insideInterface));
    this.#drainKeys(at);
    return outcome;
  }

  /** Takes a whole IP packet from the outside: ESP, IKE in UDP, or in interface style what the policy lets pass. */
  handleOutside(now: Instant, packet: Uint8Array): Outcome {
    const at = this.#advance(now);
    if (this.#closed) return this.#refusals.refuse('closed');
    const outer = wholePacket(packet);
    if (outer === undefined) return this.#refusals.refuse('malformed-packet');
    const outcome = this.#isForUs(outer) ? this.#receive(at, outer) : this.#receiveClear(outer);
    this.#drainKeys(at);
    return outcome;
  }

  /** Takes the payload of a UDP datagram that reached one of the caller's own sockets. */
  handleDatagram(now: Instant, from: Endpoint, to: Endpoint, payload: Uint8Array): Outcome {
    const at = this.#advance(now);
    if (this.#closed) return this.#refusals.refuse('closed');
    const outcome = this.#receiveDatagram(at, from, to, payload);
    this.#drainKeys(at);
    return outcome;
  }

  handleTimeout(now: Instant): void {
    const at = this.#advance(now);
    if (this.#closed) return;
    this.#reassembler.handleTimeout(at);
    this.#keys.handleTimeout(at);
    this.#drainKeys(at);
  }

  /** Deletes all SAs, telling the peers, and wipes their keys. Every later packet is refused. */
  close(now: Instant): void {
    if (this.#closed) return;
    const at = this.#advance(now);
    this.#keys.close(at);
    this.#drainKeys(at);
    this.#closed = true;
  }

  pollTransmit(): GatewayTransmit | undefined {
    return this.#toOutside.shift();
  }

  pollInside(): InsideTransmit | undefined {
    return this.#toInside.shift();
  }

  pollEvent(): GatewayEvent | undefined {
    return this.#keys.pollEvent();
  }

  pollTimeout(): Timeout | undefined {
    if (this.#closed) return undefined;
    return this.#keys.pollTimeout();
  }

  #advance(now: Instant): Instant {
    if (this.#latest === undefined || now > this.#latest) this.#latest = now;
    return this.#latest;
  }

  /** RFC 4301 §5.1. */
  #obey(now: Instant, packet: Uint8Array, action: PolicyAction<Tunnel> | undefined): Outcome {
    switch (action?.kind) {
      case undefined:
        return this.#refusals.refuse('no-service-set');
      case 'discard':
        return this.#refusals.refuse('discarded-by-policy');
      case 'bypass':
        this.#toOutside.push({ kind: 'packet', octets: packet.slice() });
        return ACCEPTED.bypassed;
      case 'protect':
        return this.#protect(now, action.target, packet);
    }
  }

  #protect(now: Instant, tunnel: Tunnel, packet: Uint8Array): Outcome {
    const pair = tunnel.sending;
    if (pair === undefined) return this.#wait(now, tunnel, packet);
    if (pair.outbound.lifetimeState(now) === 'hard') {
      this.#keys.retire(now, pair);
      return tunnel.sending === pair ? refusedByEsp('expired') : this.#protect(now, tunnel, packet);
    }
    const pieces = fitToMtu(packet, pair.mtu, tunnel.plan.term.clearDontFragment);
    if (pieces === undefined) return this.#answerTooLarge(tunnel, packet, pair.mtu);
    let outcome: Outcome = ACCEPTED.protected;
    for (const piece of pieces) outcome = this.#seal(now, tunnel, pair, piece);
    if (pair.outbound.lifetimeState(now) === 'soft') this.#keys.renew(now, pair);
    return outcome;
  }

  #seal(now: Instant, tunnel: Tunnel, pair: SaPair, packet: Uint8Array): Outcome {
    const sealed = pair.outbound.sealInto(now, packet, this.#scratch);
    if (!sealed.ok) return this.#refuseByEsp(tunnel, sealed.reason);
    tunnel.statistics.encrypted(packet.length);
    this.#toOutside.push({ kind: 'packet', octets: sealed.octets.slice() });
    return ACCEPTED.protected;
  }

  #wait(now: Instant, tunnel: Tunnel, packet: Uint8Array): Outcome {
    if (!this.#keys.seek(now, tunnel)) return this.#refusals.refuse('no-security-association');
    return tunnel.waiting.add(packet) ? ACCEPTED.queued : this.#refusals.refuse('queue-full');
  }

  #answerTooLarge(tunnel: Tunnel, packet: Uint8Array, mtu: number): Outcome {
    const answer = fragmentationNeeded(packet, mtu, tunnel.localAddress);
    if (answer !== undefined) this.#toInside.push({ packet: answer, insideInterface: tunnel.insideInterface });
    return this.#refusals.refuse('fragmentation-needed');
  }

  #isForUs(packet: Uint8Array): boolean {
    const at = destinationAt(packet);
    return this.#localGateways.some((address) => hasAddress(packet, at, address));
  }

  #receive(now: Instant, packet: Uint8Array): Outcome {
    if (!ipv4.isFragment(packet, 0)) return this.#receiveWhole(now, packet);
    const result = this.#reassembler.accept(now, packet);
    if (result.kind === 'pending') return ACCEPTED.held;
    return result.kind === 'whole' ? this.#receiveWhole(now, result.packet) : this.#refusals.refuse('bad-fragment');
  }

  #receiveWhole(now: Instant, packet: Uint8Array): Outcome {
    switch (ipv4.protocol(packet, 0)) {
      case PROTOCOL.esp:
        return this.#open(now, packet);
      case PROTOCOL.udp: {
        const datagram = unwrapDatagram(packet);
        if (datagram === undefined) return this.#refusals.refuse('malformed-packet');
        return this.#receiveDatagram(now, datagram.from, datagram.to, datagram.payload);
      }
      default:
        return this.#refusals.refuse('unexpected-protocol');
    }
  }

  #receiveDatagram(now: Instant, from: Endpoint, to: Endpoint, payload: Uint8Array): Outcome {
    if (to.port !== IKE_PORT) return this.#refusals.refuse('unexpected-datagram');
    const result = this.#keys.handleDatagram(now, from, to, payload);
    return result.ok ? ACCEPTED.accepted : { ok: false, by: 'ike', reason: result.reason };
  }

  /** RFC 4301 §5.2, for what arrives protected. */
  #open(now: Instant, packet: Uint8Array): Outcome {
    const espAt = ipv4.headerOctets(packet, 0);
    if (packet.length < espAt + ESP_HEADER_OCTETS) return this.#refusals.refuse('malformed-packet');
    const entry = this.#keys.findInbound(espSpi(packet, espAt), packet);
    if (entry === undefined) return this.#refusals.refuse('unknown-spi');
    const { tunnel, pair } = entry;
    const opened = pair.inbound.openInto(now, packet.subarray(espAt), this.#scratch, ipv4.tos(packet, 0));
    if (!opened.ok) return this.#refuseByEsp(tunnel, opened.reason);
    return this.#accept(now, entry, opened.octets);
  }

  #accept(now: Instant, { tunnel, pair }: InboundEntry, inner: Uint8Array): Outcome {
    this.#keys.confirm(now, { tunnel, pair });
    if (pair.inbound.lifetimeState(now) === 'soft') this.#keys.renew(now, pair);
    if (!tunnel.admits(inner)) return this.#refusals.refuse('selector-mismatch');
    tunnel.statistics.decrypted(inner.length);
    this.#toInside.push({ packet: inner.slice(), insideInterface: tunnel.insideInterface });
    return ACCEPTED.accepted;
  }

  /** RFC 4301 §5.2, for what arrives in the clear and is for someone behind the gateway. */
  #receiveClear(packet: Uint8Array): Outcome {
    switch (this.#routing.lookUpInbound(packet)?.kind) {
      case undefined:
        return this.#refusals.refuse('no-service-set');
      case 'protect':
        return this.#refusals.refuse('unprotected');
      case 'discard':
        return this.#refusals.refuse('discarded-by-policy');
      case 'bypass':
        this.#toInside.push({ packet: packet.slice(), insideInterface: undefined });
        return ACCEPTED.bypassed;
    }
  }

  #refuseByEsp(tunnel: Tunnel, reason: EspRefusal): Outcome {
    tunnel.statistics.refused(reason);
    return refusedByEsp(reason);
  }

  /** Sends what IKE has to send, and what waited for the SAs that it made. */
  #drainKeys(now: Instant): void {
    this.#drainIke();
    for (let tunnel = this.#keys.pollReady(); tunnel !== undefined; tunnel = this.#keys.pollReady()) {
      for (const packet of tunnel.waiting.take()) this.#protect(now, tunnel, packet);
    }
    this.#drainIke();
  }

  #drainIke(): void {
    for (let message = this.#keys.pollTransmit(); message !== undefined; message = this.#keys.pollTransmit()) {
      if (this.#outside === 'udp') this.#toOutside.push({ kind: 'datagram', ...message });
      else this.#toOutside.push({ kind: 'packet', octets: this.#carrier.wrap(message) });
    }
  }
}
