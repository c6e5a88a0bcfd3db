import { type EspJobs, type EspTransform, JOB_STATUS, JOB_WORDS } from '../../../engine.ts';
import { openRuns, sealRuns, transformOf } from '../../../many.ts';
import type { KernelMemory } from '../../memory/kernel-memory.ts';
import { KernelTransform } from './kernel-transform.ts';
import type { LaneGroup, Lanes, LaneTransform } from './lane-group.ts';

/** Batches whose packets are of several SAs: all packets of a group in one call, whatever lies between them. */
export class ManySas implements Lanes {
  /** For each job of the batch the address of its keys. */
  contexts: Int32Array = new Int32Array(0);
  readonly #memory: KernelMemory;
  readonly #groups: LaneGroup[] = [];
  /** For each job the next one of the same SA, or -1. */
  #next: Int32Array = new Int32Array(0);
  /** The number of this batch. */
  #batch = 0;
  /** Whether jobs of one SA are neighbours. */
  #isSorted = true;

  constructor(memory: KernelMemory) {
    this.#memory = memory;
  }

  seal(memory: Uint8Array, jobs: EspJobs, transforms: readonly EspTransform[], iv: 'fresh' | 'given'): undefined {
    const others = this.#look(jobs, transforms, 'seal');
    const only = this.#onlyTransform(others);
    if (only !== undefined) {
      only.sealWith(memory, jobs, iv, this);
      return;
    }
    for (const group of this.#groups) {
      this.#gather(group, jobs.words);
      group.transforms[0]?.sealWith(memory, group, iv, group);
      group.end(jobs.words);
    }
    if (others === undefined) return;
    sealRuns(memory, others.jobs, others.transforms, iv);
    others.leave(jobs);
  }

  open(memory: Uint8Array, jobs: EspJobs, transforms: readonly EspTransform[]): undefined {
    const others = this.#look(jobs, transforms, 'open');
    const only = this.#onlyTransform(others);
    if (only !== undefined) {
      only.openWith(memory, jobs, this);
      return;
    }
    for (const group of this.#groups) {
      this.#gather(group, jobs.words);
      group.transforms[0]?.openWith(memory, group, group);
      group.end(jobs.words);
    }
    if (others === undefined) return;
    openRuns(memory, others.jobs, others.transforms);
    others.leave(jobs);
  }

  placeOf(job: number): number {
    return job;
  }

  /** Finds groups, and in them SAs and their jobs. Returns the jobs whose transforms are not on these kernels. */
  #look(jobs: EspJobs, transforms: readonly EspTransform[], direction: 'seal' | 'open'): Others | undefined {
    const { count } = jobs;
    if (this.#next.length < count) {
      this.#next = new Int32Array(count);
      this.contexts = new Int32Array(count);
    }
    const { contexts } = this;
    const next = this.#next;
    const batch = ++this.#batch;
    this.#groups.length = 0;
    this.#isSorted = true;
    let others: Others | undefined;
    let before: EspTransform | undefined;
    for (let job = 0; job < count; job++) {
      const transform = transformOf(transforms, job);
      if (!(transform instanceof KernelTransform && transform.isOn(this.#memory))) {
        others ??= new Others();
        others.take(jobs, job, transform);
        continue;
      }
      contexts[job] = transform.contextFor(direction);
      if (transform.batch !== batch) {
        transform.batch = batch;
        transform.firstJob = job;
        this.#join(transform, batch);
      } else {
        next[transform.lastJob] = job;
        if (transform !== before) this.#isSorted = false;
      }
      transform.lastJob = job;
      next[job] = -1;
      before = transform;
    }
    return others;
  }

  #join(transform: KernelTransform, batch: number): void {
    const { group } = transform;
    if (group.batch !== batch) {
      group.begin(batch);
      this.#groups.push(group);
    }
    group.transforms.push(transform);
  }

  /** One of the transforms of a batch whose jobs need not change places; undefined of another batch. */
  #onlyTransform(others: Others | undefined): LaneTransform | undefined {
    const [group] = this.#groups;
    if (group === undefined || this.#groups.length > 1 || others !== undefined || !this.#isSorted) return undefined;
    const [transform] = group.transforms;
    group.transforms.length = 0;
    return transform;
  }

  /** The jobs of a group, SA by SA. */
  #gather(group: LaneGroup, words: Int32Array): void {
    const { contexts } = this;
    group.reserve(contexts.length);
    for (const { firstJob } of group.transforms) {
      for (let job = firstJob; job >= 0; job = this.#next[job] ?? -1) group.add(words, job, contexts[job] ?? 0);
    }
  }
}

/** Jobs whose transforms are of another kind. */
class Others {
  readonly transforms: EspTransform[] = [];
  readonly #words: number[] = [];
  readonly #places: number[] = [];
  #jobs: EspJobs | undefined;

  take({ words }: EspJobs, place: number, transform: EspTransform): void {
    this.transforms.push(transform);
    this.#places.push(place);
    this.#words.push(...words.subarray(place * JOB_WORDS, (place + 1) * JOB_WORDS));
  }

  get jobs(): EspJobs {
    this.#jobs ??= { words: Int32Array.from(this.#words), count: this.#places.length };
    return this.#jobs;
  }

  /** Gives the statuses back. */
  leave({ words }: EspJobs): void {
    this.#places.forEach((place, i) => {
      words[place * JOB_WORDS + JOB_STATUS] = this.jobs.words[i * JOB_WORDS + JOB_STATUS] ?? 0;
    });
  }
}
