/** What is to be learned: from its beginning each time, it answers each symbol of a word, and always the same. */
export interface LearnedSystem {
  readonly alphabet: readonly string[];
  /** An output for each symbol. */
  run(word: readonly string[]): readonly string[];
}

/** Where a symbol leads, and what is answered. */
export interface MealyTransition {
  readonly output: string;
  /** Number of the state. */
  readonly to: number;
}

/** A state, told from all others by some word. */
export interface MealyState {
  /** A word that leads to it. */
  readonly access: readonly string[];
  readonly on: ReadonlyMap<string, MealyTransition>;
}

/** A Mealy machine; the first state is where it begins. */
export interface MealyMachine {
  readonly states: readonly MealyState[];
}

/** What a machine answers to a word, from a state on; and where it is then. @throws RangeError for a symbol that it has not. */
export function walk(
  { states }: MealyMachine,
  word: readonly string[],
  from: number = 0,
): { readonly outputs: readonly string[]; readonly to: number } {
  const outputs: string[] = [];
  let at = from;
  for (const symbol of word) {
    const transition = states[at]?.on.get(symbol);
    if (transition === undefined) throw new RangeError(`word: ${symbol} is no symbol of the machine`);
    outputs.push(transition.output);
    at = transition.to;
  }
  return { outputs, to: at };
}

/** How a machine is drawn. */
export interface Drawing {
  /** Of a state, by its number: letters, digits and underscores. */
  readonly nameOf: (state: number) => string;
  /** What stands at an arrow; undefined: it is not drawn. Default: all that leads elsewhere. */
  readonly label?: (symbol: string, output: string, isLoop: boolean) => string | undefined;
}

/** A diagram of states in mermaid, line by line. */
export function drawMachine(
  { states }: MealyMachine,
  { nameOf, label = (symbol, output, isLoop) => (isLoop ? undefined : `${symbol} / ${output}`) }: Drawing,
): readonly string[] {
  const arrows = states.flatMap(({ on }, from) =>
    [...on].flatMap(([symbol, { output, to }]) => {
      const says = label(symbol, output, to === from);
      return says === undefined ? [] : [`  ${nameOf(from)} --> ${nameOf(to)}: ${says}`];
    }),
  );
  return ['stateDiagram-v2', `  [*] --> ${nameOf(0)}`, ...arrows];
}
