import {
  type EspJobs,
  type EspTransformOptions,
  JOB_LENGTH,
  JOB_OFFSET,
  JOB_SEQUENCE_HIGH,
  JOB_STATUS,
  JOB_WORDS,
} from '../../../engine.ts';
import type { Rng } from '../../../rng.ts';

const WORDS = JOB_WORDS;
const OFFSET = JOB_OFFSET;
const LENGTH = JOB_LENGTH;
const SEQUENCE_HIGH = JOB_SEQUENCE_HIGH;
const STATUS = JOB_STATUS;

/** Jobs that share lanes. */
export interface Lanes {
  /** For each job the address of its keys; those of one SA are neighbours. */
  readonly contexts: Int32Array;
  /** Where in the batch a job came from. */
  placeOf(job: number): number;
}

/** A transform whose packets may share lanes with those of others. */
export interface LaneTransform {
  /** Its first job in the batch at work. */
  readonly firstJob: number;
  /** Seals jobs that are all its own, or all of its group, each with keys of its own. */
  sealWith(memory: Uint8Array, jobs: EspJobs, iv: 'fresh' | 'given', lanes: Lanes | undefined): void;
  /** Opens jobs likewise. */
  openWith(memory: Uint8Array, jobs: EspJobs, lanes: Lanes | undefined): void;
}

/** Transforms that differ in their keys alone, and what a batch has for them. */
export class LaneGroup implements EspJobs, Lanes {
  /** Those that the batch has packets for. */
  readonly transforms: LaneTransform[] = [];
  /** Their jobs, those of one SA together. */
  words: Int32Array = new Int32Array(0);
  contexts: Int32Array = new Int32Array(0);
  count = 0;
  /** The number of the batch. */
  batch = 0;
  /** Where in the batch each job came from. */
  #places: Int32Array = new Int32Array(0);

  /** Forgets what an earlier batch had. */
  begin(batch: number): void {
    this.batch = batch;
    this.transforms.length = 0;
    this.count = 0;
  }

  /** Makes room for that many jobs. */
  reserve(capacity: number): void {
    if (this.contexts.length >= capacity) return;
    this.words = new Int32Array(capacity * WORDS);
    this.contexts = new Int32Array(capacity);
    this.#places = new Int32Array(capacity);
  }

  /** Takes the job at `place` of a batch. */
  add(batch: Int32Array, place: number, context: number): void {
    const { words, count } = this;
    words[count * WORDS + OFFSET] = batch[place * WORDS + OFFSET] ?? 0;
    words[count * WORDS + LENGTH] = batch[place * WORDS + LENGTH] ?? 0;
    words[count * WORDS + SEQUENCE_HIGH] = batch[place * WORDS + SEQUENCE_HIGH] ?? 0;
    this.contexts[count] = context;
    this.#places[count] = place;
    this.count = count + 1;
  }

  /** Where in the batch a job came from. */
  placeOf(job: number): number {
    return this.#places[job] ?? 0;
  }

  /** Gives the statuses back to the batch, and lets its transforms go. */
  end(batch: Int32Array): void {
    const { words, count } = this;
    this.transforms.length = 0;
    for (let i = 0; i < count; i++) batch[(this.#places[i] ?? 0) * WORDS + STATUS] = words[i * WORDS + STATUS] ?? 0;
  }
}

/** The groups of an engine. */
export class LaneGroups {
  /** Of SAs that draw no IVs. */
  readonly #common = new Map<string, LaneGroup>();
  /** IVs come from the source that their SA was given: it holds its groups. */
  readonly #sealing = new WeakMap<Rng, Map<string, LaneGroup>>();

  groupOf({ suite, direction, esn, rng, strictConstantTime = false }: EspTransformOptions): LaneGroup {
    const drawsIvs = direction === 'seal' && suite.iv === 'unpredictable';
    const groups = drawsIvs && rng !== undefined ? this.#groupsOf(rng) : this.#common;
    const name = `${suite.name} ${direction} ${esn} ${strictConstantTime}`;
    let group = groups.get(name);
    if (group === undefined) {
      group = new LaneGroup();
      groups.set(name, group);
    }
    return group;
  }

  #groupsOf(rng: Rng): Map<string, LaneGroup> {
    let groups = this.#sealing.get(rng);
    if (groups === undefined) {
      groups = new Map();
      this.#sealing.set(rng, groups);
    }
    return groups;
  }
}
