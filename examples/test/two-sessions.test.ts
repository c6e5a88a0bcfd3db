import { expect, it, vi } from 'vitest';

it('two sessions agree on the cookies, and each sends with the SPI that the other receives', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../src/two-sessions.ts');
  const lines = log.mock.calls.map(([line]) => String(line)).sort();
  log.mockRestore();
  expect(lines).toHaveLength(4);
  const [eastIke, eastSas, westIke, westSas] = lines;
  expect(eastIke).toMatch(/^east: IKE SA \w{16} \w{16}, initiator$/);
  expect(westIke).toBe(eastIke?.replace('east', 'west').replace('initiator', 'responder'));
  const [, inbound, outbound] = eastSas?.match(/^east: IPsec SAs (\d+) in, (\d+) out, aes-256-cbc/) ?? [];
  expect(westSas).toContain(`west: IPsec SAs ${outbound} in, ${inbound} out, aes-256-cbc`);
});
