import type * as dgram from 'node:dgram';
import { afterEach, expect, it, vi } from 'vitest';
import { BatchedSocket } from '../src/udp-gateway/batched-socket.ts';

const opened: dgram.Socket[] = [];
vi.mock('node:dgram', async (original) => {
  const real = await original<typeof dgram>();
  const createSocket = (options: dgram.SocketOptions): dgram.Socket => {
    const socket = real.createSocket(options);
    opened.push(socket);
    return socket;
  };
  return { ...real, createSocket };
});

const toClose: BatchedSocket[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((socket) => socket.close()));
  opened.length = 0;
});

interface Heard {
  readonly batches: number[];
  readonly octets: string[];
  readonly errors: string[];
}

async function openSocket(port: number): Promise<{ socket: BatchedSocket; heard: Heard }> {
  const heard: Heard = { batches: [], octets: [], errors: [] };
  const socket = new BatchedSocket(
    '127.0.0.1',
    port,
    (batch) => {
      heard.batches.push(batch.length);
      heard.octets.push(...batch.map(({ octets }) => Buffer.from(octets).toString()));
    },
    (error) => heard.errors.push(error.message),
  );
  await socket.open();
  toClose.push(socket);
  return { socket, heard };
}

const portOf = (index: number) => opened[index]?.address().port ?? 0;

it('hands over what the kernel had queued, in order, in few batches', async () => {
  const { heard } = await openSocket(0);
  const { socket: sender } = await openSocket(0);
  for (let i = 0; i < 50; i++) sender.send(Buffer.from(`${i}`), portOf(0), '127.0.0.1');
  await vi.waitUntil(() => heard.octets.length === 50);
  expect(heard.octets).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`));
  expect(heard.batches.length).toBeLessThan(50);
});

it('sends what it was given before it closes', async () => {
  const { heard } = await openSocket(0);
  const { socket: sender } = await openSocket(0);
  sender.send(Buffer.from('Delete'), portOf(0), '127.0.0.1');
  await sender.close();
  await vi.waitUntil(() => heard.octets.length === 1);
});

it('tells of a datagram that cannot be sent, and sends the next', async () => {
  const { heard } = await openSocket(0);
  const { socket: sender, heard: own } = await openSocket(0);
  sender.send(new Uint8Array(70_000), portOf(0), '127.0.0.1');
  sender.send(Buffer.from('next'), portOf(0), '127.0.0.1');
  await vi.waitUntil(() => heard.octets.length === 1);
  expect(own.errors).toEqual([expect.stringContaining('EMSGSIZE')]);
});

it('opens anew after an error of its socket, on the same port', async () => {
  const { heard } = await openSocket(0);
  const free = portOf(0);
  await toClose.splice(0)[0]?.close();
  const { heard: again } = await openSocket(free);
  opened.at(-1)?.emit('error', new Error('the interface went away'));
  const { socket: sender } = await openSocket(0);
  await vi.waitUntil(() => {
    sender.send(Buffer.from('are you there?'), free, '127.0.0.1');
    return again.octets.length > 0;
  }, 5000);
  expect(again.errors).toEqual(['the interface went away']);
  expect(heard.octets).toEqual([]);
});
