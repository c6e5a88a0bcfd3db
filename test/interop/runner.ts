import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './case.ts';
import { Late, Skip } from './machine/failures.ts';
import { IPV4, removeNetwork } from './machine/network.ts';
import { Testbed } from './machine/testbed.ts';
import { keepTranscripts } from './transcripts/keep.ts';

/** What became of one case. */
export interface Outcome {
  readonly case: Case;
  readonly verified: readonly string[];
  readonly seconds: number;
  /** Why it could not be tried on this machine. */
  readonly skipped: string | undefined;
  readonly failure: Failure | undefined;
}

interface Failure {
  readonly message: string;
  /** It was not wrong, but too slow. */
  readonly late: boolean;
  /** Where its trace and logs are; they are not kept when the user wanted to stop. */
  readonly folder: string | undefined;
}

export interface RunOptions {
  readonly runFolder: string;
  /** Keep the files of a case that passed, too. */
  readonly keep: boolean;
  /** Where the transcript of a case that passed goes. */
  readonly record: string | undefined;
  /** Aborts when the user wants to stop. */
  readonly interruption: AbortSignal;
}

/** Runs one case within its time and leaves nothing behind but, after a failure, its folder. */
export async function runCase(test: Case, options: RunOptions): Promise<Outcome> {
  const { runFolder, keep, record, interruption } = options;
  const folder = join(runFolder, test.name);
  rmSync(folder, { recursive: true, force: true });
  const began = performance.now();
  const clock = new AbortController();
  const timer = setTimeout(() => {
    clock.abort(new Late(`not done within ${test.seconds} s`));
  }, test.seconds * 1000);
  const signal = AbortSignal.any([clock.signal, interruption]);
  let bed: Testbed | undefined;
  let failure: Failure | undefined;
  let skipped: string | undefined;
  try {
    const { name, families = IPV4, isMeasured = false } = test;
    bed = await Testbed.make({ runFolder, name, families, signal, isRecorded: record !== undefined, isMeasured });
    await Promise.race([test.run(bed), aborted(signal)]);
  } catch (thrown) {
    const error = signal.aborted ? signal.reason : thrown;
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof Skip) skipped = message;
    else failure = { message, late: error instanceof Late, folder: interruption.aborted && !keep ? undefined : folder };
  } finally {
    clearTimeout(timer);
    await (bed === undefined ? removeNetwork() : bed.close());
  }
  if (record !== undefined && bed !== undefined && failure === undefined) keepTranscripts(bed, record, test);
  if (failure?.folder === undefined && !keep) rmSync(folder, { recursive: true, force: true });
  return { case: test, verified: bed?.verified ?? [], seconds: (performance.now() - began) / 1000, skipped, failure };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
