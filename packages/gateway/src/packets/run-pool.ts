import type { Engine } from '@espalier/crypto';
import { PacketPool } from '@espalier/esp';
import { Fifo } from './fifo.ts';
import { PacketRun } from './packet-run.ts';

/** Packets that go through their SAs at once: as many as the widest kernel takes. */
const RUN_PACKETS = 128;

/** In front of packets: IPv6, UDP, ESP and an IV, then AH with its ICV; a multiple of 16 octets. */
const HEADROOM = 144;

/** Memory of one gateway for the packets on their way through it. Runs are used again and again. */
export class RunPool {
  readonly #pool: PacketPool;
  readonly #idle: PacketRun[] = [];
  readonly #lent: Fifo<PacketRun> = new Fifo();
  #runs = 0;

  /** @throws RangeError when `slots` is no whole number from 1, and when the engine's arena is spent. */
  constructor(engine: Engine, slots: number) {
    this.#pool = new PacketPool(engine, { slots, headroom: HEADROOM });
  }

  /** The longest packet that a run can take. */
  get packetOctets(): number {
    return this.#pool.packetOctets;
  }

  get isSpent(): boolean {
    return this.#pool.freeSlots === 0;
  }

  begin(): PacketRun {
    this.#runs += 1;
    const run = this.#idle.pop() ?? new PacketRun(this.#pool.createBatch(RUN_PACKETS));
    return run.begin(this.#runs);
  }

  /** The caller has fetched everything of `run`, and may look at it until `reclaim`. */
  lend(run: PacketRun): void {
    this.#lent.push(run);
  }

  /** Takes back what was lent. */
  reclaim(): void {
    for (let run = this.#lent.shift(); run !== undefined; run = this.#lent.shift()) this.end(run);
  }

  /** Nobody needs the packets of `run` any more. */
  end(run: PacketRun): void {
    run.batch.clear();
    this.#idle.push(run);
  }

  /** Wipes the memory and gives it back to the engine. There is no room in it from then on. */
  release(): void {
    this.#pool.release();
  }
}
