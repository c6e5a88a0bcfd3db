import { type EspJobs, JOB_LENGTH, JOB_OFFSET, JOB_SEQUENCE_HIGH, JOB_STATUS, JOB_WORDS } from '@espalier/crypto';

export function createJobs(capacity: number): EspJobs {
  return { words: new Int32Array(capacity * JOB_WORDS), count: 0 };
}

export function addJob(jobs: EspJobs, offset: number, length: number, sequenceHigh: number): void {
  const { words } = jobs;
  const at = jobs.count * JOB_WORDS;
  words[at + JOB_OFFSET] = offset;
  words[at + JOB_LENGTH] = length;
  words[at + JOB_SEQUENCE_HIGH] = sequenceHigh;
  words[at + JOB_STATUS] = 0;
  jobs.count += 1;
}

export function jobOffset(jobs: EspJobs, index: number): number {
  return jobs.words[index * JOB_WORDS + JOB_OFFSET] ?? 0;
}

export function jobLength(jobs: EspJobs, index: number): number {
  return jobs.words[index * JOB_WORDS + JOB_LENGTH] ?? 0;
}

export function jobSequenceHigh(jobs: EspJobs, index: number): number {
  return (jobs.words[index * JOB_WORDS + JOB_SEQUENCE_HIGH] ?? 0) >>> 0;
}

export function jobSucceeded(jobs: EspJobs, index: number): boolean {
  return jobs.words[index * JOB_WORDS + JOB_STATUS] === 1;
}
