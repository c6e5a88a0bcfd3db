import { nobleEngine } from '@espalier/crypto';
import { type Endpoint, type ExchangeMode, type HandleResult, IkeEndpoint } from '@espalier/ike';
import { Chance, seededChoices } from '@espalier/testing/network';
import { toyPublicKeys } from '@espalier/testing/sessions';
import { after, type Instant, instant, milliseconds } from '@espalier/wire';
import { CLIENT_NAME, clientPeer, GATEWAY, gatewayPeers } from './places.ts';

/** Public-key work is a toy: what a datagram costs is all parsing and state. */
const ENGINE = toyPublicKeys(nobleEngine());
const LATENCY = milliseconds(10);

/** Who has the key and means well. */
interface Client {
  readonly endpoint: IkeEndpoint;
  readonly address: Endpoint;
}

interface Flight {
  readonly arrives: Instant;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly octets: Uint8Array;
}

/** What the flooded gateway has been handed by whoever floods it, and has sent in all. */
export interface Traffic {
  datagrams: number;
  octetsIn: number;
  octetsOut: number;
  taken: number;
}

/** A gateway on virtual time, who floods it, and real peers of it who want a tunnel meanwhile. */
export class Bed {
  readonly gateway: IkeEndpoint;
  readonly traffic: Traffic = { datagrams: 0, octetsIn: 0, octetsOut: 0, taken: 0 };
  /** Of the real peers: how many have begun, and how many have a tunnel. */
  begun = 0;
  finished = 0;
  readonly #peers: number;
  readonly #mode: ExchangeMode;
  readonly #chance: Chance;
  readonly #clients = new Map<string, Client>();
  /** All take the same time, so they arrive in the order in which they are sent. */
  readonly #flights: Flight[] = [];
  #now: Instant = instant(1_000_000);
  /** The last message that the gateway has sent to a real peer: who is on the way can read it. */
  overheard: { readonly octets: Uint8Array; readonly client: Endpoint } | undefined;

  constructor(peers: number, mode: ExchangeMode, seed: number) {
    this.#peers = peers;
    this.#mode = mode;
    this.#chance = new Chance(seededChoices(seed));
    this.gateway = new IkeEndpoint({ engine: ENGINE, rng: this.#chance.rng(), peers: gatewayPeers(peers, mode) });
  }

  get now(): Instant {
    return this.#now;
  }

  /** An endpoint that has the key. */
  client(address: Endpoint, name: string = CLIENT_NAME): IkeEndpoint {
    const endpoint = new IkeEndpoint({
      engine: ENGINE,
      rng: this.#chance.rng(),
      peers: [clientPeer(address, this.#mode, name)],
    });
    endpoint.initiate(this.#now, 'gateway');
    return endpoint;
  }

  /** A real peer begins. */
  begin(address: Endpoint): void {
    // Where anybody is a peer, who floods is another one: INITIAL-CONTACT ends what one of the same name has.
    const name = this.#peers === 1 ? `${address.address}.example` : CLIENT_NAME;
    const client = { endpoint: this.client(address, name), address };
    this.begun++;
    this.#clients.set(address.address, client);
    this.#drainClient(client);
  }

  /** Whoever floods hands over one datagram: what the gateway answers to it, unless that is for a real peer. */
  hand(from: Endpoint, octets: Uint8Array): { readonly result: HandleResult; readonly answers: readonly Uint8Array[] } {
    this.traffic.datagrams++;
    this.traffic.octetsIn += octets.length;
    const result = this.gateway.handleDatagram(this.#now, from, GATEWAY, octets);
    const answers = this.#drainGateway();
    if (result.ok) this.traffic.taken++;
    return { result, answers };
  }

  /** Time goes by, and what is on its way arrives. */
  advance(pause: number): void {
    const until = after(this.#now, milliseconds(pause));
    for (;;) {
      const at = Math.min(this.#nextTimer(), this.#flights[0]?.arrives ?? Number.POSITIVE_INFINITY);
      if (at > until) break;
      if (at > this.#now) this.#now = instant(at);
      this.#happen();
    }
    this.#now = until;
  }

  #nextTimer(): number {
    const clients = [...this.#clients.values()].map(({ endpoint }) => endpoint.pollTimeout()?.at);
    return Math.min(...[this.gateway.pollTimeout()?.at, ...clients].map((at) => at ?? Number.POSITIVE_INFINITY));
  }

  #happen(): void {
    const now = this.#now;
    while ((this.#flights[0]?.arrives ?? Number.POSITIVE_INFINITY) <= now) this.#deliver(this.#flights.shift());
    if ((this.gateway.pollTimeout()?.at ?? Number.POSITIVE_INFINITY) <= now) {
      this.gateway.handleTimeout(now);
      this.#drainGateway();
    }
    for (const client of this.#clients.values()) {
      client.endpoint.handleTimeout(now);
      this.#drainClient(client);
    }
  }

  #deliver(flight: Flight | undefined): void {
    if (flight === undefined) return;
    const { from, to, octets } = flight;
    const client = this.#clients.get(to.address);
    if (client !== undefined) {
      client.endpoint.handleDatagram(this.#now, from, to, octets);
      this.#drainClient(client);
      return;
    }
    if (to.address !== GATEWAY.address) return;
    this.gateway.handleDatagram(this.#now, from, to, octets);
    this.#drainGateway();
  }

  #drainClient({ endpoint, address }: Client): void {
    const arrives = after(this.#now, LATENCY);
    for (let sent = endpoint.pollTransmit(); sent !== undefined; sent = endpoint.pollTransmit()) {
      this.#flights.push({ arrives, from: address, to: GATEWAY, octets: sent.octets });
    }
    for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) {
      if (event.kind !== 'child-established') continue;
      this.finished++;
      this.#clients.delete(address.address);
    }
  }

  #drainGateway(): readonly Uint8Array[] {
    const answers: Uint8Array[] = [];
    const { gateway } = this;
    while (gateway.pollEvent() !== undefined);
    for (let sent = gateway.pollTransmit(); sent !== undefined; sent = gateway.pollTransmit()) {
      const { octets, destination } = sent;
      if (this.#clients.has(destination.address)) {
        this.overheard = { octets, client: destination };
        this.#flights.push({ arrives: after(this.#now, LATENCY), from: GATEWAY, to: destination, octets });
        continue;
      }
      answers.push(octets);
      this.traffic.octetsOut += octets.length;
    }
    return answers;
  }
}
