import type { Identification } from '@espalier/wire';
import type { Phase1Context } from './phase1.ts';

/** Whom a first message may be from, the likeliest first; `identity`: whom it says it is from, where it does. */
export type Candidates = (identity?: Identification) => readonly Phase1Context[];
