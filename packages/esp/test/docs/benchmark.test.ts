import { expect, it, vi } from 'vitest';

it('docs/how-to/test/benchmarking.md shows a program that runs: what it prints is of the machine', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const { argv } = process;
  process.argv = ['node', 'benchmark-program', 'null/hmac-sha1-96', '64', '2'];
  await import('./benchmark-program.ts');
  process.argv = argv;
  const lines = log.mock.calls.flat();
  log.mockRestore();
  expect(lines).toEqual([
    expect.stringMatching(/^null\/hmac-sha1-96, 64 octets: \d+\.\d\d us, \d+\.\d\d Gbit\/s$/),
    expect.stringMatching(/^engine \S+: /),
  ]);
});
