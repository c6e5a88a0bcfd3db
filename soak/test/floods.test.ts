import { expect, it } from 'vitest';
import { FLOODS, flood } from '../src/floods/flood.ts';

const MEBI = 2 ** 20;

it.each(FLOODS.slice(0, 1))('honest peers come through a flood of $name, which leaves nothing', (kind) => {
  const { honest, looks, answers, heapMore, heapLeft } = flood(kind, 20, 300);
  expect(honest).toBe(looks);
  expect(answers).toBe(300);
  expect(heapMore).toBeLessThan(32 * MEBI);
  expect(heapLeft).toBeLessThan(8 * MEBI);
});
