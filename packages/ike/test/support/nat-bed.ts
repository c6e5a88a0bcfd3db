import type { Endpoint, HandleResult, IkeEndpoint, Transmit } from '@espalier/ike';
import {
  after,
  type Duration,
  decodeHeader,
  decodeMessage,
  encodeMessage,
  FLAG,
  type Instant,
  ipv4AddressId,
  milliseconds,
  seconds,
  toHex,
} from '@espalier/wire';
import { handed } from './handing.ts';
import { Node, type PairOptions, type PeerChanges, R2, R3, type Side, START } from './pair.ts';

/** A NAT in front of one host: whoever sends gets a port of its public address, and only who has one is reached. */
export class NatBox {
  publicAddress: string;
  readonly #insideAddress: string;
  readonly #isForwarding: boolean;
  /** Public ports by those inside. */
  readonly #ports = new Map<number, number>();
  #nextPort = 40_000;

  /** `isForwarding`: 500 and 4500 are handed through as they are, as for a server behind a NAT. */
  constructor(insideAddress: string, publicAddress: string, isForwarding: boolean) {
    this.publicAddress = publicAddress;
    this.#insideAddress = insideAddress;
    this.#isForwarding = isForwarding;
  }

  outward({ address, port }: Endpoint): Endpoint {
    if (address !== this.#insideAddress) throw new Error(`${address} is not behind this NAT`);
    if (this.#isForwarding) return { address: this.publicAddress, port };
    const known = this.#ports.get(port);
    const mapped = known ?? this.#nextPort++;
    this.#ports.set(port, mapped);
    return { address: this.publicAddress, port: mapped };
  }

  /** Undefined where nobody is behind the port. */
  inward({ address, port }: Endpoint): Endpoint | undefined {
    if (address !== this.publicAddress) return undefined;
    if (this.#isForwarding) return { address: this.#insideAddress, port };
    const inside = [...this.#ports].find(([, mapped]) => mapped === port)?.[0];
    return inside === undefined ? undefined : { address: this.#insideAddress, port: inside };
  }

  /** Forgets everybody: the next datagram of each gets another port. */
  rebind(publicAddress: string = this.publicAddress): void {
    this.publicAddress = publicAddress;
    this.#ports.clear();
  }
}

export const INSIDE: Readonly<Record<Side, string>> = { R2: '192.168.2.1', R3: '192.168.3.1' };
const PUBLIC: Readonly<Record<Side, string>> = { R2: R2.address, R3: R3.address };

export interface NatBedOptions extends Omit<PairOptions, 'network'> {
  /** Who is behind a NAT. */
  readonly behind?: readonly Side[];
  /** Whom nothing but its address names to the other. */
  readonly unnamed?: readonly Side[];
  /** What becomes of a datagram on the outer network. Default: nothing. */
  readonly alter?: (transmit: Transmit) => Transmit | undefined;
}

/** A datagram as the outer network sees it. */
export interface Crossing extends Transmit {
  readonly from: Side;
  readonly at: Instant;
}

interface ReceivedMessage {
  readonly at: Instant;
  readonly to: Side;
  readonly transmit: Transmit;
}

const DELAY = milliseconds(10);

/** R2 starts, R3 answers, with NATs between them; both know each other by public addresses. */
export class NatBed {
  readonly R2: Node;
  readonly R3: Node;
  readonly boxes: Readonly<Partial<Record<Side, NatBox>>>;
  readonly crossed: Crossing[] = [];
  now: Instant = START;
  alter: (transmit: Transmit) => Transmit | undefined;
  /** Hands a datagram to whom it has reached. */
  deliver: (side: Side, transmit: Transmit) => void = (side, transmit) => this.inject(side, transmit);
  readonly #arrivals: ReceivedMessage[] = [];

  constructor({ behind = [], unnamed = [], alter = (transmit) => transmit, ...options }: NatBedOptions = {}) {
    const box = (side: Side): NatBox | undefined =>
      behind.includes(side) ? new NatBox(INSIDE[side], PUBLIC[side], side === 'R3') : undefined;
    const [r2, r3] = [box('R2'), box('R3')];
    this.boxes = { ...(r2 && { R2: r2 }), ...(r3 && { R3: r3 }) };
    this.alter = alter;
    const of = (side: Side): PeerChanges => ({ ...endsOf(side, behind, unnamed), ...options[side] });
    this.R2 = new Node('R2', { ...options, R2: of('R2') });
    this.R3 = new Node('R3', { ...options, R3: of('R3') });
  }

  on<T>(side: Side, command: (endpoint: IkeEndpoint, now: Instant) => T): T {
    const result = command(this[side].endpoint, this.now);
    this.#drain(side);
    return result;
  }

  initiate(side: Side = 'R2'): this {
    this.on(side, (endpoint, now) => endpoint.initiate(now, this[side].peer));
    return this;
  }

  /** Hands one side a datagram as from anywhere. */
  inject(side: Side, { source, destination, octets }: Transmit): HandleResult {
    const result = handed(octets, (datagram) =>
      this[side].endpoint.handleDatagram(this.now, source, destination, datagram),
    );
    this[side].results.push(result);
    this.#drain(side);
    return result;
  }

  run(duration: Duration = seconds(1)): this {
    const end = after(this.now, duration);
    for (;;) {
      const [arrival] = this.#arrivals;
      const due = (['R2', 'R3'] as const).flatMap((side) => {
        const timeout = this[side].endpoint.pollTimeout();
        return timeout === undefined ? [] : [{ side, at: timeout.at }];
      });
      const timer = due.sort((a, b) => a.at - b.at)[0];
      const isTimer = timer !== undefined && (arrival === undefined || timer.at < arrival.at);
      const at = isTimer ? timer.at : arrival?.at;
      if (at === undefined || at > end) break;
      if (at > this.now) this.now = at;
      if (isTimer) this.on(timer.side, (endpoint, now) => endpoint.handleTimeout(now));
      else if (arrival !== undefined) this.#deliver(arrival);
    }
    this.now = end;
    return this;
  }

  #deliver({ to, transmit }: ReceivedMessage): void {
    this.#arrivals.shift();
    const box = this.boxes[to];
    const destination = box === undefined ? transmit.destination : box.inward(transmit.destination);
    if (destination !== undefined) this.deliver(to, { ...transmit, destination });
  }

  #drain(side: Side): void {
    const { endpoint, events, peer } = this[side];
    for (let event = endpoint.pollEvent(); event; event = endpoint.pollEvent()) events.push(event);
    for (let sent = endpoint.pollTransmit(); sent; sent = endpoint.pollTransmit()) {
      const outside = { ...sent, source: this.boxes[side]?.outward(sent.source) ?? sent.source };
      this.crossed.push({ ...outside, from: side, at: this.now });
      const transmit = this.alter(outside);
      if (transmit !== undefined) this.#arrivals.push({ at: after(this.now, DELAY), to: peer, transmit });
    }
  }
}

function endsOf(side: Side, behind: readonly Side[], unnamed: readonly Side[]): PeerChanges {
  const peer = side === 'R2' ? 'R3' : 'R2';
  const own = (of: Side): string => (behind.includes(of) ? INSIDE[of] : PUBLIC[of]);
  return {
    local: { address: own(side), port: 500 },
    remote: { address: PUBLIC[peer], port: 500 },
    localIdentity: ipv4AddressId(own(side)),
    ...(unnamed.includes(peer) ? {} : { remoteIdentity: ipv4AddressId(own(peer)) }),
  };
}

/** Takes a vendor ID out of the messages that come in clear. */
export function withoutVendorId(hex: string): (transmit: Transmit) => Transmit {
  return keepVendorIds((each) => each !== hex);
}

export function keepVendorIds(isKept: (hex: string) => boolean): (transmit: Transmit) => Transmit {
  return (transmit) => {
    const { source, destination, octets } = transmit;
    if ([source.port, destination.port].includes(4500)) return transmit;
    const header = decodeHeader(octets);
    if ((header.flags & FLAG.encryption) !== 0) return transmit;
    const { payloads } = decodeMessage(octets);
    const left = payloads.filter((payload) => payload.kind !== 'vendor-id' || isKept(toHex(payload.data)));
    return { ...transmit, octets: encodeMessage(header, left) };
  };
}
