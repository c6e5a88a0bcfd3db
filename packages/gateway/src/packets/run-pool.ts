import type { Engine } from '@espalier/crypto';
import { PacketPool } from '@espalier/esp';
import type { SaPair } from '../sas/sa-pair.ts';
import type { Tunnel } from '../sas/tunnel.ts';
import { Fifo } from './fifo.ts';
import { SaRun } from './sa-run.ts';

/** Packets that go through an SA at once: as many as the widest kernel takes. */
const RUN_PACKETS = 128;

/** Memory of one gateway for the packets on their way through it. Runs are used again and again. */
export class RunPool {
  readonly #pool: PacketPool;
  readonly #idle: SaRun[] = [];
  readonly #lent: Fifo<SaRun> = new Fifo();

  /** @throws RangeError when `slots` is no whole number from 1, and when the engine's arena is spent. */
  constructor(engine: Engine, slots: number) {
    this.#pool = new PacketPool(engine, { slots });
  }

  /** The longest packet that a run can take. */
  get packetOctets(): number {
    return this.#pool.packetOctets;
  }

  get isSpent(): boolean {
    return this.#pool.freeSlots === 0;
  }

  begin(tunnel: Tunnel, pair: SaPair): SaRun {
    const run = this.#idle.pop();
    if (run === undefined) return new SaRun(this.#pool.createBatch(RUN_PACKETS), tunnel, pair);
    run.begin(tunnel, pair);
    return run;
  }

  /** The caller has fetched everything of `run`, and may look at it until `reclaim`. */
  lend(run: SaRun): void {
    this.#lent.push(run);
  }

  /** Takes back what was lent. */
  reclaim(): void {
    for (let run = this.#lent.shift(); run !== undefined; run = this.#lent.shift()) this.end(run);
  }

  /** Nobody needs the packets of `run` any more. */
  end(run: SaRun): void {
    run.batch.clear();
    this.#idle.push(run);
  }

  /** Wipes the memory and gives it back to the engine. There is no room in it from then on. */
  release(): void {
    this.#pool.release();
  }
}
