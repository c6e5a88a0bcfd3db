/** Where a policy stands among the others: the lesser comes first. Only `PolicyOrder` changes it. */
export interface Rank {
  at: number;
}

/** The administrator's order of the policies (RFC 4301 §4.4.1). */
export class PolicyOrder {
  readonly #ranks = new Map<string, Rank>();
  #last = 0;

  /** First to last. */
  get names(): readonly string[] {
    return [...this.#ranks].sort(([, a], [, b]) => a.at - b.at).map(([name]) => name);
  }

  /** Behind all others. */
  append(name: string): Rank {
    this.#last += 1;
    return this.#put(name, this.#last);
  }

  /** In front of another, and behind what stood in front of that. */
  insertBefore(name: string, other: string): Rank {
    const [before, at] = this.#around(other);
    const between = (before + at) / 2;
    if (between > before && between < at) return this.#put(name, between);
    this.#spread();
    return this.insertBefore(name, other);
  }

  delete(name: string): void {
    this.#ranks.delete(name);
  }

  #put(name: string, at: number): Rank {
    const rank = { at };
    this.#ranks.set(name, rank);
    return rank;
  }

  #around(name: string): readonly [before: number, at: number] {
    const at = this.#ranks.get(name)?.at ?? this.#last + 1;
    let before = 0;
    for (const rank of this.#ranks.values()) if (rank.at < at && rank.at > before) before = rank.at;
    return [before, at];
  }

  /** Whole numbers again, in the same order. */
  #spread(): void {
    this.#last = 0;
    for (const rank of [...this.#ranks.values()].sort((a, b) => a.at - b.at)) {
      this.#last += 1;
      rank.at = this.#last;
    }
  }
}
