import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasShared } from '../shared.ts';
import { type Coverage, coverageOf, LISTS, namesIn } from './coverage.ts';
import { TABLES, whyMissing } from './tables.ts';

describe.each(LISTS)('the scenarios of %s', (list) => {
  const coverage = coverageOf(list);

  it.skipIf(!hasShared)('are all there, and no others', () => {
    expect(Object.keys(coverage)).toEqual(namesIn(list));
  });

  it('name a test that exists, or say why there is none', () => {
    const wrong = Object.entries(coverage).flatMap(([name, entry]) => {
      if ('reason' in entry) return entry.reason.length > 10 ? [] : [`${name}: no reason`];
      const why = whyMissing(entry.test);
      return why === undefined ? [] : [`${name}: ${entry.test}: ${why}`];
    });
    expect(wrong).toEqual([]);
  });
});

it.each(LISTS)('of %s at least nine in ten are shown by tests', (list) => {
  const entries = Object.values(coverageOf(list));
  expect(entries.filter((entry) => 'test' in entry).length / entries.length).toBeGreaterThanOrEqual(0.9);
});

it('the README says how many of them are shown by tests', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');
  expect(readme).toContain(counts());
});

it.each(Object.entries(TABLES))('the names of the rows of %s are told apart', (_, rows) => {
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
});

function counts(): string {
  const [strongswan, libreswan, cdrouter] = LISTS.map((list) => count(coverageOf(list)));
  return `${strongswan} IKEv1 scenarios of strongSwan's test suite, ${libreswan} of libreswan's and ${cdrouter} of CDRouter's`;
}

function count(coverage: Coverage): string {
  const entries = Object.values(coverage);
  return `${entries.filter((entry) => 'test' in entry).length} of ${entries.length}`;
}
