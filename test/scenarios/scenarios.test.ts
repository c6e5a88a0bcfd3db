import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CASES } from '../interop/cases.ts';
import { hasShared } from '../shared.ts';
import { type Coverage, coverageOf, LISTS, missing, namesIn } from './coverage.ts';
import { GRID } from './grid.ts';

const GRID_FILE = 'test/scenarios/grid.test.ts > ';
const GRID_NAMES = new Set(GRID.map(({ name }) => name));
const INTEROP_CASES = new Set(CASES.map(({ name }) => name));

describe.each(LISTS)('the scenarios of %s', (list) => {
  const coverage = coverageOf(list);

  it.skipIf(!hasShared)('are all there, and no others', () => {
    expect(Object.keys(coverage)).toEqual(namesIn(list));
  });

  it('name a test that exists, or say why there is none', () => {
    const wrong = Object.entries(coverage).flatMap(([name, entry]) => {
      if ('reason' in entry) return entry.reason.length > 10 ? [] : [`${name}: no reason`];
      const why = entry.test.startsWith(GRID_FILE) ? inGrid(entry.test) : missing(entry.test, INTEROP_CASES);
      return why === undefined ? [] : [`${name}: ${entry.test}: ${why}`];
    });
    expect(wrong).toEqual([]);
  });
});

it('the README says how many of them are shown by tests', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');
  expect(readme).toContain(counts());
});

it('names of rows of the grid are told apart', () => {
  expect(GRID_NAMES.size).toBe(GRID.length);
});

function inGrid(test: string): string | undefined {
  return GRID_NAMES.has(test.slice(GRID_FILE.length)) ? undefined : 'is no row of the grid';
}

function counts(): string {
  const [strongswan, libreswan, cdrouter] = LISTS.map((list) => count(coverageOf(list)));
  return `${strongswan} IKEv1 scenarios of strongSwan's test suite, ${libreswan} of libreswan's and ${cdrouter} of CDRouter's`;
}

function count(coverage: Coverage): string {
  const entries = Object.values(coverage);
  return `${entries.filter((entry) => 'test' in entry).length} of ${entries.length}`;
}
