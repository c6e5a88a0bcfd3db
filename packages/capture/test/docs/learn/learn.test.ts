import { expect, it } from 'vitest';
import { AGGRESSIVE_MODE } from './aggressive-mode.ts';
import { LIFE_OF_AN_SA } from './life-of-an-sa.ts';
import { MAIN_MODE } from './main-mode.ts';
import { NAT } from './nat.ts';
import { messagesIn, messagesOf, written } from './page.ts';
import { USERS } from './users.ts';

it.each([MAIN_MODE, AGGRESSIVE_MODE, NAT, USERS, LIFE_OF_AN_SA].map((page) => [page.file, page] as const))(
  'docs/learn/%s is a session as the observer reads it (vitest -u writes it anew)',
  async (file, page) => {
    const messages = messagesOf(page);
    expect(messages).toHaveLength(messagesIn(page));
    for (const text of messages) expect(text).not.toMatch(/hash not checked|wrong|icv unknown/);
    await expect(written(page, messages)).toMatchFileSnapshot(`../../../../../docs/learn/${file}`);
  },
);
