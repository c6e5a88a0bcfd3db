import { requireArray, requireFunction, within } from '../arguments.ts';
import { type LearnedSystem, type MealyMachine, type MealyTransition, walk } from './mealy.ts';
import { Observed } from './observed.ts';

export interface LearnOptions {
  /**
   * How many states more than were found it may have for all of them to be found: every state, then every word of so many
   * symbols and one, then any symbol, or what tells states apart (Chow's W-method). Each more costs as many times the words as there are symbols.
   * Default 1.
   */
  readonly hidden?: number;
  /** It is given up with more states than that. Default 200. */
  readonly statesMost?: number;
}

export interface Learned {
  readonly machine: MealyMachine;
  /** What it has cost: words that were run, and symbols of them. */
  readonly words: number;
  readonly symbols: number;
  /** What tells its states apart. */
  readonly telling: readonly (readonly string[])[];
}

type Leaf = { readonly kind: 'leaf'; readonly access: readonly string[]; readonly number: number };
type Inner = { readonly kind: 'inner'; readonly suffix: readonly string[]; readonly children: Map<string, Node> };
type Node = Leaf | Inner;

/**
 * Learns the machine of a system that is seen from outside alone: words go in, and what is answered tells states apart. A
 * discrimination tree in the place of L*'s table (Kearns and Vazirani), and of each counterexample the one suffix that matters
 * (Rivest and Schapire). The machine that comes of it has as few states as one that answers so can have.
 * @throws Error for a system that answers the same word now so, now otherwise, or that has too many states.
 * @throws TypeError or RangeError that names the argument which is bad.
 */
export function learn(system: LearnedSystem, { hidden = 1, statesMost = 200 }: LearnOptions = {}): Learned {
  requireArray('system.alphabet', system.alphabet);
  if (system.alphabet.length === 0) throw new RangeError('system.alphabet must not be empty');
  requireFunction('system.run', system.run);
  within('options.hidden', hidden, 0);
  within('options.statesMost', statesMost, 1);
  const observed = new Observed(system);
  const learner = new Learner(observed, system.alphabet, statesMost);
  for (;;) {
    const machine = learner.machine();
    const telling = learner.telling();
    const word = counterexample(observed, machine, system.alphabet, telling, hidden);
    if (word === undefined) return { machine, words: observed.words, symbols: observed.symbols, telling };
    learner.heed(machine, word);
  }
}

class Learner {
  readonly #observed: Observed;
  readonly #alphabet: readonly string[];
  readonly #statesMost: number;
  readonly #leaves: Leaf[] = [];
  #root: Node;

  constructor(observed: Observed, alphabet: readonly string[], statesMost: number) {
    this.#observed = observed;
    this.#alphabet = alphabet;
    this.#statesMost = statesMost;
    this.#root = this.#newLeaf([]);
  }

  /** States that were not met before may be met on the way. */
  machine(): MealyMachine {
    const states = [];
    for (let i = 0; i < this.#leaves.length; i++) {
      const access = this.#leaves[i]?.access ?? [];
      const on = new Map<string, MealyTransition>();
      for (const symbol of this.#alphabet) {
        const [output = ''] = this.#observed.after(access, [symbol]);
        on.set(symbol, { output, to: this.#sift([...access, symbol]).number });
      }
      states.push({ access, on });
    }
    return { states };
  }

  telling(): readonly (readonly string[])[] {
    const suffixes: (readonly string[])[] = [];
    const gather = (node: Node): void => {
      if (node.kind === 'leaf') return;
      suffixes.push(node.suffix);
      for (const child of node.children.values()) gather(child);
    };
    gather(this.#root);
    return suffixes;
  }

  /** Where the machine first says otherwise than the system, there is a state that was taken for another. */
  heed(machine: MealyMachine, word: readonly string[]): void {
    const isOther = (at: number): boolean => {
      const { to } = walk(machine, word.slice(0, at));
      const rest = word.slice(at);
      return nameOf(walk(machine, rest, to).outputs) !== nameOf(this.#observed.after(this.#accessOf(to), rest));
    };
    // It is so at 0, and not at the end: somewhere between it ceases.
    let [last, first] = [0, word.length];
    while (first - last > 1) {
      const middle = (last + first) >> 1;
      if (isOther(middle)) last = middle;
      else first = middle;
    }
    const before = walk(machine, word.slice(0, last)).to;
    const taken = walk(machine, word.slice(0, first)).to;
    this.#split(taken, [...this.#accessOf(before), ...word.slice(last, first)], word.slice(first));
  }

  #accessOf(state: number): readonly string[] {
    return this.#leaves[state]?.access ?? [];
  }

  /** `taken` and what `access` leads to are told apart by `suffix`. */
  #split(taken: number, access: readonly string[], suffix: readonly string[]): void {
    const old = this.#leaves[taken];
    if (old === undefined || suffix.length === 0) throw new Error('a counterexample that is none');
    const leaf = this.#newLeaf(access);
    const children = new Map<string, Node>([
      [nameOf(this.#observed.after(old.access, suffix)), old],
      [nameOf(this.#observed.after(access, suffix)), leaf],
    ]);
    this.#root = replaced(this.#root, old, { kind: 'inner', suffix, children });
  }

  /** The state that a word leads to. */
  #sift(word: readonly string[]): Leaf {
    let node = this.#root;
    while (node.kind === 'inner') {
      const outputs = nameOf(this.#observed.after(word, node.suffix));
      const child = node.children.get(outputs);
      if (child === undefined) {
        const leaf = this.#newLeaf(word);
        node.children.set(outputs, leaf);
        return leaf;
      }
      node = child;
    }
    return node;
  }

  #newLeaf(access: readonly string[]): Leaf {
    if (this.#leaves.length === this.#statesMost) throw new Error(`there are more than ${this.#statesMost} states`);
    const leaf: Leaf = { kind: 'leaf', access, number: this.#leaves.length };
    this.#leaves.push(leaf);
    return leaf;
  }
}

function replaced(node: Node, old: Leaf, by: Inner): Node {
  if (node === old) return by;
  if (node.kind === 'inner')
    for (const [outputs, child] of node.children) node.children.set(outputs, replaced(child, old, by));
  return node;
}

/** A word to which the machine answers otherwise than the system; undefined: none of those that are looked at. */
function counterexample(
  observed: Observed,
  machine: MealyMachine,
  alphabet: readonly string[],
  telling: readonly (readonly string[])[],
  hidden: number,
): readonly string[] | undefined {
  // Of one symbol each as well: at first nothing tells anything apart.
  const suffixes = [...alphabet.map((symbol) => [symbol]), ...telling.filter(({ length }) => length > 1)];
  for (const { access } of machine.states) {
    for (const middle of wordsOf(alphabet, hidden + 1)) {
      for (const suffix of suffixes) {
        const word = [...access, ...middle, ...suffix];
        if (nameOf(walk(machine, word).outputs) !== nameOf(observed.run(word))) return word;
      }
    }
  }
  return undefined;
}

/** All of up to so many symbols, the shortest first. */
function* wordsOf(alphabet: readonly string[], most: number): Generator<readonly string[]> {
  let words: readonly (readonly string[])[] = [[]];
  for (let length = 1; length <= most; length++) {
    words = words.flatMap((word) => alphabet.map((symbol) => [...word, symbol]));
    yield* words;
  }
}

function nameOf(outputs: readonly string[]): string {
  return JSON.stringify(outputs);
}
