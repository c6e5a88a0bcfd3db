import { MISBEHAVIOURS } from '@espalier/testing/peer';
import { describe, expect, it } from 'vitest';
import { trialInMemory } from './in-memory.ts';

describe('every misbehaviour, to ours', () => {
  it('has a name of its own, and a clause', () => {
    expect(new Set(MISBEHAVIOURS.map(({ name }) => name)).size).toBe(MISBEHAVIOURS.length);
    expect(MISBEHAVIOURS.filter(({ clause }) => !/^(RFC \d+ (§|Appendix )|draft-)/.test(clause))).toEqual([]);
  });

  it.each(MISBEHAVIOURS)('$name: $title, so that a correct peer does $expects ($clause)', (misbehaviour) => {
    const { verdict, lives } = trialInMemory(misbehaviour);
    expect(verdict).toBe('as expected');
    expect(lives).toBe(true);
  });
});
