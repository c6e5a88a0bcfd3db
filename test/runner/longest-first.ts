import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The longest first, as the last run had it, so that all processors end together: and before the files that take turns in
 * one worker those that have one of their own, since each of these between two of those would end the worker.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const alone = (file: TestSpecification) => Number(file.project.config.isolate);
    return sorted.toSorted((a, b) => alone(b) - alone(a));
  }
}
