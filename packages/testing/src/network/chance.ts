/** Where choices come from, 32 bits each. */
export interface ChoiceSource {
  /** An integer from 0 to 2^32 - 1. */
  next(): number;
}

/** Turns choices into decisions: the same choices are the same decisions, on every platform. */
export class Chance {
  readonly #source: ChoiceSource;

  constructor(source: ChoiceSource) {
    this.#source = source;
  }

  /** A whole number below `count`, which is at least 1. */
  below(count: number): number {
    return Math.floor((this.#source.next() / 2 ** 32) * count);
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** @param probability From 0, never, to 1, always. */
  happens(probability: number): boolean {
    return this.#source.next() / 2 ** 32 < probability;
  }

  /** @throws RangeError where there is nothing to pick from. */
  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)];
    if (from.length === 0 || picked === undefined) throw new RangeError('from must not be empty');
    return picked;
  }

  /** Decisions of their own, so that one more here does not alter those there. */
  fork(): Chance {
    return new Chance(seededChoices(this.#source.next()));
  }

  /** Octets for whoever needs an `Rng`: reproducible, and therefore never for keys that protect anything. */
  rng(): { fill(out: Uint8Array): void } {
    const source = seededChoices(this.#source.next());
    return {
      fill(out) {
        for (let i = 0; i < out.length; i += 4) {
          const word = source.next();
          for (let j = i; j < i + 4 && j < out.length; j++) out[j] = word >>> (8 * (j - i));
        }
      },
    };
  }
}

/** Choices that follow from a seed alone (sfc32): 32 bits of it count. */
export function seededChoices(seed: number): ChoiceSource {
  let [a, b, c, counter] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88 | 0, 1];
  const source: ChoiceSource = {
    next() {
      const sum = (((a + b) | 0) + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + sum) | 0;
      return sum >>> 0;
    },
  };
  // Seeds that differ little are far apart after so many (PractRand's own number for sfc32).
  for (let i = 0; i < 12; i++) source.next();
  return source;
}

/** Choices of another source, written down as they are made. */
export function recordedChoices(from: ChoiceSource): ChoiceSource & { readonly choices: readonly number[] } {
  const choices: number[] = [];
  return {
    choices,
    next() {
      const choice = from.next();
      choices.push(choice);
      return choice;
    },
  };
}

/**
 * Choices that were written down, or what somebody made of them: a replay. Once they are used up, 0: the first of each list,
 * the least of each range, and whatever may happen happens.
 */
export function givenChoices(choices: readonly number[]): ChoiceSource {
  let used = 0;
  return { next: () => (choices[used++] ?? 0) >>> 0 };
}
