import type { Doors } from './doors.ts';
import type { PacketRun } from './packet-run.ts';
import type { RunPool } from './run-pool.ts';

/** The run that the packets of one input gather in. */
export class OpenRun {
  readonly #pool: RunPool;
  readonly #doors: Doors;
  #run: PacketRun | undefined;

  constructor(pool: RunPool, doors: Doors) {
    this.#pool = pool;
    this.#doors = doors;
  }

  /** The one that is open, or a new one, for which there is room. */
  get(): PacketRun {
    if (this.#run !== undefined) return this.#run;
    if (this.#pool.isSpent) this.#doors.leavePool();
    this.#run = this.#pool.begin();
    return this.#run;
  }

  /** Takes it away; undefined while none is open. */
  take(): PacketRun | undefined {
    const run = this.#run;
    this.#run = undefined;
    return run;
  }
}
