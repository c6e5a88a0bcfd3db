import { instant } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../src/network/event-queue.ts';
import { Chance, givenChoices, NodeClock, recordedChoices, seededChoices } from '../../src/network/index.ts';

describe('the queue of events', () => {
  it('gives them by time, and those of one time as they were put in, however puts and takes alternate', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 9 }))), (steps) => {
        const queue = new EventQueue<readonly [at: number, order: number]>();
        let waiting: (readonly [number, number])[] = [];
        steps.forEach((at, order) => {
          if (at !== null) {
            queue.push(instant(at), [at, order]);
            waiting.push([at, order]);
            return;
          }
          waiting = waiting.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
          expect(queue.nextAt).toBe(waiting[0]?.[0]);
          expect(queue.shift()).toEqual(waiting.shift());
        });
        expect(queue.size).toBe(waiting.length);
      }),
    );
  });
});

describe('a clock', () => {
  const clocks = fc.record({
    offset: fc.integer({ min: -1e9, max: 1e9 }),
    rate: fc.double({ min: 0.5, max: 2, noNaN: true }),
  });

  it('shows at the moment that it names what it was asked for, and less a millisecond before', () => {
    fc.assert(
      fc.property(clocks, fc.integer({ min: -1e6, max: 1e6 }), fc.nat(1e9), (options, by, local) => {
        const clock = new NodeClock(options);
        clock.jump(instant(5000), by);
        const at = clock.when(instant(local));
        expect(at).toBeGreaterThanOrEqual(5000);
        expect(clock.read(at)).toBeGreaterThanOrEqual(local);
        if (at > 5000) expect(clock.read(instant(at - 2))).toBeLessThan(local);
      }),
    );
  });

  it.each([-Number.MAX_VALUE, Number.MAX_VALUE])('names a moment for %d too', (local) => {
    const at = new NodeClock({ offset: 3e8, rate: 1.023 }).when(instant(local));
    expect(at).toBe(local < 0 ? 0 : Math.ceil((local - 3e8) / 1.023));
  });

  it('goes on from where it is when it is set, or runs at another rate', () => {
    const clock = new NodeClock({ offset: 100, rate: 2 });
    expect(clock.read(instant(10))).toBe(120);
    clock.jump(instant(10), -50);
    expect(clock.read(instant(10))).toBe(70);
    clock.run(instant(20), 1);
    expect(clock.read(instant(21))).toBe(91);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('is refused at a rate of %d', (rate) => {
    expect(() => new NodeClock({ rate })).toThrow(RangeError);
  });
});

describe('chance', () => {
  const decide = (chance: Chance): readonly unknown[] => {
    const octets = new Uint8Array(9);
    chance.rng().fill(octets);
    return [
      chance.below(10),
      chance.happens(0.5),
      chance.pick(['a', 'b', 'c']),
      [...octets],
      chance.fork().below(1000),
    ];
  };

  it('decides the same by the same seed, by what was written down of it, and otherwise by another', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const recorded = recordedChoices(seededChoices(seed));
        const decisions = decide(new Chance(recorded));
        expect(decide(new Chance(seededChoices(seed)))).toEqual(decisions);
        expect(decide(new Chance(givenChoices(recorded.choices)))).toEqual(decisions);
        expect(decide(new Chance(seededChoices(seed ^ 1)))).not.toEqual(decisions);
      }),
    );
  });

  it('stays within bounds, and reaches all of them', () => {
    const chance = new Chance(seededChoices(5));
    const seen = new Set(Array.from({ length: 500 }, () => chance.between(3, 6)));
    expect([...seen].sort()).toEqual([3, 4, 5, 6]);
    expect([chance.happens(0), chance.happens(1)]).toEqual([false, true]);
    expect(() => chance.pick([])).toThrow(RangeError);
  });

  it('that has no choices left takes the first, and the least', () => {
    const chance = new Chance(givenChoices([]));
    expect([chance.pick(['a', 'b']), chance.between(3, 9), chance.happens(0.1), chance.happens(0)]).toEqual([
      'a',
      3,
      true,
      false,
    ]);
  });
});
