import {
  type EspJobs,
  type EspTransform,
  type EspTransformOptions,
  JOB_LENGTH,
  JOB_OFFSET,
  JOB_SEQUENCE_HIGH,
  JOB_STATUS,
  JOB_WORDS,
} from '../engine.ts';
import { viewOf, word } from '../memory.ts';
import type { EspSuite } from '../suites/suites.ts';
import { ESP_HEADER_OCTETS, type IvWriter, ivWriter } from './ivs.ts';

/** The walk over the jobs of a batch; a subclass transforms one packet, in place, between two offsets of `view`. */
export abstract class JobTransform implements EspTransform {
  readonly suite: EspSuite;
  abstract readonly constantTime: boolean;
  readonly #direction: 'seal' | 'open';
  readonly #overhead: number;
  readonly #ivs: IvWriter | undefined;
  #memory: Uint8Array = NO_MEMORY;
  #view: DataView = NO_VIEW;
  #wiped = false;

  constructor(options: EspTransformOptions) {
    const { suite, direction } = options;
    this.suite = suite;
    this.#direction = direction;
    this.#overhead = ESP_HEADER_OCTETS + suite.ivOctets + suite.icvOctets;
    this.#ivs = direction === 'seal' ? ivWriter(options) : undefined;
  }

  seal(memory: Uint8Array, jobs: EspJobs, iv: 'fresh' | 'given'): undefined {
    this.#expect('seal');
    const view = this.#viewOf(memory);
    const { words, count } = jobs;
    const ivs = iv === 'fresh' ? this.#ivs : undefined;
    for (let job = 0; job < count * JOB_WORDS; job += JOB_WORDS) {
      const from = word(words, job + JOB_OFFSET);
      const to = from + word(words, job + JOB_LENGTH);
      const sequenceHigh = word(words, job + JOB_SEQUENCE_HIGH);
      if (!this.#isWhole(view, from, to))
        throw new RangeError(`job ${job / JOB_WORDS} is not a packet of ${this.suite.name}`);
      ivs?.write(view, from, sequenceHigh);
      this.sealPacket(view, from, to, sequenceHigh);
      words[job + JOB_STATUS] = 1;
    }
  }

  open(memory: Uint8Array, jobs: EspJobs): undefined {
    this.#expect('open');
    const view = this.#viewOf(memory);
    const { words, count } = jobs;
    for (let job = 0; job < count * JOB_WORDS; job += JOB_WORDS) {
      const from = word(words, job + JOB_OFFSET);
      const to = from + word(words, job + JOB_LENGTH);
      const good =
        this.#isWhole(view, from, to) && this.openPacket(view, from, to, word(words, job + JOB_SEQUENCE_HIGH));
      words[job + JOB_STATUS] = good ? 1 : 0;
    }
  }

  wipe(): void {
    this.#wiped = true;
    this.#memory = NO_MEMORY;
    this.#view = NO_VIEW;
    this.#ivs?.wipe();
    this.wipeKeys();
  }

  /** The IV is in place. */
  protected abstract sealPacket(view: DataView, from: number, to: number, sequenceHigh: number): void;
  /** False, and nothing written, where the ICV is wrong. */
  protected abstract openPacket(view: DataView, from: number, to: number, sequenceHigh: number): boolean;
  protected abstract wipeKeys(): void;

  #expect(direction: 'seal' | 'open'): void {
    if (this.#wiped) throw new TypeError('this transform was wiped');
    if (this.#direction !== direction) throw new TypeError(`this transform was made to ${this.#direction}`);
  }

  /** The same memory comes again and again: its view is kept. */
  #viewOf(memory: Uint8Array): DataView {
    if (memory !== this.#memory) {
      this.#memory = memory;
      this.#view = viewOf(memory);
    }
    return this.#view;
  }

  /** Whether a packet lies in memory and holds a header, an IV, whole blocks of the cipher and an ICV. */
  #isWhole(view: DataView, from: number, to: number): boolean {
    const payload = to - from - this.#overhead;
    return from >= 0 && to <= view.byteLength && payload >= 0 && payload % this.suite.cipherBlockOctets === 0;
  }
}

const NO_MEMORY = new Uint8Array(0);
const NO_VIEW = viewOf(NO_MEMORY);
