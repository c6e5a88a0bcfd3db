import type { BatchPacket } from '@espalier/esp';
import type { Endpoint } from '@espalier/ike';
import { ip } from '@espalier/wire';
import type { SaPair } from '../sas/sa-pair.ts';
import { markedEsp } from './non-ike-marker.ts';
import { Outlet, type Presentation } from './outlet.ts';
import type { PacketRun } from './packet-run.ts';
import { Place, type Placed } from './placed.ts';
import type { RunPool } from './run-pool.ts';

/** The payload of a UDP datagram. */
export interface Datagram {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly octets: Uint8Array;
}

/** What is to be sent on the outside. */
export type GatewayTransmit =
  /** A whole IP packet. */
  { readonly kind: 'packet'; readonly octets: Uint8Array } | ({ readonly kind: 'datagram' } & Datagram);

/** A whole IP packet for the inside. */
export interface InsideTransmit {
  readonly packet: Uint8Array;
  /** The interface of the policy that let it in; undefined where it names none. */
  readonly insideInterface: string | undefined;
}

/** What is to be sent on the outside, where it lies; its `octets` are a new view each time that they are asked for. */
export type TransmitView = GatewayTransmit & Placed;

/** A whole IP packet for the inside, where it lies; its `packet` is a new view each time that it is asked for. */
export type InsideView = InsideTransmit & Placed;

/** What waits for the caller to fetch it. */
export class Doors {
  readonly outside: Outlet<GatewayTransmit>;
  readonly inside: Outlet<InsideTransmit>;
  readonly #transmitViews = new TransmitViews();
  readonly #insideViews = new InsideViews();

  constructor(pool: RunPool) {
    this.outside = new Outlet(pool, TRANSMIT_COPIES);
    this.inside = new Outlet(pool, INSIDE_COPIES);
  }

  pollTransmit(): GatewayTransmit | undefined {
    return this.outside.shift(TRANSMIT_COPIES);
  }

  pollInside(): InsideTransmit | undefined {
    return this.inside.shift(INSIDE_COPIES);
  }

  /** In a view that the next call reuses. */
  viewTransmit(): TransmitView | undefined {
    return this.outside.shift(this.#transmitViews);
  }

  /** In a view that the next call reuses. */
  viewInside(): InsideView | undefined {
    return this.inside.shift(this.#insideViews);
  }

  /** Copies all that lies in the pool, so that there is room in it again. */
  leavePool(): void {
    this.outside.leavePool();
    this.inside.leavePool();
  }
}

/** How `octets`, sealed by `pair`, leave the gateway. */
export function transmitOf(pair: SaPair, octets: Uint8Array): GatewayTransmit {
  const { path } = pair;
  if (path === undefined) return { kind: 'packet', octets };
  const esp = octets.subarray(headOctets(pair, octets, 0, octets.length));
  return { kind: 'datagram', ...path, octets: pair.hasNonIkeMarker ? markedEsp(esp) : esp };
}

/** Of the headers in clear of transport mode, which sockets write themselves. */
function headOctets({ espMode }: SaPair, octets: Uint8Array, at: number, length: number): number {
  return espMode === 'transport' ? ip.payloadAt(octets, at, at + length) - at : 0;
}

const TRANSMIT_COPIES: Presentation<GatewayTransmit, GatewayTransmit> = {
  ofItem: (item) => item,
  ofPacket: (packet, run) => transmitOf(run.pair(packet.index), packet.octets.slice()),
};

const INSIDE_COPIES: Presentation<InsideTransmit, InsideTransmit> = {
  ofItem: (item) => item,
  ofPacket: (packet, run) => ({
    packet: packet.octets.slice(),
    insideInterface: run.tunnel(packet.index).insideInterface,
  }),
};

class TransmitViews implements Presentation<GatewayTransmit, TransmitView> {
  readonly #packet = new PacketView();
  readonly #datagram = new DatagramView();

  ofItem(item: GatewayTransmit): TransmitView {
    const { octets } = item;
    if (item.kind === 'packet') return this.#packet.put(octets, 0, octets.length);
    return this.#datagram.between(item).put(octets, 0, octets.length);
  }

  ofPacket({ memory, offset, length, index }: BatchPacket, run: PacketRun): TransmitView {
    const pair = run.pair(index);
    if (pair.path === undefined) return this.#packet.put(memory, offset, length);
    const head = headOctets(pair, memory, offset, length);
    return this.#datagram.between(pair.path).put(memory, offset + head, length - head);
  }
}

class InsideViews implements Presentation<InsideTransmit, InsideView> {
  readonly #view = new InnerView();

  ofItem({ packet, insideInterface }: InsideTransmit): InsideView {
    return this.#view.outOf(insideInterface).put(packet, 0, packet.length);
  }

  ofPacket({ memory, offset, length, index }: BatchPacket, run: PacketRun): InsideView {
    return this.#view.outOf(run.tunnel(index).insideInterface).put(memory, offset, length);
  }
}

class PacketView extends Place {
  readonly kind = 'packet';
}

const NOWHERE: Endpoint = { address: '0.0.0.0', port: 0 };

class DatagramView extends Place implements Datagram {
  readonly kind = 'datagram';
  source: Endpoint = NOWHERE;
  destination: Endpoint = NOWHERE;

  between({ source, destination }: Pick<Datagram, 'source' | 'destination'>): this {
    this.source = source;
    this.destination = destination;
    return this;
  }
}

class InnerView extends Place implements InsideTransmit {
  insideInterface: string | undefined;

  get packet(): Uint8Array {
    return this.octets;
  }

  outOf(insideInterface: string | undefined): this {
    this.insideInterface = insideInterface;
    return this;
  }
}
