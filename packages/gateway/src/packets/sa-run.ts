import type { Batch, BatchPacket } from '@espalier/esp';
import type { Endpoint } from '@espalier/ike';
import type { SaPair } from '../sas/sa-pair.ts';
import type { Tunnel } from '../sas/tunnel.ts';

/** A packet that came from another end point than where the peer is known to be. */
export interface Arrival {
  readonly index: number;
  readonly sequence: number;
  readonly from: Endpoint;
}

/** No packet of the caller's: it had waited in the gateway. */
export const NO_ORIGIN = -1;

/**
 * Packets that go through one SA together, in the order in which they came. What was sealed or opened stays where it
 * lies until the caller has fetched it.
 */
export class SaRun {
  readonly batch: Batch;
  readonly #origins: Int32Array;
  readonly #octets: Int32Array;
  readonly #withheld: Uint8Array;
  readonly #arrivals: Arrival[] = [];
  #tunnel: Tunnel;
  #pair: SaPair;
  #fetched = 0;

  constructor(batch: Batch, tunnel: Tunnel, pair: SaPair) {
    this.batch = batch;
    this.#origins = new Int32Array(batch.capacity);
    this.#octets = new Int32Array(batch.capacity);
    this.#withheld = new Uint8Array(batch.capacity);
    this.#tunnel = tunnel;
    this.#pair = pair;
  }

  get tunnel(): Tunnel {
    return this.#tunnel;
  }

  get pair(): SaPair {
    return this.#pair;
  }

  get size(): number {
    return this.batch.size;
  }

  /** Begins anew, for packets of another SA. */
  begin(tunnel: Tunnel, pair: SaPair): void {
    this.batch.clear();
    this.#tunnel = tunnel;
    this.#pair = pair;
    this.#fetched = 0;
    this.#arrivals.length = 0;
  }

  /**
   * Takes a copy of `packet`; false when there is no room for it.
   *
   * @param origin Which packet of the input it is, or `NO_ORIGIN`.
   */
  add(packet: Uint8Array, origin: number, tos = 0, outerOctets = 0): boolean {
    const index = this.batch.size;
    if (!this.batch.add(packet, tos, outerOctets)) return false;
    this.#origins[index] = origin;
    this.#octets[index] = packet.length - outerOctets;
    this.#withheld[index] = 0;
    return true;
  }

  /** The packet added last came from elsewhere. */
  cameFrom(from: Endpoint, sequence: number): void {
    this.#arrivals.push({ index: this.batch.size - 1, sequence, from });
  }

  /** Those that came from elsewhere. */
  get arrivals(): readonly Arrival[] {
    return this.#arrivals;
  }

  origin(index: number): number {
    return this.#origins[index] ?? NO_ORIGIN;
  }

  /** Octets of the packet when it was added. */
  addedOctets(index: number): number {
    return this.#octets[index] ?? 0;
  }

  /** Keeps a packet from leaving the gateway although the SA has passed it. */
  withhold(index: number): void {
    this.#withheld[index] = 1;
  }

  /** The next packet that is to leave the gateway, in a view that the next call reuses; undefined after the last. */
  fetch(): BatchPacket | undefined {
    while (this.#fetched < this.batch.size) {
      const index = this.#fetched;
      this.#fetched += 1;
      const packet = this.batch.at(index);
      if (packet.ok && this.#withheld[index] === 0) return packet;
    }
    return undefined;
  }
}
