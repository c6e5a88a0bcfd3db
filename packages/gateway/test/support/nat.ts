import { type Duration, type Instant, ipv4, PROTOCOL, parseAddress, readU32, seconds } from '@espalier/wire';
import { type Bed, datagramIn, gatewayAddress, type Link, packetAround, plainLink } from './bed.ts';

/** How long the NAT remembers a flow in which nothing leaves. */
const MEMORY: Duration = seconds(60);

interface Flow {
  readonly port: number;
  readonly publicPort: number;
  usedAt: Instant;
}

/** A NAT in front of R2 that gives every flow of UDP a port of its own, and lets nothing else pass. */
export class Nat {
  publicAddress: string;
  readonly #bed: Bed;
  #flows: Flow[] = [];
  #nextPort = 40_001;

  constructor(bed: Bed, publicAddress: string) {
    this.#bed = bed;
    this.publicAddress = publicAddress;
    bed.link = this.link;
  }

  /** Forgets every flow, as when it is switched off and on: later ones get other ports, or another address too. */
  restart(publicAddress: string = this.publicAddress): void {
    this.publicAddress = publicAddress;
    this.#flows = [];
  }

  readonly link: Link = (from, octets) => {
    if (ipv4.protocol(octets, 0) !== PROTOCOL.udp) return [];
    const translated = from === 'R2' ? this.#outwards(octets) : this.#inwards(octets);
    return translated === undefined ? [] : plainLink(from, translated);
  };

  #outwards(octets: Uint8Array): Uint8Array {
    const datagram = datagramIn(octets);
    const { port } = datagram.source;
    let flow = this.#remembered().find((known) => known.port === port);
    if (flow === undefined) {
      flow = { port, publicPort: this.#nextPort++, usedAt: this.#bed.now };
      this.#flows.push(flow);
    }
    flow.usedAt = this.#bed.now;
    return packetAround({ ...datagram, source: { address: this.publicAddress, port: flow.publicPort } });
  }

  #inwards(octets: Uint8Array): Uint8Array | undefined {
    if (ipv4.destination(octets, 0) !== readU32(parseAddress(this.publicAddress), 0)) return undefined;
    const datagram = datagramIn(octets);
    const flow = this.#remembered().find(({ publicPort }) => publicPort === datagram.destination.port);
    if (flow === undefined) return undefined;
    return packetAround({ ...datagram, destination: { address: gatewayAddress('R2'), port: flow.port } });
  }

  #remembered(): Flow[] {
    this.#flows = this.#flows.filter(({ usedAt }) => this.#bed.now - usedAt < MEMORY);
    return this.#flows;
  }
}
