import { type Engine, espSuite } from '@espalier/crypto';
import {
  type Endpoint,
  type EspProtection,
  type HandleResult,
  IkeEndpoint,
  type IkeEndpointConfig,
  type IkeEvent,
  type NegotiatedChild,
  type NegotiationRefusedEvent,
  type PeerConfig,
  RecordedEndpoint,
  type Transmit,
} from '@espalier/ike';
import {
  after,
  type Duration,
  fromAscii,
  type Instant,
  instant,
  ipv4SubnetId,
  milliseconds,
  seconds,
} from '@espalier/wire';
import { seededRng } from '../../../../test/support/rng.ts';
import { cheapEngine } from './cheap-engine.ts';
import { handed, handedWhole } from './handing.ts';

export const R2: Endpoint = { address: '10.1.15.1', port: 500 };
export const R3: Endpoint = { address: '10.1.15.2', port: 500 };
export const START: Instant = instant(1_000_000);

export type Side = 'R2' | 'R3';
export type PeerChanges = Partial<PeerConfig>;

/** One gateway's view of the other, with the defaults of the AS PIC. */
export function peerConfig(side: Side, changes: PeerChanges = {}): PeerConfig {
  const isR2 = side === 'R2';
  return {
    name: isR2 ? 'R3' : 'R2',
    local: isR2 ? R2 : R3,
    remote: isR2 ? R3 : R2,
    preSharedKey: fromAscii('juniper'),
    mode: 'main',
    proposals: [{ encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: 'pre-shared-key' }],
    lifetime: seconds(3600),
    children: [childPolicy(side)],
    ...changes,
  };
}

export function childPolicy(
  side: Side,
  changes: Partial<PeerConfig['children'][number]> = {},
): PeerConfig['children'][number] {
  const [net12, net56] = [ipv4SubnetId('10.1.12.0/24'), ipv4SubnetId('10.1.56.0/24')];
  return {
    name: 'net',
    suites: [espSuite('3des-cbc/hmac-sha1-96')],
    localIdentity: side === 'R2' ? net12 : net56,
    remoteIdentity: side === 'R2' ? net56 : net12,
    lifetime: seconds(28_800),
    ...changes,
  };
}

/** What a child that ESP alone protects is protected with. */
export function espOf({ protections }: Pick<NegotiatedChild, 'protections'>): EspProtection {
  const [esp, ...others] = protections;
  if (esp?.protocol !== 'esp' || others.length > 0) throw new Error('not protected by ESP alone');
  return esp;
}

/** A datagram on its way. */
export interface Flight {
  /** Counts all datagrams from 0. */
  readonly index: number;
  readonly from: Side;
  readonly transmit: Transmit;
  readonly sentAt: Instant;
}

/** After which times a datagram arrives: none for a lost one, several for one that is duplicated. */
export type Network = (flight: Flight) => readonly number[];

const promptly: Network = () => [10];

export interface PairOptions {
  readonly R2?: PeerChanges;
  readonly R3?: PeerChanges;
  readonly engine?: Engine;
  readonly network?: Network;
  readonly seed?: number;
  readonly endpoint?: Partial<Omit<IkeEndpointConfig, 'peers' | 'engine'>>;
  /** Both endpoints are recorded, in lines of their own. */
  readonly record?: 'with secrets' | 'without secrets';
}

export class Node {
  readonly side: Side;
  readonly address: Endpoint;
  readonly endpoint: IkeEndpoint;
  /** What happened to SAs. */
  readonly events: IkeEvent[] = [];
  /** What was refused: it may have come from anybody, and changes nothing. */
  readonly news: NegotiationRefusedEvent[] = [];
  readonly results: HandleResult[] = [];
  readonly recording: string[] = [];

  constructor(side: Side, options: PairOptions) {
    this.side = side;
    this.address = side === 'R2' ? R2 : R3;
    const config = {
      engine: options.engine ?? cheapEngine(),
      rng: seededRng((options.seed ?? 1) * 2 + (side === 'R2' ? 0x1000 : 0x2000)),
      peers: [peerConfig(side, options[side])],
      ...options.endpoint,
    };
    const secrets = options.record === 'with secrets';
    const write = (line: string): void => void this.recording.push(line);
    const { record } = options;
    this.endpoint = handedWhole(config.peers, (peers) =>
      record === undefined
        ? new IkeEndpoint({ ...config, peers })
        : new RecordedEndpoint({ ...config, peers }, { secrets, write }),
    );
  }

  get peer(): Side {
    return this.side === 'R2' ? 'R3' : 'R2';
  }

