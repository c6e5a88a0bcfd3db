import { ReplayWindow } from '@espalier/replay';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NaiveWindow } from './naive.ts';

const WIDTHS = [32, 33, 63, 64, 65, 95, 96, 100, 127, 128, 129, 256, 1000, 1024, 2048, 4095, 4096];
const SUBSPACE = 1n << 32n;

const low = (sequence: bigint) => Number(BigInt.asUintN(32, sequence));
const high = (sequence: bigint) => Number(BigInt.asUintN(32, sequence >> 32n));

/** How the next packet is chosen: by its distance from the highest number so far, or one seen `again` packets ago. */
type Step = { readonly offset: number } | { readonly again: number };

/** Mostly about the window's two edges, often a repetition, seldom far away. */
const step = (packets: number): fc.Arbitrary<Step> => {
  const offset = (min: number, max: number) => fc.integer({ min, max }).map((value) => ({ offset: value }));
  return fc.oneof(
    { weight: 20, arbitrary: offset(-packets - 3, 3) },
    { weight: 10, arbitrary: offset(-packets - 33, -packets + 33) },
    { weight: 20, arbitrary: offset(1, 40) },
    { weight: 4, arbitrary: offset(1, 2 * packets + 64) },
    { weight: 1, arbitrary: offset(-0x80000000, 0x7fffffff) },
    { weight: 40, arbitrary: fc.integer({ min: 1, max: 40 }).map((again) => ({ again })) },
  );
};

const starts = (esn: boolean, packets: number) => {
  const near = (centre: bigint) =>
    fc.bigInt({ min: -BigInt(packets) - 40n, max: BigInt(packets) + 40n }).map((offset) => centre + offset);
  const beginning = fc.bigInt({ min: 1n, max: 2n * BigInt(packets) });
  if (!esn) return fc.oneof(beginning, near(SUBSPACE - BigInt(packets) - 41n), fc.bigInt(1n, SUBSPACE - 1n));
  return fc.oneof(beginning, near(SUBSPACE), near(3n * SUBSPACE), near(SUBSPACE * SUBSPACE - BigInt(packets) - 41n));
};

/** Brings a fresh window, and its naive twin, to a first number: with ESN one subspace at a time, as on the wire. */
function pairAt(packets: number, esn: boolean, first: bigint) {
  const window = new ReplayWindow({ packets, esn });
  const naive = new NaiveWindow(packets, esn);
  window.commit(low(first), esn ? high(first) : 0);
  naive.commit(first);
  return { window, naive };
}

