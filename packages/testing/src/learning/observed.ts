import type { LearnedSystem } from './mealy.ts';

interface Seen {
  readonly output: string;
  readonly next: Map<string, Seen>;
}

/** A system whose answers are remembered: no word is asked for twice, nor what it begins with. */
export class Observed {
  /** Words that were run. */
  words: number = 0;
  /** Symbols of them. */
  symbols: number = 0;
  readonly #system: LearnedSystem;
  readonly #beginning = new Map<string, Seen>();

  constructor(system: LearnedSystem) {
    this.#system = system;
  }

  /** @throws Error where the system answers the same otherwise than before: it has no machine then. */
  run(word: readonly string[]): readonly string[] {
    return this.#known(word) ?? this.#ask(word);
  }

  /** What it answers to the last symbols of a word. */
  after(access: readonly string[], suffix: readonly string[]): readonly string[] {
    return this.run([...access, ...suffix]).slice(access.length);
  }

  #known(word: readonly string[]): readonly string[] | undefined {
    const outputs: string[] = [];
    let at = this.#beginning;
    for (const symbol of word) {
      const seen = at.get(symbol);
      if (seen === undefined) return undefined;
      outputs.push(seen.output);
      at = seen.next;
    }
    return outputs;
  }

  #ask(word: readonly string[]): readonly string[] {
    const outputs = this.#system.run(word);
    this.words += 1;
    this.symbols += word.length;
    if (outputs.length !== word.length) throw new Error(`${word.join(', ')} has ${outputs.length} outputs`);
    let at = this.#beginning;
    for (const [i, symbol] of word.entries()) {
      const output = outputs[i] ?? '';
      const seen = at.get(symbol) ?? { output, next: new Map() };
      if (seen.output !== output) throw new Error(`${word.slice(0, i + 1).join(', ')} is answered otherwise this time`);
      at.set(symbol, seen);
      at = seen.next;
    }
    return outputs;
  }
}
