import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolicyOrder, type Rank } from '../../src/policy/order.ts';
import { SortedList } from '../../src/policy/sorted-list.ts';

describe('the order of policies', () => {
  it('is that in which they were put, whichever came and went', () => {
    const step = fc.record({ kind: fc.constantFrom('append', 'insert', 'insert', 'delete'), at: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const order = new PolicyOrder();
        const ranks = new Map<string, Rank>();
        const model: string[] = [];
        steps.forEach(({ kind, at }, i) => {
          const index = model.length === 0 ? 0 : at % model.length;
          const other = model[index];
          if (kind === 'append' || other === undefined) {
            model.push(`${i}`);
            ranks.set(`${i}`, order.append(`${i}`));
          } else if (kind === 'insert') {
            model.splice(index, 0, `${i}`);
            ranks.set(`${i}`, order.insertBefore(`${i}`, other));
          } else {
            model.splice(index, 1);
            order.delete(other);
          }
        });
        const at = model.map((name) => ranks.get(name)?.at ?? Number.NaN);
        expect(order.names).toEqual(model);
        expect(at).toEqual(at.toSorted((a, b) => a - b));
        expect(new Set(at).size).toBe(at.length);
      }),
    );
  });

  it('has room for thousands in front of one policy, and behind one', () => {
    const order = new PolicyOrder();
    const ranks = [order.append('first'), order.append('last')];
    const names = Array.from({ length: 20_000 }, (_, i) => `${i}`);
    for (const name of names) ranks.splice(ranks.length - 1, 0, order.insertBefore(name, 'last'));
    expect(order.names).toEqual(['first', ...names, 'last']);
    expect(ranks.every(({ at }, i) => i === 0 || at > (ranks[i - 1]?.at ?? 0))).toBe(true);
    expect(ranks.every(({ at }) => Number.isSafeInteger(at))).toBe(true);
  });
});

describe('a sorted list', () => {
  it('is what an array would be that is sorted after each addition', () => {
    const item = fc.record({ rank: fc.nat(20) });
    const steps = fc.array(fc.tuple(item, fc.boolean(), fc.nat()), { maxLength: 2000, size: 'max' });
    fc.assert(
      fc.property(steps, (list) => {
        const sorted = new SortedList<{ readonly rank: number }>((a, b) => a.rank - b.rank);
        let model: { readonly rank: number }[] = [];
        for (const [one, isAdded, at] of list) {
          const gone = model[at % Math.max(1, model.length)];
          if (isAdded || gone === undefined) {
            sorted.add(one);
            model = [...model, one].sort((a, b) => a.rank - b.rank);
          } else {
            sorted.delete(gone, (a, b) => a === b);
            model = model.filter((other) => other !== gone);
          }
        }
        expect(sorted.parts.flat()).toEqual(model);
        expect(sorted.size).toBe(model.length);
      }),
      { numRuns: 20 },
    );
  });

  it('keeps the order of thousands that are alike, and loses each once', () => {
    const sorted = new SortedList<{ readonly i: number }>(() => 0);
    const items = Array.from({ length: 3000 }, (_, i) => ({ i }));
    for (const item of items) sorted.add(item);
    expect(sorted.parts.flat()).toEqual(items);
    for (const item of items.toReversed()) sorted.delete(item, (a, b) => a === b);
    expect(sorted.size).toBe(0);
    expect(sorted.parts.flat()).toEqual([]);
  });
});
