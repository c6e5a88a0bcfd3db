/** How many are kept in a list: a set weighs as much as an IKE SA needs for most of its life. */
const FEW = 16;

/** Who keeps account of the message IDs of an IKE SA, whatever exchanges use them. */
export interface LedgerOfMessageIds {
  /** Whether no more may be seen. */
  readonly isFull: boolean;
  has(messageId: number): boolean;
  remember(messageId: number): void;
  /** One that is new, and remembered. */
  draw(): number;
}

/** The message IDs that an IKE SA has seen. None is forgotten (RFC 2408 §3.1). */
export class MessageIds {
  #few: readonly number[] = [];
  #many: Set<number> | undefined;

  get size(): number {
    return this.#many?.size ?? this.#few.length;
  }

  has(messageId: number): boolean {
    return this.#many?.has(messageId) ?? this.#few.includes(messageId);
  }

  /** Of one that is not there yet. */
  add(messageId: number): void {
    if (this.#many !== undefined) this.#many.add(messageId);
    else if (this.#few.length < FEW) this.#few = this.#few.concat(messageId);
    else {
      this.#many = new Set([...this.#few, messageId]);
      this.#few = [];
    }
  }
}
