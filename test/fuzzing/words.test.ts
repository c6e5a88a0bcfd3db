import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const walk = fileURLToPath(new URL('../../scripts/walk.mjs', import.meta.url));

it.each([
  [['--bogus'], 2, /^Unknown option '--bogus'/],
  [['many'], 2, /^STEPS must be a whole number from 1: many\n/],
  [['1', '2', '3'], 2, /^there is no place for 3\n/],
  [['--help'], 0, /^npm run walk/],
])('a command that is told %j ends with %i, and says why', (words, expected, says) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [walk, ...words], { encoding: 'utf8' });
  expect(status).toBe(expected);
  expect(expected === 0 ? stdout : stderr).toMatch(says);
  expect(`${stdout}${stderr}`).toContain('npm run walk [-- STEPS [SEED]]');
});
