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

/** SPI and sequence number (RFC 4303 §2). */
export const ESP_HEADER_OCTETS = 8;

/** The walk over the jobs of a batch; a subclass transforms one packet, in place, between two offsets of `view`. */
export abstract class JobTransform implements EspTransform {
  readonly suite: EspSuite;
  abstract readonly constantTime: boolean;
  readonly #direction: 'seal' | 'open';
  readonly #overhead: number;
  readonly #blockOctets: number;
  #memory: Uint8Array = new Uint8Array(0);
  #view: DataView = viewOf(this.#memory);
  #wiped = false;

  /** `blockOctets`: what the cipher itself needs, 1 for a stream. */
  constructor({ suite, direction }: EspTransformOptions, blockOctets: number) {
    this.suite = suite;
    this.#direction = direction;
    this.#overhead = ESP_HEADER_OCTETS + suite.ivOctets + suite.icvOctets;
    this.#blockOctets = blockOctets;
  }

  seal(memory: Uint8Array, jobs: EspJobs, iv: 'fresh' | 'given'): undefined {
    this.#expect('seal');
    const view = this.#viewOf(memory);
    const { words, count } = jobs;
    for (let job = 0; job < count * JOB_WORDS; job += JOB_WORDS) {
      const from = word(words, job + JOB_OFFSET);
      const to = from + word(words, job + JOB_LENGTH);
      if (!this.#isWhole(view, from, to))
        throw new RangeError(`job ${job / JOB_WORDS} is not a packet of ${this.suite.name}`);
      this.sealPacket(view, from, to, word(words, job + JOB_SEQUENCE_HIGH), iv === 'fresh');
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
    this.#memory = new Uint8Array(0);
    this.#view = viewOf(this.#memory);
    this.wipeKeys();
  }

  protected abstract sealPacket(view: DataView, from: number, to: number, sequenceHigh: number, freshIv: boolean): void;
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
    return from >= 0 && to <= view.byteLength && payload >= 0 && payload % this.#blockOctets === 0;
  }
}
