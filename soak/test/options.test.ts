import { describe, expect, it } from 'vitest';
import { parseOptions } from '../src/options.ts';

describe('what a soak is told', () => {
  it.each([
    [['--bogus'], /--bogus/],
    [['a.json'], /a\.json: files come with --write-docs alone/],
    [['--seed', 'x'], /--seed: x is no number/],
    [['--seed', '1.5'], /--seed: 1\.5 is no whole number/],
    [['--minutes', ''], /--minutes: {2}is no number/],
    [['--minutes', '0'], /--minutes: must be more than 0/],
    [['--worlds', '0'], /--worlds: there must be one at least/],
    [['--floods', '0'], /--floods: there must be one at least/],
    [['--datagrams', '0'], /--datagrams: there must be one at least/],
  ])('is named where it is bad: %j', (words, message) => {
    expect(() => parseOptions(words)).toThrow(message);
  });

  it('is the first world of all, and a minute, where nothing is said', () => {
    expect(parseOptions([])).toMatchObject({
      seed: 1,
      minutes: 1,
      worlds: Number.POSITIVE_INFINITY,
      floods: undefined,
    });
  });
});
