import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberMap } from '../../src/sas/number-map.ts';

type Step = readonly ['set' | 'delete', key: number];

/** Few keys, so that they meet; neighbours, and any. */
const key = fc.oneof(fc.integer({ min: -4, max: 40 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
const step: fc.Arbitrary<Step> = fc.tuple(fc.constantFrom('set', 'delete'), key);

describe('a map from numbers', () => {
  it('holds what a Map holds, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const map = new NumberMap<string>();
        const model = new Map<number, string>();
        steps.forEach(([what, number], i) => {
          if (what === 'set') {
            map.set(number, `${i}`);
            model.set(number, `${i}`);
          } else {
            map.delete(number);
            model.delete(number);
          }
          expect(map.size).toBe(model.size);
        });
        for (const [, number] of steps) expect(map.get(number)).toBe(model.get(number));
      }),
      { numRuns: 500 },
    );
  });

  it('loses none of thousands while others come and go between them', () => {
    const map = new NumberMap<number>();
    for (let i = 0; i < 20_000; i++) map.set(Math.imul(i, 0x10001), i);
    for (let i = 0; i < 20_000; i += 3) map.delete(Math.imul(i, 0x10001));
    const wrong = Array.from({ length: 20_000 }, (_, i) => i).filter(
      (i) => map.get(Math.imul(i, 0x10001)) !== (i % 3 === 0 ? undefined : i),
    );
    expect(wrong).toEqual([]);
    expect(map.size).toBe(13_333);
  });
});
