import type { Daemon } from '../machine/daemon.ts';
import { check } from '../machine/failures.ts';
import type { Placement, Testbed } from '../machine/testbed.ts';
import type { Tally } from './gateway.ts';
import { listensOn, readLog, residentOctets } from './observe.ts';

/** A program of ours on a router, that prints an event a line as JSON. */
export class OurProgram {
  readonly #bed: Testbed;
  readonly #what: string;
  readonly #placement: Placement & { readonly output: string };
  readonly #daemon: Daemon;
  readonly #child: string;

  /** Starts it. `child`: what it calls a pair of SAs in its events. */
  constructor(
    bed: Testbed,
    name: string,
    placement: Placement & { readonly output: string },
    child: 'ipsec' | 'child' = 'ipsec',
  ) {
    this.#bed = bed;
    this.#what = `${name} on ${placement.router}`;
    this.#placement = placement;
    this.#daemon = bed.start(placement);
    this.#child = child;
  }

  get running(): boolean {
    return this.#daemon.running;
  }

  /** Waits until it has its ports. */
  async listens(): Promise<void> {
    await this.#bed.until(this.#what, 20, () => {
      check(this.running, `${this.#what} ended; see ${this.#bed.folder}/${this.#placement.name}.out`);
      const { pid } = this.#daemon;
      return (listensOn(pid, 500) && listensOn(pid, 4500)) || undefined;
    });
  }

  async stop(): Promise<void> {
    await this.#daemon.stop();
  }

  /** Stops it: it must end in time, and say that all is well. */
  async stopWell(): Promise<void> {
    check(await this.#daemon.stop(), `${this.#what} did not end within 5 s of SIGTERM`);
    const code = this.#daemon.exitCode;
    check(code === 0, `${this.#what} ended with status ${code} after SIGTERM`);
  }

  async kill(): Promise<void> {
    await this.#daemon.kill();
  }

  get established(): Tally {
    return { ike: this.lines('ike-established').length, child: this.lines(`${this.#child}-established`).length };
  }

  get alive(): Tally {
    if (!this.running) return NOTHING;
    const { ike, child } = this.established;
    return { ike: ike - this.lines('ike-deleted').length, child: child - this.lines(`${this.#child}-deleted`).length };
  }

  /** Resident octets. */
  get memory(): number {
    return residentOctets(this.#daemon.pid);
  }

  /** Its events of these kinds, as it has printed them, but for a line that is not whole yet. */
  lines(...kinds: readonly string[]): readonly string[] {
    const text = readLog(this.#placement.output);
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line.startsWith('{') && isOf(kinds, JSON.parse(line)));
  }
}

/** Of a program that does not run. */
export const NOTHING: Tally = { ike: 0, child: 0 };

function isOf(kinds: readonly string[], event: unknown): boolean {
  const kind: unknown = typeof event === 'object' && event !== null && 'kind' in event ? event.kind : undefined;
  return typeof kind === 'string' && kinds.includes(kind);
}
