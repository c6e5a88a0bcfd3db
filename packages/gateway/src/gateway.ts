import type { Engine, Rng } from '@espalier/crypto';
import { type Endpoint, IkeEndpoint, type IkeEndpointConfig, type Timeout } from '@espalier/ike';
import { type Instant, parseAddress } from '@espalier/wire';
import { DatagramCarrier } from './carrier.ts';
import { checkConfig } from './check-config.ts';
import type { GatewayConfig } from './config.ts';
import { Doors, type GatewayTransmit, type InsideTransmit } from './doors.ts';
import type { GatewayEvent } from './events.ts';
import { InboundProcessing } from './inbound.ts';
import { KeyManagement } from './key-management.ts';
import { OutboundProcessing } from './outbound.ts';
import { type Outcome, RefusalCounter, type Refusals } from './refusals.ts';
import { Routing } from './routing.ts';
import { buildServiceSets } from './service-set.ts';
import { planPeers, planTunnels } from './tunnel-plan.ts';
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
  readonly #outbound: OutboundProcessing;
  readonly #inbound: InboundProcessing;
  readonly #outside: 'ip' | 'udp';
  readonly #refusals = new RefusalCounter();
  readonly #carrier = new DatagramCarrier();
  readonly #doors = new Doors();
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
    const routing = new Routing(serviceSets);
    const localGateways = config.serviceSets.map(({ localGateway }) => parseAddress(localGateway));
    this.#outbound = new OutboundProcessing(routing, this.#keys, this.#refusals, this.#doors);
    this.#inbound = new InboundProcessing(localGateways, routing, this.#keys, this.#refusals, this.#doors);
    this.#outside = outside;
    this.show = new Show(serviceSets, () => ike.ikeSas());
  }

  get refusals(): Refusals {
    return { ...this.#refusals.snapshot(), ike: this.#keys.ikeRefusals() };
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
    const outcome = this.#outbound.take(at, packet, insideInterface);
    this.#drainKeys(at);
    return outcome;
  }

  /** Takes a whole IP packet from the outside: ESP, IKE in UDP, or in interface style what the policy lets pass. */
  handleOutside(now: Instant, packet: Uint8Array): Outcome {
    const at = this.#advance(now);
    if (this.#closed) return this.#refusals.refuse('closed');
    const outcome = this.#inbound.take(at, packet);
    this.#drainKeys(at);
    return outcome;
  }

  /** Takes the payload of a UDP datagram that reached one of the caller's own sockets. */
  handleDatagram(now: Instant, from: Endpoint, to: Endpoint, payload: Uint8Array): Outcome {
    const at = this.#advance(now);
    if (this.#closed) return this.#refusals.refuse('closed');
    const outcome = this.#inbound.takeDatagram(at, from, to, payload);
    this.#drainKeys(at);
    return outcome;
  }

  handleTimeout(now: Instant): void {
    const at = this.#advance(now);
    if (this.#closed) return;
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
    return this.#doors.outside.shift();
  }

  pollInside(): InsideTransmit | undefined {
    return this.#doors.inside.shift();
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

  /** Sends what IKE has to send, and what waited for the SAs that it made. */
  #drainKeys(now: Instant): void {
    this.#drainIke();
    for (let tunnel = this.#keys.pollReady(); tunnel !== undefined; tunnel = this.#keys.pollReady()) {
      this.#outbound.release(now, tunnel);
    }
    this.#drainIke();
  }

  #drainIke(): void {
    for (let message = this.#keys.pollTransmit(); message !== undefined; message = this.#keys.pollTransmit()) {
      if (this.#outside === 'udp') this.#doors.outside.push({ kind: 'datagram', ...message });
      else this.#doors.outside.push({ kind: 'packet', octets: this.#carrier.wrap(message) });
    }
  }
}
