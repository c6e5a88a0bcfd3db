import type { Engine } from '../../../packages/crypto/src/index.ts';
import {
  Gateway,
  type GatewayConfig,
  type GatewayEvent,
  type GatewayOptions,
  type InsideTransmit,
} from '../../../packages/gateway/src/index.ts';
import { datagramIn, packetAround } from '../../../packages/gateway/test/support/bed.ts';
import type { Answer, Question } from '../../../packages/ike/src/index.ts';
import {
  after,
  type Duration,
  formatAddress,
  type Instant,
  instant,
  ip,
  milliseconds,
  PROTOCOL,
  seconds,
} from '../../../packages/wire/src/index.ts';
import { seededRng } from '../../support/rng.ts';
import { CHEAP_ENGINE, ENGINE } from './engines.ts';

export interface Host {
  readonly address: string;
  /** What its IKE is told when it asks. */
  readonly answers: Answers;
  /** Name of the NAT that it is behind. */
  readonly behind: string | undefined;
  readonly config: GatewayConfig;
  readonly options: Partial<GatewayOptions>;
  gateway: Gateway;
  /** What came out of its inside. */
  readonly received: InsideTransmit[];
  readonly events: GatewayEvent[];
}

/** Answers a question of IKE; undefined: nobody knows. */
export type Answers = (question: Question) => Answer | undefined;

interface Nat {
  readonly address: string;
  /** Who gets what is sent to ports 500 and 4500 out of the blue. */
  readonly forwardsTo: string | undefined;
  /** By public port. */
  readonly flows: Map<number, { readonly address: string; readonly port: number }>;
}

/** Looks at each packet on the link: what it gives arrives. */
export type Link = (from: string, packet: Uint8Array) => readonly Uint8Array[];

interface Arrival {
  readonly at: Instant;
  readonly packet: Uint8Array;
}

/** Gateways and hosts by their names, NATs between them, one clock, and the packets on the link. */
export class Internet {
  now: Instant = instant(0);
  link: Link = (_, packet) => [packet];
  /** Every packet that was put on the link. */
  readonly sent: { readonly from: string; readonly packet: Uint8Array }[] = [];
  readonly #engine: Engine;
  readonly #hosts = new Map<string, Host>();
  readonly #nats = new Map<string, Nat>();
  readonly #aliases = new Map<string, string>();
  readonly #arrivals: Arrival[] = [];
  #seed = 1;

  /** Diffie-Hellman is for show, unless it is asked for. */
  constructor({ realDh = false }: { readonly realDh?: boolean } = {}) {
    this.#engine = realDh ? ENGINE : CHEAP_ENGINE;
  }

  nat(name: string, address: string, forwardsTo?: string): void {
    this.#nats.set(name, { address, forwardsTo, flows: new Map() });
  }

