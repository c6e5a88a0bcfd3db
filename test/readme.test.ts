import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

it('shows in the README the program that the examples hold and the tests run', () => {
  const [, program] = /```ts\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
  expect(program).toBe(read('examples/src/two-sessions.ts'));
});

it('links from its documents only to what is there', () => {
  const pages = ['README.md', 'ARCHITECTURE.md', 'SECURITY.md', 'CONTRIBUTING.md', 'RFC.md'];
  const dead = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(new URL(`../${target}`, import.meta.url)))
      .map((target) => `${page}: ${target}`),
  );
  expect(dead).toEqual([]);
});
