import { type Engine, espSuite, nobleEngine } from '@espalier/crypto';
import type { Answer, Question } from '@espalier/ike';
import {
  after,
  type Duration,
  encodeIpv4,
  formatAddress,
  fromAscii,
  type Instant,
  instant,
  ip,
  milliseconds,
  parseAddress,
  seconds,
} from '@espalier/wire';
import { seededRng } from '../../../../test/support/rng.ts';
import {
  Gateway,
  type GatewayConfig,
  type GatewayEvent,
  type GatewayPeer,
  type Outcome,
  type PolicyConfig,
} from '../../src/index.ts';
import { datagramIn, packetAround } from '../support/bed.ts';
import { toyDhEngine } from '../support/toy-dh.ts';

export const HUB = '203.0.113.1';
/** The net behind the hub. */
export const OFFICE = '10.30.0.0/16';
const SERVER = '10.30.0.5';
const NAT = '198.51.100.77';

export const TEMPLATE: GatewayPeer = {
  name: 'warriors',
  local: HUB,
  remote: { addresses: 'any' },
  preSharedKey: fromAscii('on the road'),
  allowWildcardKey: true,
  proposals: [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
  lifetime: seconds(3600),
};

export const ROAD: PolicyConfig = {
  name: 'road',
  selectors: { local: OFFICE, remote: '10.80.0.0/16' },
  action: { kind: 'protect', peer: 'warriors', suites: [espSuite('aes-128-gcm-16')], lifetime: seconds(3600) },
};

/** The hub, as its configuration is altered. */
export function hubConfig(alter: { readonly peer?: object; readonly action?: object; readonly policy?: object } = {}) {
  return {
    peers: [{ ...TEMPLATE, ...alter.peer }],
    policies: [{ ...ROAD, ...alter.policy, action: { ...ROAD.action, ...alter.action } }],
  } as GatewayConfig;
}

/** One on the road: where it is, and the net behind it. */
export interface Warrior {
  readonly address: string;
  readonly net: string;
  /** Default: addresses of the internet reach it. */
  readonly behindNat?: boolean;
  /** Default: its net and the office, under the template's key. */
  readonly config?: GatewayConfig;
}

function warriorConfig({ address, net, config }: Warrior): GatewayConfig {
  if (config !== undefined) return config;
  return {
    peers: [{ ...TEMPLATE, name: 'hub', local: address, remote: HUB, allowWildcardKey: false }],
    policies: [
      {
        ...ROAD,
        selectors: { local: net, remote: OFFICE },
        action: { ...ROAD.action, kind: 'protect', peer: 'hub' } as PolicyConfig['action'],
      },
    ],
  };
}

interface Site {
  readonly gateway: Gateway;
  /** Source addresses of the packets that came out of its inside. */
  readonly received: string[];
  readonly events: GatewayEvent[];
}

interface Arrival {
  readonly at: Instant;
  readonly packet: Uint8Array;
}

/** A hub with a template of peers, and whoever calls it, on a virtual internet with one NAT. */
export class Road {
  now: Instant = instant(0);
  readonly hub: Site;
  /** Transforms and octets of its engine's arena that the hub holds. */
  readonly held: Held = { transforms: 0, octets: 0 };
  readonly #engine: Engine = toyDhEngine(nobleEngine());
  readonly #warriors = new Map<string, Site & { readonly warrior: Warrior }>();
  readonly #arrivals: Arrival[] = [];
  /** By public port: who it is, and from which port. */
  readonly #flows = new Map<number, { readonly address: string; readonly port: number }>();
  #seed = 1;

  constructor(config: GatewayConfig = hubConfig()) {
    this.hub = this.#site(config, counting(this.#engine, this.held));
  }

  /** Somebody appears on the road; under an address that is known it is as after a restart. */
  join(name: string, warrior: Warrior): Site {
    const site = { ...this.#site(warriorConfig(warrior)), warrior };
    this.#warriors.set(name, site);
    return site;
  }

  site(name: string): Site {
    const site = this.#warriors.get(name);
    if (site === undefined) throw new RangeError(`nobody is called ${name}`);
    return site;
  }

  /** A packet of the first host behind a warrior to the server behind the hub. */
  call(name: string): Outcome {
    const outcome = this.site(name).gateway.handleInside(this.now, packet(this.#host(name), SERVER));
    this.drain();
    return outcome;
  }

  /** One the other way. */
  answer(name: string, insideInterface?: string): Outcome {
    const outcome = this.hub.gateway.handleInside(this.now, packet(SERVER, this.#host(name)), insideInterface);
    this.drain();
    return outcome;
  }

  /** Whether a packet gets to the server, and one gets back. */
  reaches(name: string, insideInterface?: string): boolean {
    const before = this.site(name).received.length;
    const host = this.#host(name);
    const called = this.hub.received.filter((source) => source === host).length;
    this.call(name);
    this.run(seconds(2));
    this.answer(name, insideInterface);
    this.run(seconds(1));
    const arrived = this.hub.received.filter((source) => source === host).length > called;
    return arrived && this.site(name).received.length === before + 1;
  }

  run(duration: Duration): void {
    this.drain();
    const end = after(this.now, duration);
    for (let next = this.#next(); next <= end; next = this.#next()) {
      if (next > this.now) this.now = instant(next);
      while (this.#arrivals[0] !== undefined && this.#arrivals[0].at <= this.now) this.#deliver(this.#arrivals.shift());
      for (const { gateway } of this.#sites) {
        if ((gateway.pollTimeout()?.at ?? Number.POSITIVE_INFINITY) <= this.now) gateway.handleTimeout(this.now);
      }
      this.drain();
    }
    this.now = end;
  }

  /** What the hub is asked. */
  answering: (question: Question) => Answer = ({ kind }) => {
    throw new Error(`nobody answers ${kind}`);
  };

  drain(): void {
    for (let asked = this.hub.gateway.pollQuestion(); asked; asked = this.hub.gateway.pollQuestion()) {
      this.hub.gateway.answer(this.now, asked.id, this.answering(asked));
    }
    for (const { gateway, received, events } of this.#sites) {
      for (let out = gateway.pollTransmit(); out !== undefined; out = gateway.pollTransmit()) {
        const sent = this.#outwards(out.kind === 'packet' ? out.octets : packetAround(out));
        if (sent !== undefined) this.#arrivals.push({ at: after(this.now, milliseconds(1)), packet: sent });
      }
      for (let inner = gateway.pollInside(); inner !== undefined; inner = gateway.pollInside()) {
        received.push(addressAt(inner.packet, ip.sourceAt(inner.packet, 0)));
      }
      for (let event = gateway.pollEvent(); event !== undefined; event = gateway.pollEvent()) events.push(event);
    }
  }

  get #sites(): readonly Site[] {
    return [this.hub, ...this.#warriors.values()];
  }

  #site(config: GatewayConfig, engine = this.#engine): Site {
    const gateway = new Gateway({ config, engine, rng: seededRng(this.#seed++), packetSlots: 64 });
    return { gateway, received: [], events: [] };
  }

  #host(name: string): string {
    const [network = ''] = this.#warriors.get(name)?.warrior.net.split('/') ?? [];
    return network.replace(/\.0$/, '.9');
  }

  #deliver(arrival: Arrival | undefined): void {
    if (arrival === undefined) return;
    const inwards = this.#inwards(arrival.packet);
    if (inwards === undefined) return;
    const destination = addressAt(inwards, ip.destinationAt(inwards, 0));
    const warriors = [...this.#warriors.values()].filter(({ warrior }) => warrior.address === destination);
    for (const { gateway } of destination === HUB ? [this.hub] : warriors) gateway.handleOutside(this.now, inwards);
    this.drain();
  }

  /** Through the NAT, where there is one. */
  #outwards(sent: Uint8Array): Uint8Array | undefined {
    const source = addressAt(sent, ip.sourceAt(sent, 0));
    const isHidden = [...this.#warriors.values()].some(
      ({ warrior }) => warrior.address === source && warrior.behindNat === true,
    );
    if (!isHidden) return sent;
    if (ip.protocol(sent, 0, sent.length) !== 17) return undefined;
    const datagram = datagramIn(sent);
    const known = [...this.#flows].find(([, { address, port }]) => address === source && port === datagram.source.port);
    const port = known?.[0] ?? 20_000 + this.#flows.size;
    this.#flows.set(port, datagram.source);
    return packetAround({ ...datagram, source: { address: NAT, port } });
  }

  #inwards(arrived: Uint8Array): Uint8Array | undefined {
    if (addressAt(arrived, ip.destinationAt(arrived, 0)) !== NAT) return arrived;
    const datagram = datagramIn(arrived);
    const flow = this.#flows.get(datagram.destination.port);
    return flow && packetAround({ ...datagram, destination: flow });
  }

  #next(): number {
    const timeouts = this.#sites.map(({ gateway }) => gateway.pollTimeout()?.at ?? Number.POSITIVE_INFINITY);
    return Math.min(this.#arrivals[0]?.at ?? Number.POSITIVE_INFINITY, ...timeouts);
  }
}

/** What was taken from an engine and not given back. */
interface Held {
  transforms: number;
  octets: number;
}

function counting(engine: Engine, held: Held): Engine {
  return {
    ...engine,
    allocate(octets) {
      held.octets += octets;
      return engine.allocate(octets);
    },
    release(memory) {
      held.octets -= memory.length;
      engine.release(memory);
    },
    createEspTransform(options) {
      const transform = engine.createEspTransform(options);
      held.transforms += 1;
      return {
        suite: transform.suite,
        constantTime: transform.constantTime,
        seal: (memory, jobs, iv) => transform.seal(memory, jobs, iv),
        open: (memory, jobs) => transform.open(memory, jobs),
        wipe() {
          held.transforms -= 1;
          transform.wipe();
        },
      };
    },
  };
}

export function packet(source: string, destination: string): Uint8Array {
  const addresses = { source: parseAddress(source), destination: parseAddress(destination) };
  return encodeIpv4({ ...addresses, protocol: 17, payload: new Uint8Array(16) });
}

function addressAt(octets: Uint8Array, at: number): string {
  return formatAddress(octets.subarray(at, at + 4));
}
