/** One key of an SA in one of its possible meanings. */
export interface Way<Keyed> {
  readonly keyed: Keyed;
  /** With 64 bits of sequence number. */
  readonly esn: boolean;
}

/** What is known of a key as to sequence numbers. */
export interface Numbering {
  /** Undefined where nobody says. */
  readonly esn: boolean | undefined;
  /** The high half that it begins with; undefined where nobody says. */
  readonly sequenceHigh: number | undefined;
}

/** High halves that are tried of an SA whose beginning was not captured. */
const HIGHS_TRIED = 8;
/** Packets with which a key is tried in every way, before the ways that have opened nothing are left. */
const PATIENCE = 64;

/** Finds out which of the possible keys is an SA's, with 32 or with 64 bits of sequence number; then it is that one. */
export class Ways<Keyed extends Numbering> {
  readonly #all: readonly Way<Keyed>[];
  /** Undefined until one is known to be right. */
  #settled: Way<Keyed> | undefined;
  #tried = 0;
  #high = 0;
  #highestLow = 0;

  constructor(keyed: readonly Keyed[]) {
    this.#all = keyed.flatMap((one) =>
      (one.esn === undefined ? [false, true] : [one.esn]).map((esn) => ({ keyed: one, esn })),
    );
    this.#high = keyed.find(({ sequenceHigh }) => sequenceHigh !== undefined)?.sequenceHigh ?? 0;
  }

  /** Those that may be right. */
  get open(): readonly Way<Keyed>[] {
    return this.#settled === undefined ? this.#all : [this.#settled];
  }

  /**
   * What the first way gives that is right. `attempt`: undefined where the key is wrong; `high`: undefined without ESN.
   * `isSure`: whether what it gives tells between keys of which several seem right.
   */
  try<Result>(
    sequence: number,
    attempt: (way: Way<Keyed>, high: number | undefined) => Result | undefined,
    isSure: (result: Result) => boolean,
  ): Result | undefined {
    if (this.#settled !== undefined) return this.#by(this.#settled, sequence, attempt);
    this.#tried += 1;
    const ways = this.#tried > PATIENCE ? this.#all.slice(0, 1) : this.#all;
    let unsure: Result | undefined;
    for (const way of ways) {
      const result = this.#by(way, sequence, attempt);
      if (result === undefined) continue;
      if (isSure(result)) {
        this.#settled = way;
        return result;
      }
      unsure ??= result;
    }
    return unsure;
  }

  #by<Result>(
    way: Way<Keyed>,
    sequence: number,
    attempt: (way: Way<Keyed>, high: number | undefined) => Result | undefined,
  ): Result | undefined {
    if (!way.esn) return attempt(way, undefined);
    for (const high of this.#highs(sequence, way === this.#settled)) {
      const result = attempt(way, high);
      if (result === undefined) continue;
      if (high > this.#high || sequence > this.#highestLow) this.#highestLow = sequence;
      this.#high = Math.max(high, this.#high);
      return result;
    }
    return undefined;
  }

  /** RFC 4303 Appendix A2.2 as far as it goes: the same half, the next where the number has turned over, the one before. */
  #highs(sequence: number, isSettled: boolean): readonly number[] {
    const high = this.#high;
    if (isSettled) {
      const hasTurned = sequence < this.#highestLow && this.#highestLow - sequence > 2 ** 31;
      return hasTurned ? [high + 1, high] : high > 0 ? [high, high - 1] : [0];
    }
    return Array.from({ length: HIGHS_TRIED }, (_, i) => high + i);
  }
}
