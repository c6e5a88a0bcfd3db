import type { ChildFailure } from '../failures.ts';
import type { Role } from '../types.ts';

/** A failure in words. */
export interface Words {
  /** What happened, as the end of a sentence. */
  readonly what: string;
  /** What came and what is configured: at most three lines. */
  readonly facts: readonly string[];
  /** At which side to do what. */
  readonly advice: readonly string[];
}

/** Where it happened. */
export interface Setting {
  readonly phase: 1 | 2;
  /** Of this side. */
  readonly role: Role;
  readonly reason: ChildFailure;
}