describe.each([
  { esn: false, name: '32-bit numbers' },
  { esn: true, name: 'extended sequence numbers' },
])('the window over $name', ({ esn }) => {
  it.each(WIDTHS)('of %i packets agrees with a set of all numbers seen', (packets) => {
    const walk = starts(esn, packets).chain((first) =>
      fc.record({ first: fc.constant(first), steps: fc.array(step(packets), { maxLength: 120 }) }),
    );
    fc.assert(
      fc.property(walk, ({ first, steps }) => {
        const { window, naive } = pairAt(packets, esn, first);
        const past = [first];
        for (const next of steps) {
          const chosen = 'again' in next ? (past.at(-next.again) ?? first) : naive.top + BigInt(next.offset);
          past.push(chosen);
          const carried = low(chosen);
          const expected = naive.infer(carried);
          const verdict = naive.judge(expected);
          expect(window.check(carried)).toBe(verdict);
          if (verdict !== 'new') continue;
          expect(window.sequenceHigh).toBe(high(expected));
          expect(window.commit(carried, window.sequenceHigh)).toBe('new');
          naive.commit(expected);
          expect(window.highest).toBe(naive.top);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('takes any order of the numbers of one window, each exactly once', () => {
    const cases = fc.constantFrom(...WIDTHS.filter((packets) => packets <= 256)).chain((packets) =>
      fc.record({
        packets: fc.constant(packets),
        first: starts(esn, packets),
        order: fc.shuffledSubarray(
          Array.from({ length: packets }, (_, i) => i),
          { minLength: packets },
        ),
      }),
    );
    fc.assert(
      fc.property(cases, ({ packets, first, order }) => {
        const { window, naive } = pairAt(packets, esn, first);
        const base = naive.top + 1n;
        if (!esn && base + BigInt(packets) > SUBSPACE) return;
        if (base + BigInt(packets) > SUBSPACE * SUBSPACE) return;
        for (const expected of ['new', 'replayed']) {
          for (const offset of order) {
            const sequence = base + BigInt(offset);
            expect(window.commit(low(sequence), esn ? high(sequence) : 0)).toBe(expected);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the edges of the window', () => {
  it.each(WIDTHS)('of %i packets: T - W + 1 is taken, T - W is not', (packets) => {
    for (const top of [packets, packets + 1, 5000, 5031, 0x80000000, 0xffffffff]) {
      const window = new ReplayWindow({ packets });
      window.commit(top, 0);
      expect(window.check(top - packets)).toBe(top === packets ? 'zero' : 'too-old');
      expect(window.commit(top - packets + 1, 0)).toBe('new');
      expect(window.check(top - packets + 1)).toBe('replayed');
    }
  });

  it('accepts the first number wherever it is', () => {
    for (const first of [1, 2, 31, 32, 33, 64, 0x7fffffff, 0x80000000, 0xffffffff]) {
      expect(new ReplayWindow({ packets: 64 }).commit(first, 0)).toBe('new');
    }
  });

  it('reaches below no number when it is wider than what has been sent', () => {
    const window = new ReplayWindow({ packets: 4096 });
    window.commit(5, 0);
    expect([0, 1, 2, 3, 4, 5, 6].map((sequence) => window.check(sequence))).toEqual([
      'zero',
      'new',
      'new',
      'new',
      'new',
      'replayed',
      'new',
    ]);
  });

  it('refuses number 0, always without ESN, and with ESN only the very first', () => {
    const plain = new ReplayWindow({ packets: 64 });
    expect(plain.check(0)).toBe('zero');
    plain.commit(0xffffffff, 0);
    expect(plain.check(0)).toBe('zero');
    expect(plain.commit(0, 0)).toBe('zero');

    const extended = new ReplayWindow({ packets: 64, esn: true });
    expect(extended.check(0)).toBe('zero');
    extended.commit(0xffffffff, 0);
    expect(extended.check(0)).toBe('new');
    expect(extended.sequenceHigh).toBe(1);
    expect(extended.commit(0, 1)).toBe('new');
    expect(extended.check(0)).toBe('replayed');
  });

  it('never takes a 32-bit number beyond 2^32 - 1 for a new one', () => {
    const window = new ReplayWindow({ packets: 64 });
    window.commit(0xffffffff, 0);
    for (const sequence of [1, 2, 0xffffffff - 64, 0x80000000]) expect(window.check(sequence)).toBe('too-old');
    expect(window.check(0xffffffff - 63)).toBe('new');
  });

  it('knows no number before the first nor after 2^64 - 1 (RFC 4303 Appendix A2.2 gives their high halves)', () => {
    const young = new ReplayWindow({ packets: 64, esn: true });
    young.commit(5, 0);
    expect(young.check(0xfffffffa)).toBe('too-old');
    const spent = new ReplayWindow({ packets: 64, esn: true });
    spent.commit(0xffffffff, 0xffffffff);
    expect(spent.check(7)).toBe('too-old');
    expect(spent.check(0xffffffff)).toBe('replayed');
    expect(spent.commit(0xfffffffe, 0xffffffff)).toBe('new');
  });

  it('gives a check no power over the window', () => {
    const window = new ReplayWindow({ packets: 64, esn: true });
    window.commit(100, 0);
    for (const sequence of [1000, 0xffffffff, 37, 100, 99, 0]) window.check(sequence);
    expect(window.highest).toBe(100n);
    expect(window.check(99)).toBe('new');
  });

  it('forgets nothing and invents nothing over jumps of exactly one ring', () => {
    for (const packets of [32, 64, 4096]) {
      for (let jump = 1; jump < 3 * (packets + 64); jump += 31) {
        const window = new ReplayWindow({ packets });
        for (let sequence = 1; sequence <= packets; sequence++) window.commit(sequence, 0);
        window.commit(packets + jump, 0);
        for (let sequence = packets + jump; sequence > 0 && sequence > jump; sequence--) {
          const seen = sequence <= packets || sequence === packets + jump;
          if (window.check(sequence) !== (seen ? 'replayed' : 'new')) expect.fail(`${packets}+${jump}: ${sequence}`);
        }
      }
    }
  });

  it.each([0, 31, 4097, 64.5, Number.NaN, -64])('refuses to be %d packets wide', (packets) => {
    expect(() => new ReplayWindow({ packets })).toThrow(RangeError);
  });
});

describe('a window over the end of a subspace', () => {
  it.each(WIDTHS)('of %i packets takes each number once, the old ones as well as the new', (packets) => {
    for (const step of [1, 2, 31, 32, 33]) {
      const window = new ReplayWindow({ packets, esn: true });
      const first = SUBSPACE - BigInt(packets);
      const numbers: bigint[] = [];
      for (let sequence = first; sequence < SUBSPACE + BigInt(packets); sequence += BigInt(step))
        numbers.push(sequence);
      const inside = Math.ceil(packets / step);
      for (const [i, sequence] of numbers.entries()) {
        if (window.check(low(sequence)) !== 'new') expect.fail(`${sequence} is not new`);
        if (window.commit(low(sequence), window.sequenceHigh) !== 'new') expect.fail(`${sequence} is not taken`);
        if (i % 7 !== 0) continue;
        for (const other of [numbers[Math.max(0, i - inside + 1)], numbers[Math.max(0, i - 1)], sequence]) {
          if (other === undefined) continue;
          expect(window.check(low(other))).toBe('replayed');
          expect(window.sequenceHigh).toBe(high(other));
        }
      }
      expect(window.highest).toBe(numbers.at(-1));
    }
  });
});

describe('a window to which numbers count as seen', () => {
  it('is one that has committed each of them', () => {
    const cases = fc.record({
      packets: fc.constantFrom(...WIDTHS),
      seen: fc.oneof(fc.bigInt(1n, 5000n), fc.bigInt(SUBSPACE - 100n, SUBSPACE + 5000n), fc.bigInt(1n, 2n ** 64n - 1n)),
      offsets: fc.array(fc.oneof(fc.integer({ min: -4200, max: 300 }), fc.integer({ min: -40, max: 40 })), {
        maxLength: 60,
      }),
    });
    fc.assert(
      fc.property(cases, ({ packets, seen, offsets }) => {
        const window = new ReplayWindow({ packets, esn: true, seen });
        const naive = new NaiveWindow(packets, true);
        for (let k = 0n; k < BigInt(packets) && k < seen; k++) naive.commit(seen - k);
        expect(window.highest).toBe(seen);
        for (const offset of offsets) {
          const sequence = naive.top + BigInt(offset);
          if (sequence < 1n || sequence >= SUBSPACE * SUBSPACE) continue;
          const verdict = naive.judge(sequence);
          expect(window.commit(low(sequence), high(sequence))).toBe(verdict);
          if (verdict === 'new') naive.commit(sequence);
        }
      }),
      { numRuns: 120 },
    );
  });

  it('takes no number that is none', () => {
    expect(() => new ReplayWindow({ packets: 64, seen: SUBSPACE })).toThrow(RangeError);
    expect(() => new ReplayWindow({ packets: 64, esn: true, seen: SUBSPACE * SUBSPACE })).toThrow(RangeError);
    expect(() => new ReplayWindow({ packets: 64, seen: -1n })).toThrow(RangeError);
    expect(() => new ReplayWindow({ packets: 64, seen: 5 as never })).toThrow(new TypeError('seen must be a bigint'));
    for (const none of [undefined, null]) {
      expect(() => new ReplayWindow(none as never)).toThrow(new TypeError('options must be an object'));
    }
    expect(new ReplayWindow({ packets: 64, seen: SUBSPACE - 1n }).check(0xffffffff)).toBe('replayed');
  });
});
