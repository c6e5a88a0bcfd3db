import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** What was wrong elsewhere, and what is asked of ours for it. */
export interface Row {
  readonly id: string;
  readonly where: string;
  readonly law: string;
  readonly holds: () => void;
}

/** Declares a test of each, and one that all are in SECURITY.md. */
export function allHold(rows: readonly Row[]): void {
  describe.each(rows)('$id ($where)', ({ law, holds }) => {
    it(law, { timeout: 60_000 }, holds);
  });

  it('every one of them is in SECURITY.md, with what holds against it', () => {
    const page = readFileSync(new URL('../../../../SECURITY.md', import.meta.url), 'utf8');
    const lines = rows.map(({ id, where, law }) => `| ${id} | ${where} | ${law} |`);
    expect(lines.filter((line) => !page.includes(line))).toEqual([]);
  });
}
