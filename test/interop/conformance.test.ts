import { readFileSync } from 'node:fs';
import { MISBEHAVIOURS, type Misbehaviour, RESPONDER_MISBEHAVIOURS } from '@espalier/testing/peer';
import { expect, it } from 'vitest';
import { pageOf, type Table } from './conformance.ts';

const docs = new URL('../../docs/measured/', import.meta.url);
const table: Table = JSON.parse(readFileSync(new URL('conformance-of-peers.json', docs), 'utf8'));

it('docs/measured/conformance-of-peers.md is what was seen, as its table has it', () => {
  expect(readFileSync(new URL('conformance-of-peers.md', docs), 'utf8')).toBe(pageOf(table));
});

it.each([
  ['whoever is called', table.results, MISBEHAVIOURS],
  ['whoever calls', table.callers, RESPONDER_MISBEHAVIOURS],
] as const)('every misbehaviour was shown to %s, and ours does as a correct one', (_, results, all) => {
  const names = all.map(({ name }: Misbehaviour) => name).sort();
  for (const found of Object.values(results)) expect(found.map(({ name }) => name).sort()).toEqual(names);
  const { espalier = [] } = results;
  expect(espalier.filter(({ verdict, lives }) => verdict !== 'as expected' || !lives)).toEqual([]);
});
