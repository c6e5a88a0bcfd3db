import type * as dgram from 'node:dgram';
import { afterEach, expect, it, vi } from 'vitest';
import { type DatagramSocket, dgramSocket } from '../src/index.ts';
import { until } from './support/until.ts';

const made: dgram.Socket[] = [];
vi.mock('node:dgram', async (original) => {
  const real = await original<typeof dgram>();
  const createSocket = (options: dgram.SocketOptions): dgram.Socket => {
    const socket = real.createSocket(options);
    made.push(socket);
    return socket;
  };
  return { ...real, createSocket };
});

const toClose: DatagramSocket[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((socket) => socket.close()));
});

async function openSocket(
  told: () => void = () => {},
): Promise<{ socket: DatagramSocket; heard: Uint8Array[]; errors: string[] }> {
  const [heard, errors]: [Uint8Array[], string[]] = [[], []];
  const socket = await dgramSocket(
    { address: '127.0.0.1', port: 0 },
    {
      receive: (batch) => heard.push(...batch.map(({ octets }) => octets)),
      failed({ message }) {
        errors.push(message);
        told();
      },
    },
  );
  toClose.push(socket);
  return { socket, heard, errors };
}

it('opens anew after an error of its socket, on the same port, though who is told throws', async () => {
  const { socket, heard, errors } = await openSocket(() => {
    throw new Error('thrown by who was told');
  });
  const { local } = socket;
  expect(() => made[0]?.emit('error', new Error('the interface went away'))).toThrow('thrown by who was told');
  const { socket: sender } = await openSocket();
  await until(() => {
    sender.send(local, new Uint8Array([1]), 0, 1);
    return heard.length > 0;
  });
  expect(errors).toEqual(['the interface went away']);
  expect(socket.local).toEqual(local);
});

it('does not open again what was closed meanwhile', async () => {
  const { socket } = await openSocket();
  made.at(-1)?.emit('error', new Error('the interface went away'));
  const before = made.length;
  await socket.close();
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(made.length).toBe(before);
});
