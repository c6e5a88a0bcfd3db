import { ReplayWindow } from '@espalier/replay';
import { describe, expect, it } from 'vitest';
import { NaiveWindow } from './naive.ts';

const SUBSPACE = 1n << 32n;
const CHOICES = 3;

/** How far the next number is from the highest: the edges of a window, of its blocks, of a subspace, and the number itself. */
const distances = (packets: number): readonly number[] => [
  ...[-packets - 1, -packets, 1 - packets, -33, -32, -31, -1, 0],
  ...[1, 31, 32, 33, packets - 1, packets, packets + 1],
  ...[2 ** 31, -(2 ** 31)],
];

/** Where it begins: at the first number, before the end of a subspace, over it, and before the last number of all. */
const BEGINNINGS: Readonly<Record<'esn' | 'short', readonly bigint[]>> = {
  short: [1n, 40n, SUBSPACE - 34n, SUBSPACE - 1n],
  esn: [1n, 40n, SUBSPACE - 34n, SUBSPACE - 1n, SUBSPACE, SUBSPACE + 31n, 7n * SUBSPACE, SUBSPACE * SUBSPACE - 1n],
};

/** A window and its naive twin after the same numbers. */
function after(packets: number, esn: boolean, numbers: readonly bigint[]) {
  const [window, naive] = [new ReplayWindow({ packets, esn }), new NaiveWindow(packets, esn)];
  for (const number of numbers) {
    window.commit(low(number), esn ? Number(number >> 32n) : 0);
    if (naive.judge(number) === 'new') naive.commit(number);
  }
  return { window, naive };
}

/** Every run of so many choices: a small model, searched whole. */
function explore(packets: number, esn: boolean, beginning: bigint): number {
  let runs = 0;
  const follow = (numbers: readonly bigint[]): void => {
    const { window, naive } = after(packets, esn, numbers);
    if (window.highest !== naive.top) throw new Error(`after ${numbers}: ${window.highest} is the highest`);
    for (const distance of distances(packets)) {
      const carried = low(naive.top + BigInt(distance));
      const meant = naive.infer(carried);
      const [verdict, expected] = [window.check(carried), naive.judge(meant)];
      const isSame =
        verdict === expected && (verdict !== 'new' || !esn || window.sequenceHigh === Number(meant >> 32n));
      if (!isSame) throw new Error(`after ${numbers}: ${carried} is ${verdict}, and should be ${expected}`);
      runs += 1;
      if (expected === 'new' && numbers.length <= CHOICES) follow([...numbers, meant]);
    }
  };
  follow([beginning]);
  return runs;
}

function low(number: bigint): number {
  return Number(BigInt.asUintN(32, number));
}

describe.each(['short', 'esn'] as const)('a window over %s numbers', (kind) => {
  it.each([32, 33, 64, 100])('of %i packets does what a set of numbers does, whatever three come next', (packets) => {
    for (const beginning of BEGINNINGS[kind]) expect(explore(packets, kind === 'esn', beginning)).toBeGreaterThan(17);
  });
});
