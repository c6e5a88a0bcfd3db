import { type EspJobs, JOB_LENGTH, JOB_OFFSET, JOB_SEQUENCE_HIGH, JOB_STATUS, JOB_WORDS } from '../../engine.ts';

// V8 folds a module's own constants into its code; what is imported it loads, and checks, at every use.
const WORDS = JOB_WORDS;
const OFFSET = JOB_OFFSET;
const LENGTH = JOB_LENGTH;
const SEQUENCE_HIGH = JOB_SEQUENCE_HIGH;
const STATUS = JOB_STATUS;

export interface JobTableLayout {
  /** The kernels' whole memory. */
  readonly memory: ArrayBufferLike;
  /** Address of the table, and how many jobs it holds. */
  readonly table: number;
  readonly capacity: number;
  /** The longest packet. */
  readonly packetOctets: number;
  /** Address and octets of the room for packets from elsewhere: at least one of the longest. */
  readonly scratch: number;
  readonly scratchOctets: number;
}

/** What all packets of a suite have in common. */
export interface PacketShape {
  /** Octets of header, IV and ICV. */
  readonly overhead: number;
  /** What the octets beside them must be whole blocks of: a power of two. */
  readonly blockOctets: number;
}

/** The jobs of one call where the kernels see them, with addresses for offsets. */
export class JobTable {
  readonly #octets: Uint8Array;
  readonly #words: Int32Array;
  /** Addresses of each job's keys. */
  readonly #contexts: Int32Array;
  readonly #capacity: number;
  readonly #packetOctets: number;
  readonly #scratch: number;
  readonly #scratchOctets: number;
  /** The same memory comes again and again, and to ask for its buffer costs as much as to enter a dozen jobs. */
  #lastReached: Uint8Array | undefined;
  /** The context that the first jobs have, and how many have it. */
  #context = 0;
  #contextJobs = 0;
  #areOfOneSa = true;
  /** The stretch of the caller's memory that was copied into scratch. */
  #lowest = 0;
  #highest = 0;

  constructor({ memory, table, capacity, packetOctets, scratch, scratchOctets }: JobTableLayout) {
    this.#octets = new Uint8Array(memory);
    this.#words = new Int32Array(memory, table, capacity * WORDS);
    this.#contexts = new Int32Array(memory, table + capacity * WORDS * Int32Array.BYTES_PER_ELEMENT, capacity);
    this.#capacity = capacity;
    this.#packetOctets = packetOctets;
    this.#scratch = scratch;
    this.#scratchOctets = scratchOctets;
  }

