/** What is known of an implementation, with a reason for each thing. */
export interface PeerProfile {
  /** What it is, for people. */
  readonly title: string;
  /** What its vendor IDs say that it is (`implementationOf` of `@espalier/wire`). */
  readonly known: readonly string[];
  /** What it does that this side is to know of. */
  readonly habits: readonly Habit[];
  /** Its HMAC-SHA2-256 in ESP has 96 bits, as a draft had it before RFC 4868, under the same number. */
  readonly truncatesSha2?: boolean;
  /** It takes a Delete of an IKE SA that was renewed for one of its children as well: the old one ends without a word. */
  readonly keepsRenewed?: boolean;
}

/** Something that an implementation does, and where that is told. */
export interface Habit {
  readonly what: string;
  readonly source: string;
}