  join(
    name: string,
    address: string,
    config: GatewayConfig,
    {
      behind,
      answers = () => undefined,
      ...options
    }: Partial<GatewayOptions> & { readonly behind?: string | undefined; readonly answers?: Answers } = {},
  ): Host {
    const gateway = this.#gateway(config, options);
    const host = { address, behind, answers, config, options, gateway, received: [], events: [] };
    this.#hosts.set(name, host);
    this.#drain();
    return host;
  }

  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new RangeError(`nobody is called ${name}`);
    return host;
  }

  /** Another address of a host. */
  alias(name: string, address: string): void {
    this.#aliases.set(address, this.host(name).address);
  }

  /** As when it is switched off and on: its peers are not told. */
  restart(name: string): void {
    const host = this.host(name);
    host.gateway = this.#gateway(host.config, host.options);
    this.#drain();
  }

  /** A packet from the inside of a host; whether it was taken. */
  send(name: string, packet: Uint8Array): boolean {
    const { ok } = this.host(name).gateway.handleInside(this.now, packet);
    this.#drain();
    return ok;
  }

  /** What a caller does with a gateway. */
  on<T>(name: string, command: (gateway: Gateway, now: Instant) => T): T {
    const result = command(this.host(name).gateway, this.now);
    this.#drain();
    return result;
  }

  run(duration: Duration): void {
    const end = after(this.now, duration);
    for (let next = this.#next(); next <= end; next = this.#next()) {
      if (next > this.now) this.now = instant(next);
      while (this.#arrivals[0] !== undefined && this.#arrivals[0].at <= this.now) this.#arrive(this.#arrivals.shift());
      for (const { gateway } of this.#hosts.values()) {
        if ((gateway.pollTimeout()?.at ?? Number.POSITIVE_INFINITY) <= this.now) gateway.handleTimeout(this.now);
      }
      this.#drain();
    }
    this.now = end;
  }

  /** Lets the time pass until something is so; false where it is not within `duration`. */
  runUntil(condition: () => boolean, duration: Duration): boolean {
    const end = after(this.now, duration);
    while (!condition() && this.now < end) this.run(seconds(0.1));
    return condition();
  }

  #gateway(config: GatewayConfig, options: Partial<GatewayOptions>): Gateway {
    return new Gateway({
      config,
      engine: this.#engine,
      rng: seededRng(this.#seed++),
      packetSlots: 64,
      allowLegacy: ['md5', 'modp1024s160', 'modp2048s256'],
      ...options,
    });
  }

  #drain(): void {
    for (const [name, host] of this.#hosts) {
      const { gateway, received, events, answers } = host;
      for (let question = gateway.pollQuestion(); question !== undefined; question = gateway.pollQuestion()) {
        const answer = answers(question);
        if (answer !== undefined) gateway.answer(this.now, question.id, answer);
      }
      for (let out = gateway.pollTransmit(); out !== undefined; out = gateway.pollTransmit()) {
        this.#leave(name, out.kind === 'packet' ? out.octets : packetAround(out));
      }
      for (let inner = gateway.pollInside(); inner !== undefined; inner = gateway.pollInside()) received.push(inner);
      for (let event = gateway.pollEvent(); event !== undefined; event = gateway.pollEvent()) events.push(event);
    }
  }

  #leave(from: string, packet: Uint8Array): void {
    const { behind } = this.host(from);
    const outside = behind === undefined ? packet : outwards(this.#natOf(behind), packet);
    if (outside === undefined) return;
    this.sent.push({ from, packet: outside });
    const at = after(this.now, milliseconds(5));
    for (const one of this.link(from, outside)) this.#arrivals.push({ at, packet: one });
  }

  #arrive(arrival: Arrival | undefined): void {
    if (arrival === undefined) return;
    const destination = destinationOf(arrival.packet);
    const nat = [...this.#nats.entries()].find(([, { address }]) => address === destination);
    const packet = nat === undefined ? arrival.packet : this.#inwards(nat[1], arrival.packet);
    if (packet === undefined) return;
    const to = destinationOf(packet);
    const inside = this.#aliases.get(to) ?? to;
    const host = [...this.#hosts.values()].find(
      ({ address, behind }) => address === inside && behind === (nat === undefined ? undefined : nat[0]),
    );
    host?.gateway.handleOutside(this.now, packet);
    this.#drain();
  }

  #inwards({ flows, forwardsTo }: Nat, packet: Uint8Array): Uint8Array | undefined {
    if (ip.protocol(packet, 0, packet.length) !== PROTOCOL.udp) return undefined;
    const datagram = datagramIn(packet);
    const { port } = datagram.destination;
    const flow = flows.get(port);
    const forwarded = forwardsTo === undefined ? undefined : { address: this.host(forwardsTo).address, port };
    const destination = flow ?? (port === 500 || port === 4500 ? forwarded : undefined);
    return destination && packetAround({ ...datagram, destination });
  }

  #natOf(name: string): Nat {
    const nat = this.#nats.get(name);
    if (nat === undefined) throw new RangeError(`no NAT is called ${name}`);
    return nat;
  }

  #next(): number {
    const timeouts = [...this.#hosts.values()].map(
      ({ gateway }) => gateway.pollTimeout()?.at ?? Number.POSITIVE_INFINITY,
    );
    return Math.min(this.#arrivals[0]?.at ?? Number.POSITIVE_INFINITY, ...timeouts);
  }
}

/** Each flow of UDP gets a port of its own, and nothing else passes; who is forwarded to keeps its ports. */
function outwards({ address, forwardsTo, flows }: Nat, packet: Uint8Array): Uint8Array | undefined {
  if (ip.protocol(packet, 0, packet.length) !== PROTOCOL.udp) return undefined;
  const datagram = datagramIn(packet);
  if (forwardsTo !== undefined) return packetAround({ ...datagram, source: { address, port: datagram.source.port } });
  const { source } = datagram;
  const known = [...flows].find(([, flow]) => flow.address === source.address && flow.port === source.port)?.[0];
  const port = known ?? 20_000 + flows.size;
  flows.set(port, source);
  return packetAround({ ...datagram, source: { address, port } });
}

function destinationOf(packet: Uint8Array): string {
  return formatAddress(ip.destinationOctets(packet, 0));
}