  /** Whether the kernels reach packets of `memory` where they are. */
  reaches(memory: Uint8Array): boolean {
    if (memory === this.#lastReached) return true;
    if (memory.buffer !== this.#octets.buffer) return false;
    this.#lastReached = memory;
    return true;
  }

  /**
   * Enters jobs from `from` on, alive; packets out of reach are copied into scratch. Returns the end of those that
   * fitted and lie in front of the first one that is not whole: `from` when that is not.
   */
  enter(memory: Uint8Array, jobs: EspJobs, from: number, shape: PacketShape): number {
    const most = Math.min(jobs.count, from + this.#capacity);
    if (this.reaches(memory)) return this.#write(memory, jobs.words, from, most, memory.byteOffset, shape);
    const end = this.#copyIn(memory, jobs.words, from, most, shape);
    return this.#write(memory, jobs.words, from, end, this.#scratch - this.#lowest, shape);
  }

  /** Gives the first `count` jobs the keys of one SA. */
  setContext(context: number, count: number): void {
    this.#areOfOneSa = true;
    if (context === this.#context && count <= this.#contextJobs) return;
    this.#contexts.fill(context, 0, count);
    this.#context = context;
    this.#contextJobs = count;
  }

  /** Gives the first jobs the keys at `contexts`, from `from` to `to`. */
  setContexts(contexts: Int32Array, from: number, to: number): void {
    const first = contexts[from] ?? 0;
    this.#areOfOneSa = true;
    this.#contextJobs = 0;
    for (let job = from; job < to; job++) {
      const context = contexts[job] ?? 0;
      this.#contexts[job - from] = context;
      if (context !== first) this.#areOfOneSa = false;
    }
  }

  /** Whether all entered jobs have the keys at that address. */
  areOf(context: number): boolean {
    return this.#areOfOneSa && this.#contexts[0] === context;
  }

  /** Address of a job's keys. */
  contextOf(job: number): number {
    return this.#contexts[job] ?? 0;
  }

  /** The end of the jobs, from `from` on, that have the same keys. */
  runFrom(from: number, count: number): number {
    if (this.#areOfOneSa) return count;
    const context = this.#contexts[from];
    let to = from + 1;
    while (to < count && this.#contexts[to] === context) to += 1;
    return to;
  }

  /** Takes back the statuses of the jobs last entered, and their packets if those were copied. */
  leave(memory: Uint8Array, { words }: EspJobs, from: number, end: number): void {
    for (let at = 0, job = from * WORDS; job < end * WORDS; at += WORDS, job += WORDS) {
      words[job + STATUS] = this.#words[at + STATUS] ?? 0;
    }
    if (this.reaches(memory)) return;
    const octets = this.#highest - this.#lowest;
    memory.set(this.#octets.subarray(this.#scratch, this.#scratch + octets), this.#lowest);
  }

  /** Whether entered jobs `from` to `to` have no more than `octets` octets together. */
  areWithin(octets: number, from: number, to: number): boolean {
    return this.lengthOf(from) <= octets && this.fitting(from, to, octets) === to;
  }

  /** The end of those entered jobs, from `from` on, that have no more than `octets` octets together; at least one. */
  fitting(from: number, count: number, octets: number): number {
    let to = from + 1;
    for (let left = octets - this.lengthOf(from); to < count; to++) {
      left -= this.lengthOf(to);
      if (left < 0) break;
    }
    return to;
  }

  lengthOf(job: number): number {
    return this.#words[job * WORDS + LENGTH] ?? 0;
  }

  isAlive(job: number): boolean {
    return this.#words[job * WORDS + STATUS] !== 0;
  }

  /** Writes the table, with addresses from `base` on for offsets; returns the end of the whole packets. */
  #write(memory: Uint8Array, words: Int32Array, from: number, to: number, base: number, shape: PacketShape): number {
    const table = this.#words;
    let job = from;
    for (let at = 0; job < to; job++, at += WORDS) {
      const offset = words[job * WORDS + OFFSET] ?? 0;
      const length = words[job * WORDS + LENGTH] ?? 0;
      if (!this.#isWhole(memory, offset, length, shape)) break;
      table[at + OFFSET] = base + offset;
      table[at + LENGTH] = length;
      table[at + SEQUENCE_HIGH] = words[job * WORDS + SEQUENCE_HIGH] ?? 0;
      table[at + STATUS] = 1;
    }
    return job;
  }

  /** Copies the stretch of memory that holds the jobs, as many of them as are whole and lie close enough together. */
  #copyIn(memory: Uint8Array, words: Int32Array, from: number, to: number, shape: PacketShape): number {
    let lowest = Number.MAX_SAFE_INTEGER;
    let highest = 0;
    let end = from;
    for (; end < to; end++) {
      const offset = words[end * WORDS + OFFSET] ?? 0;
      const length = words[end * WORDS + LENGTH] ?? 0;
      if (!this.#isWhole(memory, offset, length, shape)) break;
      const low = Math.min(lowest, offset);
      const high = Math.max(highest, offset + length);
      if (high - low > this.#scratchOctets) break;
      lowest = low;
      highest = high;
    }
    if (end === from) return end;
    this.#octets.set(memory.subarray(lowest, highest), this.#scratch);
    this.#lowest = lowest;
    this.#highest = highest;
    return end;
  }

  /** Whether a packet lies in memory and holds a header, an IV, whole blocks of the cipher and an ICV. */
  #isWhole(memory: Uint8Array, offset: number, length: number, { overhead, blockOctets }: PacketShape): boolean {
    const payload = length - overhead;
    const isInside = offset >= 0 && offset + length <= memory.length && length <= this.#packetOctets;
    return isInside && payload >= 0 && (payload & (blockOctets - 1)) === 0;
  }
}
