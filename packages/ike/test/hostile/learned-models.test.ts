import { describe, expect, it } from 'vitest';
import { hasShared, sharedJson } from '../../../../test/shared.ts';
import { flipped } from '../support/forger.ts';
import { Initiator, STEPS, type Step } from '../support/learner.ts';

interface Transition {
  readonly from: string;
  readonly input: string;
  readonly output: string;
  readonly to: string;
}

interface Model {
  readonly initial: string;
  readonly transitions: readonly Transition[];
}

const MODELS = hasShared
  ? sharedJson<{ models: Readonly<Record<string, Model>> }>('vectors/state-machine/learned-ikev1-models.json').models
  : {};

/** The letters of the learners; `_err` behind one is the same message with a field that is wrong. */
const LETTERS: Readonly<Record<string, Step>> = {
  sa_main: 'MM1',
  key_ex_main: 'MM3',
  authenticate: 'MM5',
  sa_quick: 'QM1',
  ack_quick: 'QM3',
};

/** A shortest word to each state, and each letter there: all that a model has to say. */
function wordsOf({ initial, transitions }: Model): readonly (readonly string[])[] {
  const access = new Map<string, readonly string[]>([[initial, []]]);
  for (const [state, word] of access) {
    for (const { from, input, to } of transitions) {
      if (from === state && !access.has(to)) access.set(to, [...word, input]);
    }
  }
  return transitions.map(({ from, input }) => [...(access.get(from) ?? []), input]);
}

/** A letter, to ours: in its turn it is answered, before and after it changes nothing. */
function say(initiator: Initiator, letter: string): void {
  const isWrong = letter.endsWith('_err');
  const step = LETTERS[letter.replace(/_err$/, '')];
  if (step === undefined) throw new Error(`nobody says ${letter}`);
  const at = STEPS.indexOf(step);
  const stage = initiator.sent.length;
  const message = at < stage ? initiator.sent[at] : at === stage ? initiator.next : undefined;
  // What comes after is not known to who has not been answered: something of its kind.
  const octets = message ?? flipped(initiator.sent.at(-1) ?? initiator.next, 19, 1);
  const { forger } = initiator;
  const before = forger.kinds().length;
  if (isWrong || message === undefined) {
    forger.send(flipped(octets, step === 'MM1' || step === 'MM3' ? 16 : octets.length - 1));
    expect(forger.kinds()).toHaveLength(before);
    return;
  }
  const { replies } = forger.send(octets);
  if (at === stage) initiator.accepted(replies[0]);
  else expect(forger.kinds()).toHaveLength(before);
}

describe.skipIf(!hasShared).each(Object.keys(MODELS))('what a learner has asked of %s', (name) => {
  const model = MODELS[name] ?? { initial: '', transitions: [] };

  it('leaves ours where a line of five steps would be, and never at a dead end', () => {
    for (const word of wordsOf(model)) {
      const initiator = new Initiator(7);
      for (const letter of word) say(initiator, letter);
      const { forger } = initiator;
      const stage = initiator.sent.length;
      expect(forger.kinds().includes('ike-established')).toBe(stage > STEPS.indexOf('MM5'));
      expect(forger.kinds().includes('child-established')).toBe(stage > STEPS.indexOf('QM3'));
      while (initiator.sent.length < STEPS.length) initiator.accepted(forger.send(initiator.next).replies[0]);
      expect(forger.kinds()).toEqual(['ike-established', 'child-negotiated', 'child-established']);
    }
  });
});
