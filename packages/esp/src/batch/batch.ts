import { octetsView } from '@espalier/crypto';
import { requireOuterOctets } from '../sa/arguments.ts';
import type { EspRefusal } from '../sa/refusals.ts';
import { Descriptors } from './descriptors.ts';
import { Jobs } from './jobs.ts';

/** What a batch needs of its pool: slots for packets, one after the other in one memory. */
export interface Slots {
  readonly memory: Uint8Array;
  readonly slotOctets: number;
  /** Octets kept free before and behind a packet, and the longest packet between them. */
  readonly headroom: number;
  readonly tailroom: number;
  readonly packetOctets: number;
  /** The number of a slot that is now the caller's; -1 when all are taken. */
  takeSlot(): number;
  /** Gives back what `takeSlot` returned. */
  giveSlot(slot: number): void;
}

/** One packet of a batch. The iteration reuses it: valid until the batch's next packet. */
export interface BatchPacket {
  readonly index: number;
  /** Whether it was sealed or opened. */
  readonly ok: boolean;
  /** Why not; undefined as well for a packet that no SA has seen yet, or on which an engine threw: no SA takes that again. */
  readonly reason: EspRefusal | undefined;
  /** The pool's memory. */
  readonly memory: Uint8Array;
  /** Where in it the packet begins: as it was added, or as it was sealed or opened; of no use where an engine threw. */
  readonly offset: number;
  readonly length: number;
  /** Of an opened packet what ESP carried: 4 for IPv4, 41 for IPv6, or in transport mode any protocol. */
  readonly nextHeader: number;
  /** A new view of the packet in the pool's memory. */
  readonly octets: Uint8Array;
}

/**
 * Packets that go through one SA together, in the order in which they were added. A batch never waits to be full: it
 * takes what there is, and one packet is a batch of one.
 */
export class Batch implements Iterable<BatchPacket> {
  readonly pool: Slots;
  /** The most packets that it takes. */
  readonly capacity: number;
  /** For the SAs: where the packets lie. */
  readonly descriptors: Descriptors;
  /** For the SAs: what the engine is given to do. */
  readonly jobs: Jobs;
  readonly #walk: Cursor;
  readonly #view: Cursor;
  #size = 0;
  #headroom: number;
  #tailroom: number;

  constructor(pool: Slots, capacity: number) {
    this.pool = pool;
    this.capacity = capacity;
    this.#headroom = pool.headroom;
    this.#tailroom = pool.tailroom;
    this.descriptors = new Descriptors(capacity);
    this.jobs = new Jobs(capacity);
    this.#walk = new Cursor(this);
    this.#view = new Cursor(this);
  }

  /** Packets in the batch, from 0 to `capacity`, whatever became of them. */
  get size(): number {
    return this.#size;
  }

  /** Octets that are free in front of every packet that waits, and behind it. */
  get headroom(): number {
    return this.#headroom;
  }

  get tailroom(): number {
    return this.#tailroom;
  }

