import { type EspJobs, type EspTransform, type EspTransformOptions, JOB_STATUS, JOB_WORDS } from '../../engine.ts';
import type { EspSuite } from '../../suites/suites.ts';
import type { PacketShape } from '../memory/job-table.ts';
import type { KernelMemory } from '../memory/kernel-memory.ts';
import { ivPlacer } from './ivs.ts';
import type { KernelArm, Protection } from './protection.ts';

/** SPI and sequence number (RFC 4303 §2). */
const ESP_HEADER_OCTETS = 8;

/** A transform on kernels: a context in their memory, and batches cut to the job table. */
export class KernelTransform implements EspTransform {
  readonly suite: EspSuite;
  readonly #memory: KernelMemory;
  readonly #context: number;
  readonly #contextOctets: number;
  readonly #protection: Protection;
  readonly #direction: 'seal' | 'open';
  readonly #shape: PacketShape;
  #wiped = false;

  constructor(memory: KernelMemory, options: EspTransformOptions, arm: KernelArm<Protection>) {
    const { suite, direction } = options;
    const placeIvs = ivPlacer(memory, options);
    this.suite = suite;
    this.#memory = memory;
    this.#direction = direction;
    this.#shape = memory.shapeOf(ESP_HEADER_OCTETS + suite.ivOctets + suite.icvOctets, suite.cipherBlockOctets);
    this.#contextOctets = arm.contextOctets(options);
    this.#context = memory.takeContext(this.#contextOctets);
    this.#protection = arm.key({ memory, context: this.#context, options, placeIvs });
  }

  get constantTime(): boolean {
    return this.#protection.constantTime;
  }

  seal(memory: Uint8Array, jobs: EspJobs, iv: 'fresh' | 'given'): undefined {
    this.#expect('seal');
    const table = this.#memory.use();
    for (let from = 0; from < jobs.count; ) {
      const end = table.enter(memory, jobs, from, this.#shape);
      if (end === from) throw new RangeError(`job ${from} is not a packet of ${this.suite.name}`);
      this.#protection.seal(end - from, iv === 'fresh');
      table.leave(memory, jobs, from, end);
      from = end;
    }
  }

  open(memory: Uint8Array, jobs: EspJobs): undefined {
    this.#expect('open');
    const table = this.#memory.use();
    for (let from = 0; from < jobs.count; ) {
      const end = table.enter(memory, jobs, from, this.#shape);
      if (end === from) {
        jobs.words[from * JOB_WORDS + JOB_STATUS] = 0;
        from += 1;
        continue;
      }
      this.#protection.open(end - from);
      table.leave(memory, jobs, from, end);
      from = end;
    }
  }

  wipe(): void {
    if (this.#wiped) return;
    this.#wiped = true;
    this.#protection.wipe();
    this.#memory.wipeContext(this.#context, this.#contextOctets);
  }

  #expect(direction: 'seal' | 'open'): void {
    if (this.#wiped) throw new TypeError('this transform was wiped');
    if (this.#direction !== direction) throw new TypeError(`this transform was made to ${this.#direction}`);
  }
}
