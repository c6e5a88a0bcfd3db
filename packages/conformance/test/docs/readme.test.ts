import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { Daemon } from '../support/daemon.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

it('readme-program.ts tries a daemon, and prints what its page shows', async () => {
  await using daemon = await Daemon.open();
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const { argv } = process;
  process.argv = ['node', 'try-it.js', String(daemon.port)];
  await import('./readme-program.ts');
  process.argv = argv;
  const printed = log.mock.calls.map((words) => `${words.join(' ')}\n`).join('');
  log.mockRestore();
  expect(printed).toContain('as expected: ');
  expect(readme).toContain(`\`\`\`\n\n\`\`\`\n${printed}\`\`\`\n`);
});
