import { expect, it, vi } from 'vitest';

it('each of two sessions sends with the SPI that the other receives', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../src/two-sessions.ts');
  const lines = log.mock.calls.map(([line]) => String(line)).sort();
  log.mockRestore();
  expect(lines).toHaveLength(2);
  const [east, west] = lines;
  const [, inbound, outbound] = east?.match(/^east: IPsec SAs (\d+) in, (\d+) out, aes-256-cbc/) ?? [];
  expect(west).toContain(`west: IPsec SAs ${outbound} in, ${inbound} out, aes-256-cbc`);
});
