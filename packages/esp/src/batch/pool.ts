import type { Engine } from '@espalier/crypto';
import { requireObject } from '@espalier/wire';
import { requireEngine } from '../sa/arguments.ts';
import { Batch, type Slots } from './batch.ts';

/** The size of a pool: `slots * slotOctets` octets of the engine's arena. */
export interface PacketPoolOptions {
  /** How many packets the pool holds at once. */
  readonly slots: number;
  /**
   * Octets of a slot, head and tail room included. Default 2112: with a power of two the packets of a batch would
   * contend for the same lines of the processor's cache.
   */
  readonly slotOctets?: number;
  /** Octets kept free before a packet, for the headers of its sealed form. Default 80: IPv6, UDP, ESP and an IV. */
  readonly headroom?: number;
  /** Octets kept free behind a packet, for padding and ICV. Default 64. */
  readonly tailroom?: number;
}

/** Descriptors have 31 bits for an offset. */
const MOST_OCTETS = 2 ** 31 - 1;
const MOST_PACKETS = 2 ** 24;

/** Slots for packets in one arena that the engine's kernels reach without a copy. Batches share it. */
export class PacketPool implements Slots {
  /** The arena. Wiped and of no more use after `release`. */
  readonly memory: Uint8Array;
  readonly slots: number;
  readonly slotOctets: number;
  readonly headroom: number;
  readonly tailroom: number;
  /** The longest packet that a batch can take. */
  readonly packetOctets: number;
  readonly #engine: Engine;
  #isReleased = false;
  readonly #free: Int32Array;
  #freeCount: number;
  /** Of each slot, whether it is lent: one that came back twice would be lent to two packets. */
  readonly #isLent: Uint8Array;

  /**
   * @throws RangeError for numbers that are no whole numbers or leave no room for a packet; also when the engine's
   *   arena is spent.
   * @throws TypeError for an engine that is none, and without options.
   */
  constructor(engine: Engine, options: PacketPoolOptions) {
    requireEngine(engine, 'allocate');
    requireObject('options', options);
    const { slots, slotOctets = 2112, headroom = 80, tailroom = 64 } = options;
    count('slots', slots, 1);
    count('headroom', headroom, 0);
    count('tailroom', tailroom, 0);
    count('slotOctets', slotOctets, headroom + tailroom + 1);
    if (slots * slotOctets > MOST_OCTETS) throw new RangeError('PacketPool: slots times slotOctets must be below 2^31');
    this.slots = slots;
    this.slotOctets = slotOctets;
    this.headroom = headroom;
    this.tailroom = tailroom;
    this.packetOctets = slotOctets - headroom - tailroom;
    this.memory = engine.allocate(slots * slotOctets);
    this.#engine = engine;
    this.#free = Int32Array.from({ length: slots }, (_, i) => slots - 1 - i);
    this.#freeCount = slots;
    this.#isLent = new Uint8Array(slots);
  }

  /** Slots that no batch holds. */
  get freeSlots(): number {
    return this.#freeCount;
  }

  /** @throws RangeError unless `capacity` is a whole number from 1 to 2^24. */
  createBatch(capacity: number): Batch {
    count('capacity', capacity, 1, MOST_PACKETS);
    return new Batch(this, capacity);
  }

  takeSlot(): number {
    if (this.#freeCount === 0) return -1;
    this.#freeCount -= 1;
    const slot = this.#free[this.#freeCount] ?? -1;
    this.#isLent[slot] = 1;
    return slot;
  }

  /** @throws RangeError for a slot that is not lent; none is since `release`, and then nothing is done. */
  giveSlot(slot: number): void {
    if (this.#isReleased) return;
    if (this.#isLent[slot] !== 1) throw new RangeError('giveSlot: slot must be one that takeSlot returned');
    this.#isLent[slot] = 0;
    this.#free[this.#freeCount] = slot;
    this.#freeCount += 1;
  }

  /** Wipes the arena and gives it back to the engine: no batch of this pool may be used again. */
  release(): void {
    this.#isReleased = true;
    this.#freeCount = 0;
    this.memory.fill(0);
    this.#engine.release(this.memory);
  }
}

function count(name: string, value: number, least: number, most: number = MOST_OCTETS): void {
  if (!(Number.isSafeInteger(value) && value >= least && value <= most)) {
    throw new RangeError(`PacketPool: ${name} must be a whole number from ${least} to ${most}`);
  }
}