  of<K extends IkeEvent['kind']>(kind: K): readonly Extract<IkeEvent, { kind: K }>[] {
    return this.events.filter((event): event is Extract<IkeEvent, { kind: K }> => event.kind === kind);
  }
}

interface ReceivedMessage {
  readonly at: Instant;
  readonly order: number;
  readonly flight: Flight;
}

/** Does all that is due: each call does a part where it is much. */
export function catchUp(endpoint: IkeEndpoint, now: Instant): void {
  for (let calls = 0; calls < 10_000; calls++) {
    const timeout = endpoint.pollTimeout();
    if (timeout === undefined || timeout.at > now) return;
    endpoint.handleTimeout(now);
  }
  throw new Error('there is no end to what is due');
}

/** Two endpoints, the network between them and the clock of both: nothing else happens, and always the same. */
export class Pair {
  readonly R2: Node;
  readonly R3: Node;
  readonly sent: Flight[] = [];
  network: Network;
  now: Instant = START;
  /** Looks at every datagram before it arrives. */
  arriving: (flight: Flight) => void = () => {};
  readonly #arrivals: ReceivedMessage[] = [];
  #order = 0;

  constructor(options: PairOptions = {}) {
    this.network = options.network ?? promptly;
    this.R2 = new Node('R2', options);
    this.R3 = new Node('R3', options);
  }

  get nodes(): readonly [Node, Node] {
    return [this.R2, this.R3];
  }

  /** Runs a command on one side and takes what it gives out. */
  on<T>(side: Side, command: (endpoint: IkeEndpoint, now: Instant) => T): T {
    const result = command(this[side].endpoint, this.now);
    this.#drain(this[side]);
    return result;
  }

  initiate(side: Side = 'R2'): this {
    this.on(side, (endpoint, now) => endpoint.initiate(now, this[side].peer));
    return this;
  }

  /** Hands a datagram to one side, as if it came from the other. */
  inject(
    side: Side,
    octets: Uint8Array,
    from: Endpoint = this[this[side].peer].address,
    to: Endpoint = this[side].address,
  ): HandleResult {
    const node = this[side];
    const result = handed(octets, (datagram) => node.endpoint.handleDatagram(this.now, from, to, datagram));
    node.results.push(result);
    this.#drain(node);
    return result;
  }

  /** Lets time pass until nothing is due any more within `duration`. */
  run(duration: Duration): this {
    const end = after(this.now, duration);
    while (this.step(end));
    this.now = end;
    return this;
  }

  /** Runs until the condition holds; false where `duration` passes first. */
  runUntil(condition: () => boolean, duration: Duration = seconds(300)): boolean {
    const end = after(this.now, duration);
    while (!condition()) if (!this.step(end)) return condition();
    return true;
  }

  /** The next thing that happens, up to `end`; false where nothing does. */
  step(end: Instant): boolean {
    const [arrival] = this.#arrivals;
    const timer = this.nodes
      .flatMap((node) => {
        const timeout = node.endpoint.pollTimeout();
        return timeout === undefined ? [] : [{ node, at: timeout.at }];
      })
      .sort((a, b) => a.at - b.at)[0];
    const isTimer = timer !== undefined && (arrival === undefined || timer.at < arrival.at);
    const at = isTimer ? timer.at : arrival?.at;
    if (at === undefined || at > end) return false;
    if (at > this.now) this.now = at;
    if (isTimer) {
      timer.node.endpoint.handleTimeout(this.now);
      this.#drain(timer.node);
    } else if (arrival !== undefined) {
      this.#arrivals.shift();
      this.arriving(arrival.flight);
      const { octets, source, destination } = arrival.flight.transmit;
      this.inject(arrival.flight.from === 'R2' ? 'R3' : 'R2', octets, source, destination);
    }
    return true;
  }

  #drain(node: Node): void {
    const { endpoint } = node;
    for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) {
      if (event.kind === 'negotiation-refused') node.news.push(event);
      else node.events.push(event);
    }
    for (let transmit = endpoint.pollTransmit(); transmit !== undefined; transmit = endpoint.pollTransmit()) {
      const flight = { index: this.sent.length, from: node.side, transmit, sentAt: this.now };
      this.sent.push(flight);
      for (const delay of this.network(flight)) this.#post(flight, delay);
    }
  }

  #post(flight: Flight, delay: number): void {
    this.#arrivals.push({ at: after(this.now, milliseconds(delay)), order: this.#order++, flight });
    this.#arrivals.sort((a, b) => a.at - b.at || a.order - b.order);
  }
}

/** A pair with a tunnel that R2 has negotiated. */
export function tunnelled(options: PairOptions = {}): Pair {
  const pair = new Pair(options).initiate();
  pair.run(seconds(1));
  return pair;
}
