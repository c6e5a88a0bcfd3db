import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Seat } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { type Gateway, PRE_SHARED_KEY, type Role, type Tally } from './gateway.ts';
import { NOTHING, OurProgram } from './our-program.ts';

/** From test/interop/dist/gateways. */
const PROGRAM = fileURLToPath(new URL('../../../../examples/dist/l2tp-server.js', import.meta.url));

/** Ours: examples/l2tp-server, which is itself what is behind its SAs. */
export class EspalierL2tp implements Gateway {
  readonly program = 'espalier';
  readonly router: Seat;
  readonly inside = undefined;
  readonly #bed: Testbed;
  readonly #folder: string;
  #program: OurProgram | undefined;
  #starts = 0;

  constructor(bed: Testbed, router: Seat) {
    this.router = router;
    this.#bed = bed;
    this.#folder = bed.folderOf(`${router}-espalier`);
  }

  async start(_role: Role): Promise<void> {
    const output = join(this.#folder, `events-${++this.#starts}.jsonl`);
    const recording = this.#bed.recording(`${this.router}-ike-${this.#starts}`);
    const argv = [
      ...[process.execPath, PROGRAM, '--bind', this.#bed.placeOf(this.router).address, '--json'],
      ...(recording === undefined ? [] : ['--record', recording, '--record-secrets']),
    ];
    const name = `${this.router}-l2tp`;
    const environment = { L2TP_KEY: PRE_SHARED_KEY };
    this.#program = new OurProgram(this.#bed, 'the L2TP server', {
      router: this.router,
      name,
      argv,
      output,
      environment,
    });
    await this.#program.listens();
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  async kill(): Promise<void> {
    await this.#program?.kill();
  }

  async established(): Promise<Tally> {
    return this.#program?.established ?? NOTHING;
  }

  async alive(): Promise<Tally> {
    return this.#program?.alive ?? NOTHING;
  }

  /** Messages of L2TP that came out of its SAs: of which caller, with which checksum. */
  heard(): readonly string[] {
    return this.#program?.lines('l2tp') ?? [];
  }

  memory(): number {
    return this.#program?.memory ?? 0;
  }
}
