import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const page = new URL('../docs/reference/conformance.md', import.meta.url);

/** The numbers of a row, the file of its test, and what the test is called. */
const ROWS = [
  ...readFileSync(page, 'utf8').matchAll(/^\| (\d[^|]*) \| [^|]* \| \[[^\]]*\]\(([^)]*)\): (.*) \|$/gm),
].map(([, numbers, file = '', name = '']) => ({ numbers, file, name }));

describe('docs/reference/conformance.md', () => {
  it('has rows', () => {
    expect(ROWS.length).toBeGreaterThan(20);
    expect(readFileSync(page, 'utf8').match(/^\| \d/gm)).toHaveLength(ROWS.length);
  });

  it.each(ROWS)('$numbers: there is a test that is called so, $name', ({ file, name }) => {
    expect(readFileSync(new URL(file, page), 'utf8')).toContain(name);
  });
});
