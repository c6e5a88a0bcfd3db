import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Endpoint } from '@espalier/ike';
import { afterEach, describe, expect, it } from 'vitest';
import { type DatagramSocket, dgramSocket, type OpenSocket } from '../../src/index.ts';
import { Linux } from '../../src/linux/index.ts';
import { hasIpv6 } from '../support/has-ipv6.ts';
import { until } from '../support/until.ts';

const linux = await Linux.load().catch((error: Error) => error);
if (linux instanceof Error) console.log(`sockets of Linux are not tested: ${linux.message}`);

const toClose: DatagramSocket[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((socket) => socket.close()));
});

interface Heard {
  readonly socket: DatagramSocket;
  readonly octets: Uint8Array[];
  readonly from: Endpoint[];
  readonly batches: number[];
  readonly errors: Error[];
}

async function open(
  opener: OpenSocket,
  address = '127.0.0.1',
  port = 0,
  told: (socket: DatagramSocket) => void = () => {},
): Promise<Heard> {
  const [octets, from, batches, errors]: [Uint8Array[], Endpoint[], number[], Error[]] = [[], [], [], []];
  const socket = await opener(
    { address, port },
    {
      receive(batch) {
        batches.push(batch.length);
        octets.push(...batch.map((one) => Uint8Array.from(one.octets)));
        from.push(...batch.map((one) => one.from));
      },
      failed(error) {
        errors.push(error);
        told(socket);
      },
    },
  );
  toClose.push(socket);
  return { socket, octets, from, batches, errors };
}

/** In memory that the kernel reads where it lies, or that is copied because it may move. */
function memory(octets: number): Uint8Array {
  return Uint8Array.from({ length: octets }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
}

describe.skipIf(linux instanceof Error)('sockets of Linux', () => {
  const given = linux as Linux;
  const kinds: readonly [string, OpenSocket][] = [
    ['with segmentation', (...args) => given.sockets()(...args)],
    ['without segmentation', (...args) => given.sockets({ segmentation: false })(...args)],
    ['of node:dgram', dgramSocket],
  ];
  const pairs = kinds.flatMap(([from, sender]) => kinds.map(([to, receiver]) => [from, to, sender, receiver] as const));

  it.each(pairs)('%s carry every datagram to those %s, in order', async (_from, _to, sender, receiver) => {
    const [to, from] = [await open(receiver), await open(sender)];
    const lengths = [...Array(100).fill(1400), 1, 1400, 1399, 1400, ...Array(70).fill(20), 9000, 9000, 65_507, 1, 1];
    const source = memory(250_000);
    let at = 0;
    const sent = lengths.map((length) => {
      const octets = source.subarray(at, at + length);
      from.socket.send(to.socket.local, source, at, length);
      at += length;
      return octets;
    });
    from.socket.flush();
    await until(() => to.octets.length >= lengths.length);
    expect(to.octets.map(({ length }) => length)).toEqual(lengths);
    expect(to.octets.every((octets, i) => Buffer.compare(octets, sent[i] ?? octets) === 0)).toBe(true);
    expect(to.from.every((one) => one.port === from.socket.local.port && one.address === '127.0.0.1')).toBe(true);
    expect([from.errors, to.errors]).toEqual([[], []]);
  });

  it.skipIf(!hasIpv6).each(kinds)('%s are bound to addresses of IPv6, and tell who sent', async (_, opener) => {
    const [to, from] = [await open(opener, '::1'), await open(opener, '::1')];
    from.socket.send(to.socket.local, memory(100), 0, 100);
    from.socket.flush();
    await until(() => to.octets.length === 1);
    expect(to.from).toEqual([from.socket.local]);
  });

  it.each(kinds)('%s tell what cannot be sent, and send what is behind it', async (_, opener) => {
    const [to, from] = [await open(opener), await open(opener)];
    const source = memory(70_000);
    from.socket.send(to.socket.local, source, 0, 65_508);
    from.socket.send(to.socket.local, source, 0, 10);
    from.socket.flush();
    await until(() => to.octets.length === 1 && from.errors.length === 1);
    expect(from.errors).toMatchObject([{ code: 'EMSGSIZE' }]);
  });

  it.each(kinds)('%s send each datagram once, though who is told of a failure sends another', async (_, opener) => {
    const to = await open(opener);
    const source = memory(70_000);
    const from = await open(opener, '127.0.0.1', 0, (socket) => {
      socket.send(to.socket.local, source, 0, 20);
      socket.flush();
    });
    for (const length of [10, 65_508, 11, 65_508, 12]) from.socket.send(to.socket.local, source, 0, length);
    from.socket.flush();
    await until(() => to.octets.length >= 5 && from.errors.length === 2);
    await from.socket.close();
    expect(to.octets.map(({ length }) => length).sort()).toEqual([10, 11, 12, 20, 20]);
  });

  it.each(kinds)('%s refuse a port that is taken', async (_, opener) => {
    const { socket } = await open(opener);
    await expect(open(opener, '127.0.0.1', socket.local.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it.each(kinds)('%s free their port, send what they were given, and close once', async (_, opener) => {
    const to = await open(opener);
    const { socket } = await open(opener);
    socket.send(to.socket.local, memory(10), 0, 10);
    await Promise.all([socket.close(), socket.close()]);
    socket.send(to.socket.local, memory(10), 0, 10);
    socket.flush();
    await open(opener, '127.0.0.1', socket.local.port);
    await until(() => to.octets.length === 1);
  });

  it('resolve when they are closed, though nothing else happens in the process', () => {
    const program = fileURLToPath(new URL('../support/close-one.mjs', import.meta.url));
    const { status, stdout } = spawnSync(process.execPath, [program], { timeout: 10_000, encoding: 'utf8' });
    expect(`${status} ${stdout}`).toBe('0 closed\n');
  });

  it('do not read beyond what they are given', async () => {
    const { socket } = await open(given.sockets());
    expect(() => socket.send(socket.local, memory(10), 1, 10)).toThrow(RangeError);
  });

  it('send datagrams to many peers with one call, each its own', async () => {
    const [, opener] = kinds[0] ?? expect.fail();
    const peers = await Promise.all(Array.from({ length: 80 }, () => open(opener)));
    const { socket } = await open(opener);
    const source = memory(70_000);
    for (const [
      i,
      {
        socket: { local },
      },
    ] of peers.entries())
      socket.send(local, source, i, 100);
    socket.flush();
    await until(() => peers.every(({ octets }) => octets.length === 1));
    expect(peers.map(({ octets }) => octets[0])).toEqual(peers.map((_, i) => source.slice(i, i + 100)));
  });
});
