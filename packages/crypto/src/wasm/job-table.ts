import { type EspJobs, JOB_LENGTH, JOB_OFFSET, JOB_SEQUENCE_HIGH, JOB_STATUS, JOB_WORDS } from '../engine.ts';
import { word } from '../memory.ts';

export interface JobTableLayout {
  /** The kernels' whole memory. */
  readonly memory: ArrayBuffer;
  /** Address of the table, and how many jobs it holds. */
  readonly table: number;
  readonly capacity: number;
  /** Address and octets of the room for packets from elsewhere: at least one of the longest. */
  readonly scratch: number;
  readonly scratchOctets: number;
}

/** The jobs of one call where the kernels see them, with addresses for offsets. */
export class JobTable {
  readonly #octets: Uint8Array;
  readonly #words: Int32Array;
  readonly #capacity: number;
  readonly #scratch: number;
  readonly #scratchOctets: number;
  /** The stretch of the caller's memory that was copied into scratch. */
  #lowest = 0;
  #highest = 0;

  constructor({ memory, table, capacity, scratch, scratchOctets }: JobTableLayout) {
    this.#octets = new Uint8Array(memory);
    this.#words = new Int32Array(memory, table, capacity * JOB_WORDS);
    this.#capacity = capacity;
    this.#scratch = scratch;
    this.#scratchOctets = scratchOctets;
  }

  /** Whether the kernels reach packets of `memory` where they are. */
  reaches(memory: Uint8Array): boolean {
    return memory.buffer === this.#octets.buffer;
  }

  /**
   * Enters jobs `from` to `to`, alive; packets out of reach are copied into scratch. Returns the end of those that
   * fitted.
   */
  enter(memory: Uint8Array, { words }: EspJobs, from: number, to: number): number {
    let end = Math.min(to, from + this.#capacity);
    let base = memory.byteOffset;
    if (!this.reaches(memory)) {
      end = this.#copyIn(memory, words, from, end);
      base = this.#scratch - this.#lowest;
    }
    const table = this.#words;
    for (let at = 0, job = from * JOB_WORDS; job < end * JOB_WORDS; at += JOB_WORDS, job += JOB_WORDS) {
      table[at + JOB_OFFSET] = base + word(words, job + JOB_OFFSET);
      table[at + JOB_LENGTH] = word(words, job + JOB_LENGTH);
      table[at + JOB_SEQUENCE_HIGH] = word(words, job + JOB_SEQUENCE_HIGH);
      table[at + JOB_STATUS] = 1;
    }
    return end;
  }

  /** Takes back the statuses of the jobs last entered, and their packets if those were copied. */
  leave(memory: Uint8Array, { words }: EspJobs, from: number, end: number): void {
    for (let at = 0, job = from * JOB_WORDS; job < end * JOB_WORDS; at += JOB_WORDS, job += JOB_WORDS) {
      words[job + JOB_STATUS] = word(this.#words, at + JOB_STATUS);
    }
    if (this.reaches(memory)) return;
    const octets = this.#highest - this.#lowest;
    memory.set(this.#octets.subarray(this.#scratch, this.#scratch + octets), this.#lowest);
  }

  /** Whether the first `count` entered jobs have no more than `octets` octets together. */
  areWithin(octets: number, count: number): boolean {
    return this.#lengthOf(0) <= octets && this.fitting(0, count, octets) === count;
  }

  /** The end of those entered jobs, from `from` on, that have no more than `octets` octets together; at least one. */
  fitting(from: number, count: number, octets: number): number {
    let to = from + 1;
    for (let left = octets - this.#lengthOf(from); to < count; to++) {
      left -= this.#lengthOf(to);
      if (left < 0) break;
    }
    return to;
  }

  #lengthOf(job: number): number {
    return word(this.#words, job * JOB_WORDS + JOB_LENGTH);
  }

  /** Copies the stretch of memory that holds the jobs, as many of them as lie close enough together. */
  #copyIn(memory: Uint8Array, words: Int32Array, from: number, to: number): number {
    let lowest = Number.MAX_SAFE_INTEGER;
    let highest = 0;
    let end = from;
    for (; end < to; end++) {
      const offset = word(words, end * JOB_WORDS + JOB_OFFSET);
      const low = Math.min(lowest, offset);
      const high = Math.max(highest, offset + word(words, end * JOB_WORDS + JOB_LENGTH));
      if (high - low > this.#scratchOctets) break;
      lowest = low;
      highest = high;
    }
    this.#octets.set(memory.subarray(lowest, highest), this.#scratch);
    this.#lowest = lowest;
    this.#highest = highest;
    return end;
  }
}
