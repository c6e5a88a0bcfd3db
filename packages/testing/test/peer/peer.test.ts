import { MISBEHAVIOURS, RESPONDER_MISBEHAVIOURS } from '@espalier/testing/peer';
import { describe, expect, it } from 'vitest';
import { responderTrialInMemory, trialInMemory } from './in-memory.ts';

describe('every misbehaviour, to ours', () => {
  it('has a name of its own, and a clause', () => {
    const all = [...MISBEHAVIOURS, ...RESPONDER_MISBEHAVIOURS];
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(all.filter(({ clause }) => !/^(RFC \d+ (§|Appendix )|draft-)/.test(clause))).toEqual([]);
  });

  it.each(MISBEHAVIOURS)('$name: $title, so that a correct peer does $expects ($clause)', (misbehaviour) => {
    const { verdict, lives } = trialInMemory(misbehaviour);
    expect(verdict).toBe('as expected');
    expect(lives).toBe(true);
  });

  it.each(RESPONDER_MISBEHAVIOURS)('$name: $title, so that who called does $expects ($clause)', (misbehaviour) => {
    const { verdict, lives } = responderTrialInMemory(misbehaviour);
    expect(verdict).toBe('as expected');
    expect(lives).toBe(true);
  });
});
