import { CASES } from '../interop/cases.ts';
import { missing } from './coverage.ts';
import { GRID } from './grid.ts';
import { ROAD } from './road.ts';
import { X509 } from './x509.ts';

/** Files whose tests are rows of a table. */
export const TABLES: Readonly<Record<string, readonly { readonly name: string }[]>> = {
  'test/scenarios/grid.test.ts': GRID,
  'test/scenarios/warriors.test.ts': ROAD,
  'test/scenarios/x509.test.ts': X509,
};

const INTEROP_CASES = new Set(CASES.map(({ name }) => name));

/** Why there is no test `FILE > NAME`, or `interop > CASE`; undefined where there is. */
export function whyMissing(test: string): string | undefined {
  const [file = '', name] = test.split(' > ');
  const isRow = TABLES[file]?.some((row) => row.name === name) === true;
  return isRow ? undefined : missing(test, INTEROP_CASES);
}
