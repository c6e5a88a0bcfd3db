import { type Batch, type BatchPacket, InboundSa, OutboundSa } from '@espalier/esp';
import { InboundAhSa, OutboundAhSa } from '@espalier/esp/ah';
import type { Endpoint } from '@espalier/ike';
import { type Instant, ip, PROTOCOL } from '@espalier/wire';
import type { Layers } from '../sas/agreement.ts';
import type { SaPair } from '../sas/sa-pair.ts';
import type { Tunnel } from '../tunnels/tunnel.ts';

/** A packet that came from another end point than where the peer is known to be. */
export interface Arrival {
  readonly index: number;
  readonly sequence: number;
  readonly from: Endpoint;
}

/** No packet of the caller's: it had waited in the gateway. */
export const NO_ORIGIN = -1;

/** Who keeps a packet from going on, where AH is in play: an SA of either, or that there was no ESP in its AH. */
type Fault = 'esp' | 'ah' | 'bare';

/**
 * Packets that go through their SAs together, in the order in which they came, whatever SAs these are, so long as the same
 * protocols are around all of them. What was sealed or
 * opened stays where it lies until the caller has fetched it.
 */
export class PacketRun {
  readonly batch: Batch;
  readonly #tunnels: Tunnel[] = [];
  readonly #pairs: SaPair[] = [];
  readonly #outbound: OutboundSa[] = [];
  readonly #inbound: InboundSa[] = [];
  readonly #outboundAh: OutboundAhSa[] = [];
  readonly #inboundAh: InboundAhSa[] = [];
  #layers: Layers = 'esp';
  readonly #faults: (Fault | undefined)[] = [];
  readonly #origins: Int32Array;
  readonly #octets: Int32Array;
  readonly #withheld: Uint8Array;
  readonly #arrivals: Arrival[] = [];
  /** Of each pair that has passed packets, the index of the first of them. */
  readonly #firsts: Int32Array;
  #firstsCount = 0;
  #number = 0;
  #fetched = 0;

  constructor(batch: Batch) {
    this.batch = batch;
    this.#origins = new Int32Array(batch.capacity);
    this.#octets = new Int32Array(batch.capacity);
    this.#withheld = new Uint8Array(batch.capacity);
    this.#firsts = new Int32Array(batch.capacity);
  }

  get size(): number {
    return this.batch.size;
  }

  /** Begins anew, as a run of this number, which no run had before. */
  begin(number: number): this {
    this.batch.clear();
    this.#number = number;
    this.#firstsCount = 0;
    this.#fetched = 0;
    this.#arrivals.length = 0;
    return this;
  }

  /**
   * Takes a copy of `packet`; false when there is no room for it, or when other layers are around those that are here.
   *
   * @param origin Which packet of the input it is, or `NO_ORIGIN`.
   */
  add(
    tunnel: Tunnel,
    pair: SaPair,
    layers: Layers,
    packet: Uint8Array,
    origin: number,
    tos = 0,
    outerOctets = 0,
  ): boolean {
    const index = this.batch.size;
    if (index === 0) this.#layers = layers;
    if (layers !== this.#layers || !this.batch.add(packet, tos, outerOctets)) return false;
    this.#tunnels[index] = tunnel;
    this.#pairs[index] = pair;
    this.#origins[index] = origin;
    this.#octets[index] = packet.length - outerOctets;
    this.#withheld[index] = 0;
    this.#faults[index] = undefined;
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

  seal(now: Instant): void {
    if (this.#layers !== 'ah') this.#sealEsp(now);
    if (this.#layers === 'ah-around-esp') this.#enterAh();
    if (this.#layers !== 'esp') this.#sealAh(now);
  }

  open(now: Instant): void {
    if (this.#layers !== 'esp') this.#openAh(now);
    if (this.#layers === 'ah-around-esp') this.#enterEsp();
    if (this.#layers !== 'ah') this.#openEsp(now);
  }

  /** Whether it is AH that has refused the packet at `index`. */
  isRefusedByAh(index: number): boolean {
    return this.#faults[index] === 'ah';
  }

  /** Whether the packet at `index` came without the ESP that should be in its AH. */
  isBare(index: number): boolean {
    return this.#faults[index] === 'bare';
  }

  tunnel(index: number): Tunnel {
    return known(this.#tunnels[index]);
  }

  pair(index: number): SaPair {
    return known(this.#pairs[index]);
  }

  origin(index: number): number {
    return this.#origins[index] ?? NO_ORIGIN;
  }

  /** Octets of headers that came in front of the packet. */
  headOctets(index: number): number {
    return this.batch.descriptors.headOctets(index);
  }

  /** Octets of the packet when it was added. */
  addedOctets(index: number): number {
    return this.#octets[index] ?? 0;
  }

  /** Its SA has passed the packet at `index`. */
  passed(index: number): void {
    const pair = this.pair(index);
    if (pair.lastRun === this.#number) return;
    pair.lastRun = this.#number;
    this.#firsts[this.#firstsCount] = index;
    this.#firstsCount += 1;
  }

  /** How many pairs have passed packets. */
  get pairs(): number {
    return this.#firstsCount;
  }

  /** The index of the first packet that was passed by the pair which `number` others precede. */
  firstOf(number: number): number {
    return this.#firsts[number] ?? 0;
  }

  /** Keeps a packet from leaving the gateway although the SA has passed it. */
  withhold(index: number): void {
    this.#withheld[index] = 1;
  }

  #sealEsp(now: Instant): void {
    const sas = this.#outbound;
    for (let i = 0; i < this.batch.size; i++) sas[i] = known(this.pair(i).outbound);
    OutboundSa.sealMany(now, this.batch, sas);
  }

  #openEsp(now: Instant): void {
    const sas = this.#inbound;
    for (let i = 0; i < this.batch.size; i++) sas[i] = known(this.pair(i).inbound);
    InboundSa.openMany(now, this.batch, sas);
  }

  #sealAh(now: Instant): void {
    const sas = this.#outboundAh;
    for (let i = 0; i < this.batch.size; i++) sas[i] = known(this.pair(i).outboundAh);
    OutboundAhSa.sealMany(now, this.batch, sas);
    this.#blame('ah');
  }

  #openAh(now: Instant): void {
    const sas = this.#inboundAh;
    for (let i = 0; i < this.batch.size; i++) sas[i] = known(this.pair(i).inboundAh);
    InboundAhSa.openMany(now, this.batch, sas);
    this.#blame('ah');
  }

  /** Those that have been refused so far have been by these, unless others did before. */
  #blame(protocol: 'esp' | 'ah'): void {
    for (let i = 0; i < this.batch.size; i++) if (!this.batch.at(i).ok) this.#faults[i] ??= protocol;
  }

  /** What ESP has sealed waits for AH. */
  #enterAh(): void {
    this.#blame('esp');
    for (let i = 0; i < this.batch.size; i++) if (this.batch.at(i).ok) this.batch.again(i);
  }

  /** What AH has found good waits for ESP, if there is ESP in it (RFC 4301 §4.5.1). */
  #enterEsp(): void {
    for (let i = 0; i < this.batch.size; i++) {
      const { ok, memory, offset, length } = this.batch.at(i);
      const end = offset + length;
      if (!ok) continue;
      if (ip.protocol(memory, offset, end) !== PROTOCOL.esp) this.#faults[i] = 'bare';
      else this.batch.again(i, ip.payloadAt(memory, offset, end) - offset);
    }
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

/** @throws RangeError for an index that no packet has. */
function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new RangeError('index: no packet of the run has it');
  return value;
}
