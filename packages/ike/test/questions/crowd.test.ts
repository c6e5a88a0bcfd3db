import type { QuestionAsked } from '@espalier/ike';
import { describe, expect, it } from 'vitest';
import { QUESTIONS_OF_UNREACHED_PER_ADDRESS } from '../../src/limits.ts';
import { type Asker, Questions } from '../../src/questions/questions.ts';
import { R2, R3 } from '../support/pair.ts';

const ASKED: QuestionAsked = { kind: 'shared-key', peer: 'R2', role: 'responder', identity: undefined };

describe('a question of a peer that is reached at its address', () => {
  it('gives way to nobody, however many are asked in the name of that address', () => {
    const questions = new Questions();
    const crowdedOut: string[] = [];
    const ask = (name: string, isReached: boolean) => {
      const asker: Asker = { isReached, answered: () => {}, crowdedOut: () => crowdedOut.push(name) };
      return questions.ask(asker, ASKED, { local: R3, remote: R2 });
    };
    const most = QUESTIONS_OF_UNREACHED_PER_ADDRESS;
    const reached = Array.from({ length: 2 * most }, (_, i) => ask(`reached ${i}`, true));
    for (let i = 0; i < most + 3; i++) ask(`unreached ${i}`, false);
    expect(crowdedOut).toEqual(['unreached 0', 'unreached 1', 'unreached 2']);
    expect(questions.length).toBe(3 * most);
    expect(reached.map(() => questions.take()?.id)).toEqual(reached);
  });
});
