import type { Instant } from '@espalier/wire';
import type { Role } from '../types.ts';

/**
 * Both sides may start the same negotiation at once, and both may succeed. The rule is that of IKEv2 (RFC 7296 §2.8.1):
 * of the two SAs the one with the lowest of the four random values is redundant, and whoever started it deletes it,
 * after a while in which both still receive. The values are the nonces of Quick Modes, the cookies of Main Modes.
 */
export interface Contender {
  readonly role: Role;
  /** When its negotiation began, here. */
  readonly startedAt: Instant;
  readonly establishedAt: Instant;
  /** The lower of the initiator's and the responder's random value, as `lowest` gives it. */
  readonly lowest: string;
}

/** Which of two SAs for the same purpose stays. */
export interface Verdict<T> {
  readonly stays: T;
  readonly goes: T;
  /** Whether this side is to delete the one that goes. */
  readonly deletesHere: boolean;
  /**
   * Whether each side began one before it had the other's. That may be seen by one side alone, where the other has had the first
   * message of the one when its own was over: until it hears that what goes is deleted, it may send by that.
   */
  readonly collide: boolean;
}

/**
 * The newer is what began later. Of two that one side began, both sides have seen that in the same order; not so their last
 * messages, of which one may be lost, and repeated after the other's.
 */
export function decide<T extends Contender>(one: T, other: T): Verdict<T> {
  const [older, newer] = one.startedAt <= other.startedAt ? [one, other] : [other, one];
  if (!collide(older, newer)) {
    return { stays: newer, goes: older, deletesHere: newer.role === 'initiator', collide: false };
  }
  const olderGoes = older.lowest < newer.lowest;
  const [goes, stays] = olderGoes ? [older, newer] : [newer, older];
  return { stays, goes, deletesHere: goes.role === 'initiator', collide: true };
}

/** Whether each side started one before it had the other's; in the same instant counts. */
function collide(older: Contender, newer: Contender): boolean {
  return older.role !== newer.role && newer.startedAt <= older.establishedAt;
}

/** The lower of two values, octet for octet, a character each: of two that agree the shorter is lower. */
export function lowest(a: Uint8Array, b: Uint8Array): string {
  const [first, second] = [String.fromCharCode(...a), String.fromCharCode(...b)];
  if (first < second) return first;
  return second;
}
