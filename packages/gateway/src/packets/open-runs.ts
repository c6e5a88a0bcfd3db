import type { SaPair } from '../sas/sa-pair.ts';
import type { Tunnel } from '../sas/tunnel.ts';
import type { Doors } from './doors.ts';
import { Fifo } from './fifo.ts';
import type { RunPool } from './run-pool.ts';
import type { SaRun } from './sa-run.ts';

/** The runs that the packets of one input gather in, in the order of their first packets. */
export class OpenRuns {
  readonly #pool: RunPool;
  readonly #doors: Doors;
  readonly #runs: Fifo<SaRun> = new Fifo();

  constructor(pool: RunPool, doors: Doors) {
    this.#pool = pool;
    this.#doors = doors;
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  /** The run of the SA; a new one, for which there is room, when it has none. */
  of(tunnel: Tunnel, pair: SaPair): SaRun {
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs.at(i);
      if (run?.pair === pair) return run;
    }
    if (this.#pool.isSpent) this.#doors.leavePool();
    const run = this.#pool.begin(tunnel, pair);
    this.#runs.push(run);
    return run;
  }

  shift(): SaRun | undefined {
    return this.#runs.shift();
  }
}
