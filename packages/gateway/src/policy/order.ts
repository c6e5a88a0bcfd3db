/** Where a policy stands among the others: the lesser comes first. Only `PolicyOrder` changes it. */
export interface Rank {
  at: number;
}

/** Between one that is appended and the one before it. */
const GAP = 2 ** 20;
/** Ranks are whole numbers below this. */
const BITS_MOST = 52;
/** How much sparser than full each doubling of a stretch must be, for ranks in it to be spread again. */
const SPARSENESS = 1.3;

interface Standing {
  readonly name: string;
  readonly rank: Rank;
  before: Standing | undefined;
  after: Standing | undefined;
}

/**
 * The administrator's order of the policies (RFC 4301 §4.4.1). Where there is no number between two ranks, the ranks of the
 * smallest stretch around that has room are spread anew: a number of them that grows with the logarithm of all.
 */
export class PolicyOrder {
  readonly #standing = new Map<string, Standing>();
  #first: Standing | undefined;
  #last: Standing | undefined;

  /** First to last. */
  get names(): readonly string[] {
    const names: string[] = [];
    for (let one = this.#first; one !== undefined; one = one.after) names.push(one.name);
    return names;
  }

  /** Behind all others. */
  append(name: string): Rank {
    const last = this.#last;
    if (last !== undefined && last.rank.at + GAP >= 2 ** BITS_MOST) this.#spreadAll();
    return this.#put(name, last, undefined, (last?.rank.at ?? 0) + GAP);
  }

  /** In front of another, and behind what stood in front of that. */
  insertBefore(name: string, other: string): Rank {
    const after = this.#standing.get(other);
    if (after === undefined) return this.append(name);
    if (after.rank.at - (after.before?.rank.at ?? 0) < 2) this.#makeRoom(after);
    const low = after.before?.rank.at ?? 0;
    return this.#put(name, after.before, after, low + Math.floor((after.rank.at - low) / 2));
  }

  delete(name: string): void {
    const gone = this.#standing.get(name);
    if (gone === undefined) return;
    this.#standing.delete(name);
    if (gone.before === undefined) this.#first = gone.after;
    else gone.before.after = gone.after;
    if (gone.after === undefined) this.#last = gone.before;
    else gone.after.before = gone.before;
  }

  #put(name: string, before: Standing | undefined, after: Standing | undefined, at: number): Rank {
    const standing = { name, rank: { at }, before, after };
    this.#standing.set(name, standing);
    if (before === undefined) this.#first = standing;
    else before.after = standing;
    if (after === undefined) this.#last = standing;
    else after.before = standing;
    return standing.rank;
  }

  #makeRoom(around: Standing): void {
    let first = around;
    let last = around;
    let count = 1;
    for (let bits = 2; bits <= BITS_MOST; bits++) {
      const width = 2 ** bits;
      const low = Math.floor(around.rank.at / width) * width;
      for (; first.before !== undefined && first.before.rank.at >= low; count++) first = first.before;
      for (; last.after !== undefined && last.after.rank.at < low + width; count++) last = last.after;
      const step = Math.floor(width / (count + 1));
      if (step < 4 || count > (2 / SPARSENESS) ** bits) continue;
      spread(first, count, low, step);
      return;
    }
  }

  #spreadAll(): void {
    if (this.#first !== undefined) spread(this.#first, this.#standing.size, 0, GAP);
  }
}

/** Gives `count` ranks from `first` on the numbers that follow `low` by whole steps. */
function spread(first: Standing, count: number, low: number, step: number): void {
  let at = low;
  let one: Standing | undefined = first;
  for (let left = count; left > 0 && one !== undefined; left--) {
    at += step;
    one.rank.at = at;
    one = one.after;
  }
}
