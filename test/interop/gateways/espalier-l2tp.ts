import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Daemon } from '../machine/daemon.ts';
import { check } from '../machine/failures.ts';
import type { Seat } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { type Gateway, PRE_SHARED_KEY, type Role, type Tally } from './gateway.ts';
import { countLines, listensOn, readLog, residentOctets } from './observe.ts';

/** From test/interop/dist/gateways. */
const PROGRAM = fileURLToPath(new URL('../../../../examples/dist/l2tp-server.js', import.meta.url));

/** Ours: examples/l2tp-server, which is itself what is behind its SAs. */
export class EspalierL2tp implements Gateway {
  readonly program = 'espalier';
  readonly router: Seat;
  readonly inside = undefined;
  readonly #bed: Testbed;
  readonly #folder: string;
  #node: Daemon | undefined;
  #events = '';
  #starts = 0;

  constructor(bed: Testbed, router: Seat) {
    this.router = router;
    this.#bed = bed;
    this.#folder = bed.folderOf(`${router}-espalier`);
  }

  async start(_role: Role): Promise<void> {
    this.#events = join(this.#folder, `events-${++this.#starts}.jsonl`);
    const recording = this.#bed.recording(`${this.router}-ike-${this.#starts}`);
    const argv = [
      ...[process.execPath, PROGRAM, '--bind', this.#bed.placeOf(this.router).address, '--json'],
      ...(recording === undefined ? [] : ['--record', recording, '--record-secrets']),
    ];
    const name = `${this.router}-l2tp`;
    const environment = { L2TP_KEY: PRE_SHARED_KEY };
    const node = this.#bed.start({ router: this.router, name, argv, output: this.#events, environment });
    this.#node = node;
    await this.#bed.until(`the L2TP server on ${this.router}`, 20, () => {
      check(node.running, `the L2TP server on ${this.router} ended; see ${this.#bed.folder}/${name}.out`);
      return (listensOn(node.pid, 500) && listensOn(node.pid, 4500)) || undefined;
    });
  }

  async stop(): Promise<void> {
    await this.#node?.stop();
  }

  async kill(): Promise<void> {
    await this.#node?.kill();
  }

  async established(): Promise<Tally> {
    return { ike: this.#count('ike-established'), child: this.#count('ipsec-established') };
  }

  async alive(): Promise<Tally> {
    if (!this.#node?.running) return { ike: 0, child: 0 };
    return {
      ike: this.#count('ike-established') - this.#count('ike-deleted'),
      child: this.#count('ipsec-established') - this.#count('ipsec-deleted'),
    };
  }

  /** Messages of L2TP that came out of its SAs: of which caller, with which checksum. */
  heard(): readonly string[] {
    return readLog(this.#events)
      .split('\n')
      .filter((line) => line.startsWith('{"kind":"l2tp"') && line.endsWith('}'));
  }

  memory(): number {
    return residentOctets(this.#node?.pid ?? 0);
  }

  #count(kind: string): number {
    return countLines(readLog(this.#events), new RegExp(`"kind":"${kind}"`));
  }
}
