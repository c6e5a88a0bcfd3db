export { markdownOf } from './table.ts';
export type { Phase1, Road, Target } from './target.ts';
export { type Result, runTrials, type TrialOptions } from './trials.ts';
export { Unreachable } from './unreachable.ts';
