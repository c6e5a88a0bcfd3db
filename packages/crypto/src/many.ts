import { type Engine, type EspJobs, type EspTransform, JOB_STATUS, JOB_WORDS } from './engine.ts';

const WORDS = JOB_WORDS;
const STATUS = JOB_STATUS;

/**
 * Seals a batch whose packets are of several SAs, in one call: job `i` by `transforms[i]`, as its `seal` would. The
 * transforms are this engine's, of any suites; packets of one suite share the lanes of its kernels, in whatever order they
 * come.
 * @throws TypeError for a job without a transform, and for a transform that was wiped or made to open.
 * @throws RangeError for a job that `seal` refuses. Which of the other jobs are sealed then, is not said.
 */
export function sealMany(
  engine: Engine,
  memory: Uint8Array,
  jobs: EspJobs,
  transforms: readonly EspTransform[],
  iv: 'fresh' | 'given',
): undefined {
  if (engine.sealMany === undefined) sealRuns(memory, jobs, transforms, iv);
  else expectDone('sealMany', engine.sealMany(memory, jobs, transforms, iv));
}

/**
 * Opens a batch whose packets are of several SAs, in one call: job `i` by `transforms[i]`, as its `open` would.
 * @throws TypeError for a job without a transform, and for a transform that was wiped or made to seal. Which of the other
 *   jobs are opened then, is not said.
 */
export function openMany(
  engine: Engine,
  memory: Uint8Array,
  jobs: EspJobs,
  transforms: readonly EspTransform[],
): undefined {
  if (engine.openMany === undefined) openRuns(memory, jobs, transforms);
  else expectDone('openMany', engine.openMany(memory, jobs, transforms));
}

/** `sealMany` for any transforms: one call for neighbours that have the same. */
export function sealRuns(
  memory: Uint8Array,
  jobs: EspJobs,
  transforms: readonly EspTransform[],
  iv: 'fresh' | 'given',
): undefined {
  const run = takeRun();
  for (let from = 0; from < jobs.count; ) {
    const transform = transformOf(transforms, from);
    const end = run.enter(jobs, transforms, from);
    expectDone('seal', transform.seal(memory, run, iv));
    run.leave(jobs, from);
    from = end;
  }
  run.isTaken = false;
}

/** `openMany` for any transforms. */
export function openRuns(memory: Uint8Array, jobs: EspJobs, transforms: readonly EspTransform[]): undefined {
  const run = takeRun();
  for (let from = 0; from < jobs.count; ) {
    const transform = transformOf(transforms, from);
    const end = run.enter(jobs, transforms, from);
    expectDone('open', transform.open(memory, run));
    run.leave(jobs, from);
    from = end;
  }
  run.isTaken = false;
}

/** @throws TypeError where there is none. */
export function transformOf(transforms: readonly EspTransform[], job: number): EspTransform {
  const transform = transforms[job];
  if (transform === undefined) throw new TypeError(`transforms must have one for job ${job}`);
  return transform;
}

/** An engine of the caller's may be wrong: what is not done now would pass for done. */
function expectDone(what: string, outcome: unknown): void {
  if (outcome !== undefined) throw new TypeError(`engine: ${what} must be done when it returns`);
}

/** Jobs of one run; longer runs are cut. */
const RUN_JOBS = 256;

/** Neighbouring jobs that have the same transform. */
class Run implements EspJobs {
  readonly words: Int32Array = new Int32Array(RUN_JOBS * WORDS);
  count = 0;
  /** Whether a batch is on its way in it: a source of IVs may seal packets of its own. */
  isTaken = false;

  /** Takes the jobs from `from` on that have its transform; returns their end. */
  enter({ words, count }: EspJobs, transforms: readonly EspTransform[], from: number): number {
    const most = Math.min(count, from + RUN_JOBS);
    let end = from + 1;
    while (end < most && transforms[end] === transforms[from]) end += 1;
    this.count = end - from;
    for (let i = 0, at = from * WORDS; at < end * WORDS; i++, at++) this.words[i] = words[at] ?? 0;
    return end;
  }

  /** Gives the statuses back. */
  leave({ words }: EspJobs, from: number): void {
    for (let at = STATUS; at < this.count * WORDS; at += WORDS) words[from * WORDS + at] = this.words[at] ?? 0;
  }
}

/** One for all engines: there is hardly ever more than one batch on its way. */
let shared = new Run();

/** Nobody gives it back after an exception: then the next batch begins with a new one. */
function takeRun(): Run {
  if (shared.isTaken) shared = new Run();
  shared.isTaken = true;
  return shared;
}
