import { expect, it } from 'vitest';
import { unwrapped } from './sequence.ts';

it('counts pings on beyond 65,535, of which 15,335 were called lost', () => {
  const sent = Array.from({ length: 140_000 }, (_, i) => i + 1);
  expect(unwrapped(sent.map((n) => n & 0xffff))).toEqual(sent);
});

it('knows pings that overtake others, and those that are missing', () => {
  expect(unwrapped([1, 3, 2, 7])).toEqual([1, 3, 2, 7]);
  expect(unwrapped([30_000, 60_000, 65_534, 1, 65_535, 3])).toEqual([30_000, 60_000, 65_534, 65_537, 65_535, 65_539]);
});
