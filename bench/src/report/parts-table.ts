import type { PartResult } from '../parts/run.ts';
import type { TextTable } from './text-table.ts';

export function partsTable(parts: readonly PartResult[]): TextTable {
  return {
    heading: ['part', 'microseconds', 'a second'],
    rows: parts.map(({ name, microseconds }) => [
      name,
      microseconds.toLocaleString('en', { maximumSignificantDigits: 3 }),
      Math.round(1e6 / microseconds).toLocaleString('en'),
    ]),
  };
}
