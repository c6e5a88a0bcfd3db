import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { autoSocket, dgramSocket, type OpenSocket, UdpDriver } from '../../src/index.ts';
import { Linux } from '../../src/linux/index.ts';
import { ANY_PORTS, gateway, HeardInside, introduce, LOOPBACK, SECRET } from '../support/ends.ts';
import { numbered, numberOf } from '../support/numbered.ts';
import { until } from '../support/until.ts';

const linux = await Linux.load().catch((error: Error) => error);

async function open(side: 'west' | 'east', openSocket: OpenSocket) {
  const inside = new HeardInside();
  const address = LOOPBACK[side];
  const options = { addresses: [address], ports: ANY_PORTS, inside, openSocket } as const;
  return { address, inside, driver: await UdpDriver.open(gateway(side, LOOPBACK, SECRET), options) };
}

describe('sockets, whichever they are', () => {
  it('are those of Linux where these are to be had, and else those of Node, with the reason', async () => {
    const { openSocket, reason } = await autoSocket();
    expect(openSocket === dgramSocket).toBe(linux instanceof Error);
    expect(reason).toMatch(linux instanceof Error ? /^node:dgram: of many datagrams a call, / : /koffi/);
  });
});

describe.skipIf(linux instanceof Error)('gateways on sockets of Linux', () => {
  const given = linux as Linux;

  it.each<[string, () => OpenSocket, () => OpenSocket]>([
    ['segmentation', () => given.sockets(), () => given.sockets()],
    ['segmentation at one end', () => given.sockets(), () => dgramSocket],
    [
      'many datagrams a call',
      () => given.sockets({ segmentation: false }),
      () => given.sockets({ segmentation: false }),
    ],
  ])('carry every packet that fits the buffers, in order and once, with %s', async (_, of, to) => {
    const [west, east] = [await open('west', of()), await open('east', to())];
    introduce(west, east);
    west.inside.send([numbered(0, 100)]);
    await until(() => east.inside.heard.length === 1);
    for (let from = 1; from < 800; from += 200) {
      west.inside.send(Array.from({ length: 200 }, (_, i) => numbered(from + i, i % 3 === 0 ? 40 + i : 1300)));
      await until(() => east.inside.heard.length === from + 200);
    }
    expect(east.inside.heard.map(numberOf)).toEqual(Array.from({ length: 801 }, (_, i) => i));
    await Promise.all([west.driver.close(), east.driver.close()]);
  });

  it('leave nothing that keeps the process alive', () => {
    const program = fileURLToPath(new URL('../support/open-and-close.mjs', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [program, 'linux'], { timeout: 20_000, encoding: 'utf8' });
    expect(`${status} ${stderr}`).toBe('0 ');
  });
});