  /**
   * Copies a packet in: an inner IP packet to be sealed, or an ESP packet from its SPI on to be opened. False, and
   * nothing done, when the batch or its pool is full or the packet is longer than `pool.packetOctets`.
   *
   * @param tos TOS or traffic class of the outer header of a packet to be opened (RFC 6040 §4.2).
   * @param outerOctets Octets of headers that `packet` begins with and that are no part of what is sealed or opened;
   *   at most `pool.headroom`, which takes them. To be opened in transport mode a packet needs them: from its IP header
   *   to its SPI.
   * @throws RangeError for `outerOctets` that are more than `packet` has, or no whole number.
   * @throws TypeError unless `packet` is a Uint8Array.
   */
  add(packet: Uint8Array, tos: number = 0, outerOctets: number = 0): boolean {
    if (!(packet instanceof Uint8Array)) octetsView('packet', packet);
    const { pool } = this;
    const length = packet.length - outerOctets;
    if (outerOctets !== 0) requireOuterOctets(outerOctets, packet.length);
    if (this.#size === this.capacity || length > pool.packetOctets || outerOctets > pool.headroom) return false;
    const slot = pool.takeSlot();
    if (slot < 0) return false;
    const offset = slot * pool.slotOctets + pool.headroom;
    pool.memory.set(packet, offset - outerOctets);
    this.descriptors.wait(this.#size, slot, offset, length, tos, outerOctets);
    this.#size += 1;
    return true;
  }

  /**
   * Copies a packet in that is to be sealed as a dummy: see `OutboundSa.sealDummyInto`. False as `add` is.
   * @throws TypeError unless `packet` is a Uint8Array.
   */
  addDummy(packet: Uint8Array): boolean {
    const added = this.add(packet);
    if (added) this.descriptors.markDummy(this.#size - 1);
    return added;
  }

  /**
   * The packet at `index`, which was sealed or opened, waits for another SA: for AH around ESP, or for ESP in AH.
   * @param headOctets Of the headers that it begins with and that are no part of what is to be opened; 0 to seal it.
   * @throws RangeError for a packet that was neither sealed nor opened, and for `headOctets` that it has not.
   */
  again(index: number, headOctets: number = 0): void {
    const { offset, length, ok } = this.at(index);
    if (!ok) throw new RangeError('Batch.again: index must be that of a packet that was sealed or opened');
    requireOuterOctets(headOctets, length);
    const { descriptors, pool } = this;
    const slotAt = descriptors.slot(index) * pool.slotOctets;
    this.#headroom = Math.min(this.#headroom, offset - slotAt);
    this.#tailroom = Math.min(this.#tailroom, slotAt + pool.slotOctets - offset - length);
    descriptors.again(index, headOctets);
  }

  /**
   * The packet at `index`, in a view that the next call reuses.
   * @throws RangeError unless `index` is a whole number below `size`.
   */
  at(index: number): BatchPacket {
    if (!(Number.isInteger(index) && index >= 0 && index < this.#size)) {
      throw new RangeError('Batch.at: index must be a whole number below size');
    }
    return this.#view.moveTo(index);
  }

  /** All packets in order. There is one iteration at a time: a second one takes the first one's place. */
  [Symbol.iterator](): Iterator<BatchPacket, undefined> {
    return this.#walk.rewind();
  }

  /** Empties the batch and gives its slots back to the pool. */
  clear(): void {
    for (let i = 0; i < this.#size; i++) this.pool.giveSlot(this.descriptors.slot(i));
    this.#size = 0;
    this.#headroom = this.pool.headroom;
    this.#tailroom = this.pool.tailroom;
    this.descriptors.begin();
  }
}

/** Iterator, iteration result and packet in one, so that a walk over a batch allocates nothing. */
class Cursor implements BatchPacket, Iterator<BatchPacket, undefined> {
  readonly #batch: Batch;
  readonly #descriptors: Descriptors;
  readonly #item: { done: false; value: BatchPacket };
  #index = -1;

  constructor(batch: Batch) {
    this.#batch = batch;
    this.#descriptors = batch.descriptors;
    this.#item = { done: false, value: this };
  }

  get index(): number {
    return this.#index;
  }

  get ok(): boolean {
    return this.#descriptors.isDone(this.#index);
  }

  get reason(): EspRefusal | undefined {
    return this.#descriptors.reason(this.#index);
  }

  get memory(): Uint8Array {
    return this.#batch.pool.memory;
  }

  get offset(): number {
    return this.#descriptors.offset(this.#index);
  }

  get length(): number {
    return this.#descriptors.length(this.#index);
  }

  get nextHeader(): number {
    return this.#descriptors.nextHeader(this.#index);
  }

  get octets(): Uint8Array {
    return this.memory.subarray(this.offset, this.offset + this.length);
  }

  moveTo(index: number): this {
    this.#index = index;
    return this;
  }

  rewind(): this {
    return this.moveTo(-1);
  }

  next(): IteratorResult<BatchPacket, undefined> {
    if (this.#index + 1 >= this.#batch.size) return END;
    this.#index += 1;
    return this.#item;
  }
}

const END: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });
