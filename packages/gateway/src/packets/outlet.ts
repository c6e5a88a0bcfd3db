import type { BatchPacket } from '@espalier/esp';
import { Fifo } from './fifo.ts';
import { PacketRun } from './packet-run.ts';
import type { RunPool } from './run-pool.ts';

/** How what waits in an outlet is shown to the caller. */
export interface Presentation<Item, Shown> {
  ofItem(item: Item): Shown;
  ofPacket(packet: BatchPacket, run: PacketRun): Shown;
}

/** What waits to be fetched, in order: single items, and runs of packets that lie in the pool. */
export class Outlet<Item> {
  readonly #pool: RunPool;
  readonly #copies: Presentation<Item, Item>;
  readonly #queue: Fifo<Item | PacketRun> = new Fifo();
  /** What is left of it comes before the queue. */
  #fetching: PacketRun | undefined;

  /** `copies` makes of a packet in a run an item that may be kept. */
  constructor(pool: RunPool, copies: Presentation<Item, Item>) {
    this.#pool = pool;
    this.#copies = copies;
  }

  /** Items and runs that wait. */
  get length(): number {
    return this.#queue.length;
  }

  push(item: Item | PacketRun): void {
    this.#queue.push(item);
  }

  shift<Shown>(presentation: Presentation<Item, Shown>): Shown | undefined {
    for (;;) {
      const run = this.#fetching;
      const packet = run?.fetch();
      if (run !== undefined && packet !== undefined) return presentation.ofPacket(packet, run);
      if (run !== undefined) this.#pool.lend(run);
      const next = this.#queue.shift();
      this.#fetching = next instanceof PacketRun ? next : undefined;
      if (next === undefined) return undefined;
      if (!(next instanceof PacketRun)) return presentation.ofItem(next);
    }
  }

  /** Copies what lies in the pool, so that there is room in it again. */
  leavePool(): void {
    const before = this.#queue.length;
    const fetching = this.#fetching;
    this.#fetching = undefined;
    if (fetching !== undefined) {
      this.#copyOut(fetching);
      this.#pool.lend(fetching);
    }
    for (let left = before; left > 0; left--) {
      const next = this.#queue.shift();
      if (next instanceof PacketRun) {
        this.#copyOut(next);
        this.#pool.end(next);
      } else if (next !== undefined) this.#queue.push(next);
    }
  }

  #copyOut(run: PacketRun): void {
    for (let packet = run.fetch(); packet !== undefined; packet = run.fetch()) {
      this.#queue.push(this.#copies.ofPacket(packet, run));
    }
  }
}
