import { randomFillSync } from 'node:crypto';
import type { Engine, EspSuite } from '@espalier/crypto';
import { type Batch, OutboundSa, PacketPool } from '@espalier/esp';
import { instant } from '@espalier/wire';
import { keysFor, SPI } from './suites.ts';

const NOW = instant(0);
/** Above what the agreement check uses up. */
const FIRST_SEQUENCE = 1000n;
const HEADROOM = 32;
const TAILROOM = 48;
const MOST_PACKETS = 1024;
/** All packets of a supply fit into the processor's second cache. */
const MOST_OCTETS = 400_000;
const LARGEST_BATCH = 128;

/** The SA that seals what everyone opens, so that all packets of a suite have sequence numbers of their own. */
export class Supplier {
  readonly #engine: Engine;
  readonly #sa: OutboundSa;

  constructor(engine: Engine, suite: EspSuite) {
    this.#engine = engine;
    const shared = { engine, suite, keys: keysFor(suite), spi: SPI, rng: { fill: randomFillSync } };
    this.#sa = new OutboundSa({ ...shared, firstSequence: FIRST_SEQUENCE });
  }

  supply(inner: Uint8Array): Supply {
    return new Supply(this.#engine, this.#sa, inner);
  }

  close(): void {
    this.#sa.wipe();
  }
}

/** Sealed packets, each time with sequence numbers that nobody has seen. */
export class Supply {
  /** How many there are at once: a multiple of every batch. */
  readonly most: number;
  readonly #sa: OutboundSa;
  readonly #inner: Uint8Array;
  readonly #pool: PacketPool;
  readonly #batch: Batch;
  /** A view of each slot, made once: what is opened leaves no garbage. */
  readonly #views: Uint8Array[] = [];
  readonly #packets: Uint8Array[] = [];

  constructor(engine: Engine, sa: OutboundSa, inner: Uint8Array) {
    const slotOctets = inner.length + HEADROOM + TAILROOM;
    const fitting = Math.min(MOST_PACKETS, Math.floor(MOST_OCTETS / slotOctets));
    this.most = fitting - (fitting % LARGEST_BATCH);
    this.#sa = sa;
    this.#inner = inner;
    this.#pool = new PacketPool(engine, { slots: this.most, slotOctets, headroom: HEADROOM, tailroom: TAILROOM });
    this.#batch = this.#pool.createBatch(this.most);
  }

  /** At least `count` packets, at most `most`; valid until the next call. */
  renew(count: number): readonly Uint8Array[] {
    this.#batch.clear();
    while (this.#batch.size < count && this.#batch.add(this.#inner));
    this.#sa.sealBatch(NOW, this.#batch);
    for (const { index, offset, length } of this.#batch) this.#packets[index] = this.#view(offset, length);
    return this.#packets;
  }

  close(): void {
    this.#pool.release();
  }

  #view(offset: number, length: number): Uint8Array {
    const slot = Math.floor(offset / this.#pool.slotOctets);
    const view = this.#views[slot] ?? this.#pool.memory.subarray(offset, offset + length);
    this.#views[slot] = view;
    return view;
  }
}
