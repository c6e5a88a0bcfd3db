import { describe, it } from 'vitest';
import { isThorough } from '../support/thorough.ts';
import { GRID } from './grid.ts';
import { play } from './support/play.ts';

/** What is alike comes again after nine: every other one is enough, another each time. */
const TRIED = GRID.filter((_, i) => isThorough || (i + Math.floor(i / 9)) % 2 === 0);

describe('a connection', () => {
  it.each(TRIED.map((row) => [row.name, row] as const))('%s', (_, row) => play(row));
});
