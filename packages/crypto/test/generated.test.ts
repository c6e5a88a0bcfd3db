import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { UNROLLED } from './support/unroll.ts';

const { UPDATE } = process.env;

/** `UPDATE=1 npx vitest run packages/crypto/test/generated.test.ts` writes them anew. */
test.each(Object.keys(UNROLLED))('%s is what its generator writes', (path) => {
  const file = new URL(`../src/${path}`, import.meta.url);
  if (UPDATE) writeFileSync(file, UNROLLED[path] ?? '');
  expect(readFileSync(file, 'utf8')).toBe(UNROLLED[path]);
});
