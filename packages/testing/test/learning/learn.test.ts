import { drawMachine, type LearnedSystem, learn, type MealyMachine, walk } from '@espalier/testing/learning';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const ALPHABET = ['a', 'b', 'c'];

/** Any machine of up to nine states. */
const machines: fc.Arbitrary<MealyMachine> = fc.integer({ min: 1, max: 9 }).chain((count) =>
  fc
    .array(
      fc.array(fc.record({ output: fc.constantFrom('0', '1'), to: fc.nat({ max: count - 1 }) }), {
        minLength: ALPHABET.length,
        maxLength: ALPHABET.length,
      }),
      { minLength: count, maxLength: count },
    )
    .map((rows) => ({
      states: rows.map((row) => ({
        access: [],
        on: new Map(ALPHABET.map((symbol, i) => [symbol, row[i] ?? { output: '', to: 0 }])),
      })),
    })),
);

function systemOf(machine: MealyMachine): LearnedSystem {
  return { alphabet: ALPHABET, run: (word) => walk(machine, word).outputs };
}

/** How many states can be told apart, of those that can be reached: classes that are split until no symbol splits them. */
function tellable({ states }: MealyMachine): number {
  const reached = new Set([0]);
  for (const at of reached) for (const { to } of states[at]?.on.values() ?? []) reached.add(to);
  let classes = new Map([...reached].map((state) => [state, 0]));
  for (let i = 0; i < states.length; i++) {
    const rows = [...reached].map((state) =>
      [...(states[state]?.on.values() ?? [])].map(({ output, to }) => `${output}${classes.get(to)}`).join('|'),
    );
    classes = new Map([...reached].map((state, at) => [state, rows.indexOf(rows[at] ?? '')]));
  }
  return new Set(classes.values()).size;
}

describe('a machine that is learned', () => {
  it('answers as the system does, and has no state that cannot be told from another', () => {
    fc.assert(
      fc.property(machines, fc.array(fc.constantFrom(...ALPHABET), { maxLength: 20 }), (machine, word) => {
        const learned = learn(systemOf(machine), { hidden: 2 }).machine;
        fc.pre(learned.states.length === tellable(machine));
        expect(walk(learned, word).outputs).toEqual(walk(machine, word).outputs);
      }),
      { numRuns: 40 },
    );
  });

  it('has never more states than the system, whatever is hidden of it', () => {
    fc.assert(
      fc.property(machines, (machine) => {
        expect(learn(systemOf(machine), { hidden: 0 }).machine.states.length).toBeLessThanOrEqual(tellable(machine));
      }),
      { numRuns: 40 },
    );
  });

  it('finds a state that only a long word shows, if as many are taken to be hidden', () => {
    // A lock: it opens by three symbols in a row.
    const lock: LearnedSystem = {
      alphabet: ALPHABET,
      run: (word) => word.map((_, i) => (word.slice(Math.max(0, i - 2), i + 1).join('') === 'abc' ? 'open' : '-')),
    };
    expect(learn(lock, { hidden: 0 }).machine.states).toHaveLength(1);
    const { machine, words, symbols } = learn(lock, { hidden: 2 });
    expect(machine.states).toHaveLength(3);
    expect(walk(machine, ['a', 'a', 'b', 'c']).outputs).toEqual(['-', '-', '-', 'open']);
    expect(symbols).toBeGreaterThan(words);
    expect(drawMachine(machine, { nameOf: (state) => `s${state}` })).toContain('  s2 --> s0: c / open');
  });

  it('is none where the same is answered otherwise, or where there is no end of states', () => {
    let calls = 0;
    const moody: LearnedSystem = { alphabet: ALPHABET, run: (word) => word.map(() => String(calls++)) };
    expect(() => learn(moody)).toThrow('is answered otherwise this time');
    const counting: LearnedSystem = { alphabet: ['a'], run: (word) => word.map((_, i) => String(i)) };
    expect(() => learn(counting, { statesMost: 5 })).toThrow('there are more than 5 states');
  });
});
