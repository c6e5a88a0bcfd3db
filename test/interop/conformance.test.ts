import { readFileSync } from 'node:fs';
import { MISBEHAVIOURS } from '@espalier/testing/peer';
import { expect, it } from 'vitest';
import { pageOf, type Table } from './conformance.ts';

const docs = new URL('../../docs/measured/', import.meta.url);
const table: Table = JSON.parse(readFileSync(new URL('conformance-of-peers.json', docs), 'utf8'));

it('docs/measured/conformance-of-peers.md is what was seen, as its table has it', () => {
  expect(readFileSync(new URL('conformance-of-peers.md', docs), 'utf8')).toBe(pageOf(table));
});

it('every misbehaviour was shown to every peer, and ours does as a correct one', () => {
  const names = MISBEHAVIOURS.map(({ name }) => name).sort();
  for (const results of Object.values(table.results)) expect(results.map(({ name }) => name).sort()).toEqual(names);
  const { espalier = [] } = table.results;
  expect(espalier.filter(({ verdict, lives }) => verdict !== 'as expected' || !lives)).toEqual([]);
});
