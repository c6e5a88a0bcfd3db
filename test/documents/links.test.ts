import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PAGES, read, root } from './pages.ts';

it('links from its documents only to what is there', () => {
  const dead = PAGES.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(new URL(target, new URL(page, root))))
      .map((target) => `${page}: ${target}`),
  );
  expect(dead).toEqual([]);
});
