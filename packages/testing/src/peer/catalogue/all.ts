import type { Misbehaviour } from '../misbehaviour.ts';
import { KEYLESS } from './keyless.ts';
import { PHASE_1 } from './phase-1.ts';
import { PHASE_2 } from './phase-2.ts';

/**
 * Every misbehaviour of an initiator that is known here, those of who has no key first. Where libreswan's `--impair` has one,
 * it has the name that it has there.
 */
export const MISBEHAVIOURS: readonly Misbehaviour[] = [...KEYLESS, ...PHASE_1, ...PHASE_2];
