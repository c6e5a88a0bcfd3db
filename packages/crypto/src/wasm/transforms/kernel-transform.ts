import { type EspJobs, type EspTransform, type EspTransformOptions, JOB_STATUS, JOB_WORDS } from '../../engine.ts';
import type { Rng } from '../../rng.ts';
import type { EspSuite } from '../../suites/suites.ts';
import type { PacketShape } from '../memory/job-table.ts';
import type { KernelMemory } from '../memory/kernel-memory.ts';

/** SPI and sequence number (RFC 4303 §2). */
const ESP_HEADER_OCTETS = 8;

/** What all transforms on kernels have in common: a context in their memory, and batches cut to the job table. */
export abstract class KernelTransform implements EspTransform {
  readonly suite: EspSuite;
  readonly constantTime: boolean;
  protected readonly memory: KernelMemory;
  /** Address of this SA's keys. */
  protected readonly context: number;
  protected readonly esn: 0 | 1;
  readonly #direction: 'seal' | 'open';
  readonly #rng: Rng | undefined;
  readonly #shape: PacketShape;
  #wiped = false;

  /** `cipherBlockOctets`: what the ciphertext must be whole blocks of; 1 for a stream. */
  constructor(memory: KernelMemory, options: EspTransformOptions, cipherBlockOctets: number, constantTime: boolean) {
    const { suite, direction, esn, rng } = options;
    if (direction === 'seal' && cipherBlockOctets > 1 && rng === undefined) throw rngMissing(suite);
    this.suite = suite;
    this.constantTime = constantTime;
    this.memory = memory;
    this.esn = esn ? 1 : 0;
    this.#direction = direction;
    this.#rng = rng;
    this.#shape = { overhead: ESP_HEADER_OCTETS + suite.ivOctets + suite.icvOctets, blockOctets: cipherBlockOctets };
    this.context = memory.takeContext();
  }

  seal(memory: Uint8Array, jobs: EspJobs, iv: 'fresh' | 'given'): undefined {
    this.#expect('seal');
    for (let from = 0; from < jobs.count; ) {
      const end = this.memory.jobs.enter(memory, jobs, from, this.#shape);
      if (end === from) throw new RangeError(`job ${from} is not a packet of ${this.suite.name}`);
      this.sealEntered(end - from, iv === 'fresh');
      this.memory.jobs.leave(memory, jobs, from, end);
      from = end;
    }
  }

  open(memory: Uint8Array, jobs: EspJobs): undefined {
    this.#expect('open');
    for (let from = 0; from < jobs.count; ) {
      const end = this.memory.jobs.enter(memory, jobs, from, this.#shape);
      if (end === from) {
        jobs.words[from * JOB_WORDS + JOB_STATUS] = 0;
        from += 1;
        continue;
      }
      this.openEntered(end - from);
      this.memory.jobs.leave(memory, jobs, from, end);
      from = end;
    }
  }

  wipe(): void {
    if (this.#wiped) return;
    this.#wiped = true;
    this.wipeKeys();
    this.memory.wipeContext(this.context);
  }

  /** Seals the first `count` jobs of the table. */
  protected abstract sealEntered(count: number, freshIv: boolean): void;
  /** Opens the first `count` jobs of the table: those refused are no longer alive, and left as they came. */
  protected abstract openEntered(count: number): void;
  /** Forgets keys that are not in the context. */
  protected wipeKeys(): void {}

  /** The source of unpredictable IVs, which no suite with them is sealed without. */
  protected get rng(): Rng {
    if (this.#rng === undefined) throw rngMissing(this.suite);
    return this.#rng;
  }

  #expect(direction: 'seal' | 'open'): void {
    if (this.#wiped) throw new TypeError('this transform was wiped');
    if (this.#direction !== direction) throw new TypeError(`this transform was made to ${this.#direction}`);
  }
}

function rngMissing(suite: EspSuite): TypeError {
  return new TypeError(`rng is required to seal with ${suite.name}`);
}
