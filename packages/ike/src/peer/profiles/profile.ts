import type { PeerTolerance } from '../../tolerances.ts';
import type { LifetimeCheck } from '../../types.ts';

/** What is known of an implementation, with a reason for each thing. */
export interface PeerProfile {
  /** What it is, for people. */
  readonly title: string;
  /** What it does that this side is to know of. */
  readonly habits: readonly Habit[];
  readonly tolerances?: Partial<Record<PeerTolerance, boolean>>;
  readonly lifetimeCheck?: LifetimeCheck;
  /** Its HMAC-SHA2-256 in ESP has 96 bits, as a draft had it before RFC 4868, under the same number. */
  readonly truncatesSha2?: boolean;
  /** It takes a Delete of an IKE SA that was renewed for a Delete of its children: the old one ends without a word. */
  readonly keepsRenewed?: boolean;
}

/** Something that an implementation does, and where that is told. */
export interface Habit {
  readonly what: string;
  readonly source: string;
}
