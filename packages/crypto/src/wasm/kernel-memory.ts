import { type EspJobs, JOB_LENGTH, JOB_OFFSET, JOB_SEQUENCE_HIGH, JOB_STATUS, JOB_WORDS } from '../engine.ts';
import { word } from '../memory.ts';
import type { Rng } from '../rng.ts';
import { Arena } from './arena.ts';
import { type Kernels, loadKernels } from './kernels.ts';

/** Octets of one SA's keys and schedules, whatever its suite. */
const CONTEXT_OCTETS = 1024;
/** No packet is longer: more than IPv6 and UDP can carry, but for jumbograms. */
export const PACKET_OCTETS = 131_072;
/** Packets from memory that is not in the arena pass through this many octets at a time. */
const SCRATCH_OCTETS = 2 * PACKET_OCTETS;
/** Cipher input that an engine assembles from many packets. */
export const STAGING_OCTETS: number = 2 * PACKET_OCTETS;
const RANDOM_OCTETS = 4096;
/** Kernels may read this far past a packet's end. */
const MARGIN_OCTETS = 128;

/** The kernels, their memory and what lies where in it. One engine owns one. */
export class KernelMemory {
  readonly kernels: Kernels;
  readonly staging: number;
  /** Jobs that the table holds. */
  readonly capacity: number;
  readonly #octets: Uint8Array;
  readonly #words: Int32Array;
  readonly #table: number;
  readonly #arena: Arena;
  readonly #scratch: number;
  readonly #random: number;
  readonly #randomOctets: Uint8Array;
  #randomUsed = RANDOM_OCTETS;
  #randomSource: Rng | undefined;

  constructor(arenaOctets: number, level: 'simd' | 'relaxed') {
    const { kernels, memory } = loadKernels(arenaOctets + SCRATCH_OCTETS + STAGING_OCTETS + 2 * 65_536, level);
    this.kernels = kernels;
    this.#octets = new Uint8Array(memory);
    this.#words = new Int32Array(memory);
    this.#table = kernels.jobTable() >> 2;
    this.capacity = kernels.JOB_CAPACITY.value;
    this.#arena = new Arena(kernels.heapBase(), memory.byteLength - MARGIN_OCTETS);
    this.#scratch = this.#arena.take(SCRATCH_OCTETS + MARGIN_OCTETS);
    this.staging = this.#arena.take(STAGING_OCTETS + MARGIN_OCTETS);
    this.#random = this.#arena.take(RANDOM_OCTETS);
    this.#randomOctets = this.#octets.subarray(this.#random, this.#random + RANDOM_OCTETS);
  }

  /** All of the memory. Behind a getter, so that no printed object shows the keys in it. */
  get octets(): Uint8Array {
    return this.#octets;
  }

  take(octets: number): number {
    return this.#arena.take(octets);
  }

  giveBack(address: number): void {
    this.#arena.giveBack(address);
  }

  /** Address of zeroed memory for the keys of one SA. @throws RangeError as `take`. */
  takeContext(): number {
    const context = this.#arena.take(CONTEXT_OCTETS);
    this.#octets.fill(0, context, context + CONTEXT_OCTETS);
    return context;
  }

  /** Address of unpredictable octets, at most 4096, that are given out once. */
  random(rng: Rng, octets: number): number {
    if (this.#randomSource !== rng || this.#randomUsed + octets > RANDOM_OCTETS) {
      rng.fill(this.#randomOctets);
      this.#randomSource = rng;
      this.#randomUsed = 0;
    }
    const address = this.#random + this.#randomUsed;
    this.#randomUsed += octets;
    return address;
  }

  /** Overwrites everything of a wiped SA: its context and what the kernels remember. */
  wipeContext(context: number): void {
    this.#octets.fill(0, context, context + CONTEXT_OCTETS);
    this.#octets.fill(0, this.staging, this.staging + STAGING_OCTETS);
    this.kernels.forget();
    this.#arena.giveBack(context);
  }

  /** Packets of `memory` are used where they are if it is a part of the arena. */
  reaches(memory: Uint8Array): boolean {
    return memory.buffer === this.#octets.buffer;
  }

  /**
   * Puts jobs `from` to `to` into the table, alive, at their addresses; packets out of reach are copied into scratch
   * first. Returns the end of those that fitted.
   */
  enter(memory: Uint8Array, { words }: EspJobs, from: number, to: number): number {
    const table = this.#words;
    const last = Math.min(to, from + this.capacity);
    let base = memory.byteOffset;
    let end = last;
    if (!this.reaches(memory)) {
      end = this.#copyIn(memory, words, from, last);
      base = this.#scratch - this.#lowest;
    }
    for (let job = from, at = this.#table, word4 = from * JOB_WORDS; job < end; job++, at += 4, word4 += JOB_WORDS) {
      table[at + JOB_OFFSET] = base + word(words, word4 + JOB_OFFSET);
      table[at + JOB_LENGTH] = word(words, word4 + JOB_LENGTH);
      table[at + JOB_SEQUENCE_HIGH] = word(words, word4 + JOB_SEQUENCE_HIGH);
      table[at + JOB_STATUS] = 1;
    }
    return end;
  }

  /** Takes back the statuses of the jobs last entered, and the packets if they were copied. */
  leave(memory: Uint8Array, { words }: EspJobs, from: number, end: number): void {
    for (let job = from, at = this.#table; job < end; job++, at += 4) {
      words[job * JOB_WORDS + JOB_STATUS] = word(this.#words, at + JOB_STATUS);
    }
    if (!this.reaches(memory)) {
      memory.set(this.#octets.subarray(this.#scratch, this.#scratch + this.#highest - this.#lowest), this.#lowest);
    }
  }

  /** Whether the first `count` entered jobs have no more than `octets` octets together. */
  areWithin(octets: number, count: number): boolean {
    let left = octets;
    for (let job = 0; job < count && left >= 0; job++)
      left -= word(this.#words, this.#table + JOB_WORDS * job + JOB_LENGTH);
    return left >= 0;
  }

  /** The end of those entered jobs, from `from` on, that have no more than `octets` octets together; at least one. */
  fitting(from: number, count: number, octets: number): number {
    let to = from;
    for (let left = octets; to < count; to++) {
      left -= word(this.#words, this.#table + JOB_WORDS * to + JOB_LENGTH);
      if (left < 0 && to > from) break;
    }
    return to;
  }

  /** Octets `from` to `to` of the staging area. */
  staged(from: number, to: number): Uint8Array {
    return this.#octets.subarray(this.staging + from, this.staging + to);
  }

  /** Puts octets into the staging area. */
  stage(at: number, octets: Uint8Array): void {
    this.#octets.set(octets, this.staging + at);
  }

  #lowest = 0;
  #highest = 0;

  /** Copies the stretch of memory that holds the jobs, as many of them as lie close enough together. */
  #copyIn(memory: Uint8Array, words: Int32Array, from: number, to: number): number {
    let job = from;
    let lowest = Number.MAX_SAFE_INTEGER;
    let highest = 0;
    for (; job < to; job++) {
      const offset = word(words, job * JOB_WORDS + JOB_OFFSET);
      const low = Math.min(lowest, offset);
      const high = Math.max(highest, offset + word(words, job * JOB_WORDS + JOB_LENGTH));
      if (high - low > SCRATCH_OCTETS) break;
      lowest = low;
      highest = high;
    }
    this.#octets.set(memory.subarray(lowest, highest), this.#scratch);
    this.#lowest = lowest;
    this.#highest = highest;
    return job;
  }
}
