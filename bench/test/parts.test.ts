import { describe, expect, test } from 'vitest';
import { allParts } from '../src/parts/parts.ts';
import { measureParts } from '../src/parts/run.ts';

describe.each(allParts().map((part) => [part.name, part] as const))('%s', (_, part) => {
  test('does what it is measured for, again and again', () => {
    part.run();
    part.run();
  });
});

test('the median is that of one, however many a run does', async () => {
  const wait = () => {
    const end = performance.now() + 1;
    while (performance.now() < end);
  };
  const results = await measureParts([{ name: 'a tenth of a millisecond', repetitions: 10, run: wait }], 20);
  expect(results).toHaveLength(1);
  expect(results[0]?.microseconds).toBeGreaterThanOrEqual(100);
  expect(results[0]?.microseconds).toBeLessThan(1000);
});
