import { describe, it } from 'vitest';
import { GRID } from './grid.ts';
import { play } from './support/play.ts';

describe('a connection', () => {
  it.each(GRID.map((row) => [row.name, row] as const))('%s', (_, row) => play(row));
});
