import { type Endpoint, IkeEndpoint, type IkeEvent, type PeerConfig } from '@espalier/ike';
import { after, type Duration, type Instant, milliseconds } from '@espalier/wire';
import { seededRng } from '../../../../test/support/rng.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { catchUp, START } from '../support/pair.ts';

/** What a NAT makes of the end points that datagrams come from; the same for all of one inside. */
export interface Translation {
  outward(from: Endpoint): Endpoint;
  inward(to: Endpoint): Endpoint;
}

const PLAIN: Translation = { outward: (from) => from, inward: (to) => to };

/** Several hosts behind one public address, each end point with a port of its own there. */
export class SharedAddress {
  readonly #address: string;
  readonly #inside: Endpoint[] = [];

  constructor(address: string) {
    this.#address = address;
  }

  of(host: string): Translation {
    return {
      outward: (from) => ({ address: this.#address, port: 40_000 + this.#place({ ...from, address: host }) }),
      inward: ({ port }) => this.#inside[port - 40_000] ?? { address: host, port },
    };
  }

  #place(inside: Endpoint): number {
    const at = this.#inside.findIndex(({ address, port }) => address === inside.address && port === inside.port);
    return at >= 0 ? at : this.#inside.push(inside) - 1;
  }
}

/** An endpoint, and what it has said. */
export class Host {
  readonly endpoint: IkeEndpoint;
  readonly events: IkeEvent[] = [];
  readonly address: string;
  readonly translation: Translation;

  constructor(address: string, peers: readonly PeerConfig[], translation: Translation = PLAIN) {
    this.address = address;
    this.translation = translation;
    let seed = 0;
    for (const character of address) seed = (seed * 31 + character.charCodeAt(0)) | 0;
    this.endpoint = new IkeEndpoint({ engine: cheapEngine(), rng: seededRng(seed), peers });
  }

  kinds(): readonly IkeEvent['kind'][] {
    return this.events.map(({ kind }) => kind);
  }

  of<K extends IkeEvent['kind']>(kind: K): readonly Extract<IkeEvent, { kind: K }>[] {
    return this.events.filter((event): event is Extract<IkeEvent, { kind: K }> => event.kind === kind);
  }
}

/** Hosts that reach each other at once, and the clock of all. */
export class Hosts {
  now: Instant = START;
  readonly all: readonly Host[];

  constructor(...all: readonly Host[]) {
    this.all = all;
  }

  on(host: Host, command: (endpoint: IkeEndpoint, now: Instant) => void): void {
    command(host.endpoint, this.now);
    this.settle();
  }

  /** Lets time pass, in steps. */
  run(duration: Duration, step: Duration = milliseconds(500)): void {
    for (const end = after(this.now, duration); this.now < end; this.now = after(this.now, step)) {
      for (const { endpoint } of this.all) catchUp(endpoint, this.now);
      this.settle();
    }
  }

  settle(): void {
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      for (const host of this.all) isMoving = this.#drain(host) || isMoving;
    }
  }

  #drain({ endpoint, events, translation }: Host): boolean {
    for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) events.push(event);
    const sent = endpoint.pollTransmit();
    if (sent === undefined) return false;
    const source = translation.outward(sent.source);
    for (const other of this.all) {
      const to = other.translation.inward(sent.destination);
      const isThere =
        other.translation.outward(to).address === sent.destination.address && to.address === other.address;
      if (isThere) other.endpoint.handleDatagram(this.now, source, to, sent.octets);
    }
    return true;
  }
}
