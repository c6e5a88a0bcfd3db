import { type EspJobs, type EspTransform, type EspTransformOptions, JOB_STATUS, JOB_WORDS } from '../../../engine.ts';
import type { EspSuite } from '../../../suites/suites.ts';
import type { PacketShape } from '../../memory/job-table.ts';
import type { KernelMemory } from '../../memory/kernel-memory.ts';
import { ivPlacer } from '../ivs.ts';
import { ESP_HEADER_OCTETS, type KernelArm, type Protection } from '../protection.ts';
import type { LaneGroup, Lanes, LaneTransform } from './lane-group.ts';

/** A transform on kernels: a context in their memory, and batches cut to the job table. */
export class KernelTransform implements EspTransform, LaneTransform {
  readonly suite: EspSuite;
  /** Those whose packets may share lanes with this one's. */
  readonly group: LaneGroup;
  /** Its first and its last job in a batch of several SAs, while that has this number. */
  batch = 0;
  firstJob = 0;
  lastJob = 0;
  readonly #memory: KernelMemory;
  readonly #context: number;
  readonly #contextOctets: number;
  readonly #protection: Protection;
  readonly #direction: 'seal' | 'open';
  readonly #shape: PacketShape;
  #wiped = false;

  constructor(memory: KernelMemory, options: EspTransformOptions, arm: KernelArm<Protection>, group: LaneGroup) {
    const { suite, direction } = options;
    const placeIvs = ivPlacer(memory, options);
    this.suite = suite;
    this.group = group;
    this.#memory = memory;
    this.#direction = direction;
    this.#shape = memory.shapeOf(ESP_HEADER_OCTETS + suite.ivOctets + suite.icvOctets, suite.cipherBlockOctets);
    this.#contextOctets = arm.contextOctets(options);
    this.#context = memory.takeContext(this.#contextOctets);
    this.#protection = arm.key({ memory, context: this.#context, keysAt: 0, options, placeIvs });
  }

  get constantTime(): boolean {
    return this.#protection.constantTime;
  }

  seal(memory: Uint8Array, jobs: EspJobs, iv: 'fresh' | 'given'): undefined {
    this.sealWith(memory, jobs, iv, undefined);
  }

  open(memory: Uint8Array, jobs: EspJobs): undefined {
    this.openWith(memory, jobs, undefined);
  }

  isOn(memory: KernelMemory): boolean {
    return memory === this.#memory;
  }

  /** Address of its keys. @throws TypeError when it was wiped or made for the other direction. */
  contextFor(direction: 'seal' | 'open'): number {
    if (this.#wiped) throw new TypeError('this transform was wiped');
    if (this.#direction !== direction) throw new TypeError(`this transform was made to ${this.#direction}`);
    return this.#context;
  }

  sealWith(memory: Uint8Array, jobs: EspJobs, iv: 'fresh' | 'given', lanes: Lanes | undefined): void {
    const context = this.contextFor('seal');
    const table = this.#memory.use();
    for (let from = 0; from < jobs.count; ) {
      const end = table.enter(memory, jobs, from, this.#shape);
      if (end === from) {
        throw new RangeError(`job ${lanes?.placeOf(from) ?? from} is not a packet of ${this.suite.name}`);
      }
      if (lanes === undefined) table.setContext(context, end - from);
      else table.setContexts(lanes.contexts, from, end);
      this.#protection.seal(end - from, iv === 'fresh');
      table.leave(memory, jobs, from, end);
      from = end;
    }
  }

  openWith(memory: Uint8Array, jobs: EspJobs, lanes: Lanes | undefined): void {
    const context = this.contextFor('open');
    const table = this.#memory.use();
    for (let from = 0; from < jobs.count; ) {
      const end = table.enter(memory, jobs, from, this.#shape);
      if (end === from) {
        jobs.words[from * JOB_WORDS + JOB_STATUS] = 0;
        from += 1;
        continue;
      }
      if (lanes === undefined) table.setContext(context, end - from);
      else table.setContexts(lanes.contexts, from, end);
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
}
