import { expect, test } from 'vitest';
import { median } from '../src/statistics.ts';

test('the median is the middle one, whatever the order, and the mean of two', () => {
  expect(median([5, 1, 100])).toBe(5);
  expect(median([4, 1, 100, 2])).toBe(3);
  expect(median([7])).toBe(7);
});

test('nothing has no median', () => {
  expect(() => median([])).toThrow(RangeError);
});
