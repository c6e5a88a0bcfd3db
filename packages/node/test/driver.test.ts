import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Gateway } from '@espalier/gateway';
import type { IkeEndpoint, Question } from '@espalier/ike';
import { afterEach, describe, expect, it } from 'vitest';
import { dgramSocket, type EventOf, type OpenSocket, UdpDriver, type UdpDriverOptions } from '../src/index.ts';
import {
  type Addresses,
  ANY_PORTS,
  gateway,
  HeardInside,
  ikeEndpoint,
  introduce,
  LOOPBACK,
  SECRET,
  type Side,
} from './support/ends.ts';
import { hasIpv6 } from './support/has-ipv6.ts';
import { numbered, numberOf } from './support/numbered.ts';
import { until } from './support/until.ts';

const opened: UdpDriver<never>[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((driver) => driver.close()));
});

interface End<E extends IkeEndpoint | Gateway> {
  readonly endpoint: E;
  readonly driver: UdpDriver<E>;
  readonly address: string;
  readonly events: EventOf<E>[];
  kinds(): readonly string[];
}

async function open<E extends IkeEndpoint | Gateway>(
  endpoint: E,
  address: string,
  options: Partial<UdpDriverOptions<E>> = {},
): Promise<End<E>> {
  const events: EventOf<E>[] = [];
  const driver = await UdpDriver.open<E>(endpoint, {
    addresses: [address],
    ports: ANY_PORTS,
    onEvent: (event) => events.push(event),
    ...options,
  });
  opened.push(driver as never);
  return { endpoint, driver, address, events, kinds: () => events.map(({ kind }) => kind) };
}

async function ikePair(addresses: Addresses): Promise<{ west: End<IkeEndpoint>; east: End<IkeEndpoint> }> {
  const west = await open(ikeEndpoint('west', addresses), addresses.west);
  const east = await open(ikeEndpoint('east', addresses), addresses.east);
  introduce(west, east);
  return { west, east };
}

async function gatewayPair(
  options: Partial<Record<Side, Partial<UdpDriverOptions<Gateway>>>> = {},
  secret: Partial<Record<Side, 'ask'>> = {},
): Promise<{ west: End<Gateway>; east: End<Gateway> }> {
  const west = await open(gateway('west', LOOPBACK, secret.west ?? SECRET), LOOPBACK.west, options.west);
  const east = await open(gateway('east', LOOPBACK, secret.east ?? SECRET), LOOPBACK.east, options.east);
  introduce(west, east);
  return { west, east };
}

describe('an IKE endpoint on sockets', () => {
  it.each([['IPv4', LOOPBACK], ...(hasIpv6 ? [['IPv6', { west: '::1', east: '::1' }] as const] : [])] as const)(
    'agrees on a child with another, over %s, at ports that need no privileges',
    async (_, addresses) => {
      const { west, east } = await ikePair(addresses);
      west.driver.command((now) => west.endpoint.initiate(now, 'east'));
      await until(() => east.kinds().includes('child-established') && west.kinds().includes('child-established'));
      expect(west.endpoint.ikeSas()).toMatchObject([{ state: 'ready', role: 'initiator' }]);
    },
  );

  it('gives what a command returns, and throws what it throws', async () => {
    const { west } = await ikePair(LOOPBACK);
    expect(west.driver.command(() => 42)).toBe(42);
    expect(() => west.driver.command((now) => west.endpoint.initiate(now, 'nobody'))).toThrow(RangeError);
  });

  it('repeats itself by its own timers while nobody answers', async () => {
    const west = await open(ikeEndpoint('west', LOOPBACK), LOOPBACK.west);
    const silent = createSocket('udp4');
    let heard = 0;
    silent.on('message', () => heard++);
    silent.bind(0, LOOPBACK.east);
    await once(silent, 'listening');
    west.driver.setPeerPorts(LOOPBACK.east, { ike: silent.address().port, natTraversal: 1 });
    west.driver.command((now) => west.endpoint.initiate(now, 'east'));
    await until(() => heard >= 2);
    silent.close();
  });

  it('hands ESP to its caller, and sends what the caller has sealed', async () => {
    const heard: Uint8Array[] = [];
    const west = await open(ikeEndpoint('west', LOOPBACK), LOOPBACK.west);
    const onEsp = ({ octets }: { readonly octets: Uint8Array }) => heard.push(Uint8Array.from(octets));
    const east = await open(ikeEndpoint('east', LOOPBACK), LOOPBACK.east, { onEsp });
    introduce(west, east);
    const source = { address: LOOPBACK.west, port: 4500 };
    const octets = Uint8Array.from({ length: 40 }, (_, i) => i + 1);
    west.driver.send({ source, destination: { address: LOOPBACK.east, port: 4500 }, octets });
    await until(() => heard.length === 1);
    expect(heard).toEqual([octets]);
  });

  it('sends from where a datagram says, though its caller names that by the object that named another before', async () => {
    const west = await open(ikeEndpoint('west', LOOPBACK), LOOPBACK.west);
    const peer = createSocket('udp4');
    const cameFrom: number[] = [];
    peer.on('message', (_, { port }) => cameFrom.push(port));
    peer.bind(0, LOOPBACK.east);
    await once(peer, 'listening');
    const { port } = peer.address();
    west.driver.setPeerPorts(LOOPBACK.east, { ike: 1, natTraversal: port });
    const source = { address: LOOPBACK.west, port: 4500 };
    for (source.port of [4500, 500]) {
      west.driver.send({ source, destination: { address: LOOPBACK.east, port: 4500 }, octets: Uint8Array.of(0xff) });
    }
    await until(() => cameFrom.length === 2);
    peer.close();
    const { ike, natTraversal } = west.driver.portsAt(LOOPBACK.west);
    expect(cameFrom.toSorted()).toEqual([ike, natTraversal].toSorted());
  });

  it('tells of every datagram that is refused, and why', async () => {
    const reasons: string[] = [];
    const west = await open(ikeEndpoint('west', LOOPBACK), LOOPBACK.west, {
      onRefused: ({ reason }) => reasons.push(reason),
    });
    const stranger = createSocket('udp4');
    stranger.send(new Uint8Array(28).fill(7), west.driver.portsAt(LOOPBACK.west).ike, LOOPBACK.west);
    await until(() => reasons.length === 1);
    stranger.close();
    expect(reasons).toEqual(['malformed']);
  });
});

describe('a gateway on sockets', () => {
  it('carries every packet that fits the buffers, in order and once, each way', async () => {
    const inside = { west: new HeardInside(), east: new HeardInside() };
    await gatewayPair({ west: { inside: inside.west }, east: { inside: inside.east } });
    inside.west.send([numbered(0)]);
    await until(() => inside.east.heard.length === 1);
    for (let from = 1; from < 1000; from += 100) {
      inside.west.send(Array.from({ length: 100 }, (_, i) => numbered(from + i, 40 + ((from + i) % 1300))));
    }
    await until(() => inside.east.heard.length >= 1001);
    expect(inside.east.heard.map(numberOf)).toEqual(Array.from({ length: 1001 }, (_, i) => i));
  });

  it('takes what the inside says while it is being told', async () => {
    const echo = new HeardInside((packet) => {
      const answer = Uint8Array.from(packet);
      answer.copyWithin(12, 16, 20);
      answer.set(packet.subarray(12, 16), 16);
      return answer;
    });
    const west = new HeardInside();
    await gatewayPair({ west: { inside: west }, east: { inside: echo } });
    west.send([numbered(1), numbered(2), numbered(3)]);
    await until(() => west.heard.length === 3);
    expect(west.heard.map(numberOf)).toEqual([1, 2, 3]);
  });

  it.each([
    ['at once', (answer: () => { kind: 'shared-key'; key: Uint8Array }) => answer()],
    ['later', async (answer: () => { kind: 'shared-key'; key: Uint8Array }) => answer()],
  ])('is answered %s', async (_, asked) => {
    const questions: Question[] = [];
    const onQuestion = (question: Question) => {
      questions.push(question);
      return asked(() => ({ kind: 'shared-key', key: SECRET }));
    };
    const inside = { west: new HeardInside(), east: new HeardInside() };
    await gatewayPair({ west: { inside: inside.west }, east: { inside: inside.east, onQuestion } }, { east: 'ask' });
    inside.west.send([numbered(1)]);
    await until(() => inside.east.heard.length === 1);
    expect(questions).toMatchObject([{ kind: 'shared-key', peer: 'west' }]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no such token');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no such token'))],
  ])('tells of a question whose answer %s', async (_, onQuestion) => {
    const inside = { west: new HeardInside() };
    const { east } = await gatewayPair({ west: { inside: inside.west }, east: { onQuestion } }, { east: 'ask' });
    inside.west.send([numbered(1)]);
    await until(() => east.kinds().includes('question-failed'));
    const failed = east.events.find(({ kind }) => kind === 'question-failed');
    expect(failed).toMatchObject({ question: { kind: 'shared-key' }, error: { message: 'no such token' } });
  });

  it('tells its peer that it closes, before its sockets close', async () => {
    const inside = { west: new HeardInside(), east: new HeardInside() };
    const { west, east } = await gatewayPair({ west: { inside: inside.west }, east: { inside: inside.east } });
    inside.west.send([numbered(1)]);
    await until(() => inside.east.heard.length === 1);
    await west.driver.close();
    await until(() => east.kinds().includes('ike-deleted'));
    expect(east.endpoint.ipsecSas()).toEqual([]);
    expect(inside.west.isClosed).toBe(true);
  });
});

describe('closing', () => {
  it('twice, or while it closes, is closing once', async () => {
    const { west } = await gatewayPair();
    const closing = west.driver.close();
    expect(west.driver.close()).toBe(closing);
    await closing;
    await west.driver[Symbol.asyncDispose]();
    expect(west.driver.command((now) => west.endpoint.handleInside(now, numbered(1)))).toMatchObject({ ok: false });
  });

  it('frees the ports', async () => {
    const { west } = await gatewayPair();
    const ports = west.driver.portsAt(LOOPBACK.west);
    await west.driver.close();
    await open(gateway('west', LOOPBACK), LOOPBACK.west, { ports });
  });

  it('leaves nothing that keeps the process alive', () => {
    const program = fileURLToPath(new URL('support/open-and-close.mjs', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [program], { timeout: 20_000, encoding: 'utf8' });
    expect(`${status} ${stderr}`).toBe('0 ');
  });
});

describe('what goes wrong', () => {
  it('opens nothing where one port is taken', async () => {
    const taken = createSocket('udp4');
    taken.bind(0, LOOPBACK.west);
    await once(taken, 'listening');
    const { port } = taken.address();
    const inside = new HeardInside();
    const opening = open(gateway('west', LOOPBACK), LOOPBACK.west, { ports: { ike: 0, natTraversal: port }, inside });
    await expect(opening).rejects.toThrow('EADDRINUSE');
    taken.close();
  });

  it('is an event, and the next datagram is sent', async () => {
    const { west, east } = await ikePair(LOOPBACK);
    const source = { address: LOOPBACK.west, port: 500 };
    const destination = { address: LOOPBACK.east, port: 500 };
    west.driver.send({ source, destination, octets: new Uint8Array(70_000) });
    await until(() => west.kinds().includes('socket-failed'));
    const { ike } = west.driver.portsAt(LOOPBACK.west);
    expect(west.events).toMatchObject([{ local: { address: LOOPBACK.west, port: ike }, error: { code: 'EMSGSIZE' } }]);
    west.driver.command((now) => west.endpoint.initiate(now, 'east'));
    await until(() => east.kinds().includes('child-established'));
  });

  it('of the inside is an event', async () => {
    const inside = {
      open: ({ failed }: { failed(error: Error): void }) => failed(new Error('no carrier')),
      deliver() {},
      close() {},
    };
    const west = await open(gateway('west', LOOPBACK), LOOPBACK.west, { inside });
    await until(() => west.events.length > 0);
    expect(west.events).toMatchObject([{ kind: 'inside-failed', error: { message: 'no carrier' } }]);
  });

  it.each([
    ['addresses', { addresses: [] as never }],
    ['addresses\\[0\\]', { addresses: ['0.0.0.0'] as [string] }],
    ['addresses\\[0\\]', { addresses: ['::'] as [string] }],
    ['addresses', { addresses: ['127.0.0.1', '127.0.0.1'] as [string, string] }],
    ['ports', { ports: { ike: 5000, natTraversal: 5000 } }],
    ['ports.ike', { ports: { ike: -1, natTraversal: 5000 } }],
    ['ports.natTraversal', { ports: { ike: 500, natTraversal: 65_536 } }],
    ["peerPorts\\['192.0.2.1'\\].ike", { peerPorts: { '192.0.2.1': { ike: 0, natTraversal: 4500 } } }],
    ['peerPorts', { peerPorts: { 'east.example': { ike: 500, natTraversal: 4500 } } }],
    ['addresses\\[0\\]', { addresses: ['localhost'] as [string] }],
    ['addresses\\[0\\]', { addresses: [5] as never }],
    ['onEvent', { onEvent: 'log' as never }],
    ['onQuestion', { onQuestion: 'ask' as never }],
    ['inside.open', { inside: {} as never }],
  ])('by the caller is an error that names %s', async (name, options) => {
    await expect(open(gateway('west', LOOPBACK), LOOPBACK.west, options)).rejects.toThrow(new RegExp(`^${name}: `));
  });
});

describe('what a driver is not given', () => {
  it.each([
    [undefined, {}, 'endpoint: must be an IkeEndpoint or a Gateway'],
    [{}, {}, 'endpoint: must be an IkeEndpoint or a Gateway'],
    [gateway('west', LOOPBACK), undefined, 'options must be an object'],
  ])('%o with options %o is the mistake of its caller', async (endpoint, options, message) => {
    const given = options && { addresses: [LOOPBACK.west], ports: { ike: 0, natTraversal: 0 }, ...options };
    await expect(Reflect.apply(UdpDriver.open, UdpDriver, [endpoint, given])).rejects.toThrow(message);
  });

  it.each([
    [{}, 'datagram.source must be an object'],
    [
      { source: { address: '192.0.2.77', port: 500 } },
      "datagram.source: 192.0.2.77, port 500, is none of the driver's",
    ],
    [{ destination: { address: LOOPBACK.east, port: 0 } }, 'datagram.destination.port: must be a whole number from 1'],
    [{ octets: 'text' }, 'datagram.octets must be a Uint8Array'],
  ])('as a datagram to send, %o, is too', async (changes, message) => {
    const { driver } = await open(gateway('west', LOOPBACK), LOOPBACK.west);
    const source = { address: LOOPBACK.west, port: 500 };
    const destination = { address: LOOPBACK.east, port: 500 };
    const datagram = message.includes('.source must')
      ? {}
      : { source, destination, octets: new Uint8Array(1), ...changes };
    expect(() => Reflect.apply(driver.send, driver, [datagram])).toThrow(message);
  });
});

describe('a socket of node:dgram', () => {
  it('hands over what the kernel had queued, in order, in few batches', async () => {
    const batches: number[] = [];
    const heard: number[] = [];
    const receive: Parameters<OpenSocket>[1]['receive'] = (batch) => {
      batches.push(batch.length);
      heard.push(...batch.map(({ octets }) => octets[0] ?? -1));
    };
    const failed = (error: Error) => expect.fail(error.message);
    const receiver = await dgramSocket({ address: '127.0.0.1', port: 0 }, { receive, failed });
    const sender = await dgramSocket({ address: '127.0.0.1', port: 0 }, { receive, failed });
    const memory = Uint8Array.from({ length: 50 }, (_, i) => i);
    for (let i = 0; i < 50; i++) sender.send(receiver.local, memory, i, 1);
    memory.fill(99);
    await until(() => heard.length === 50);
    expect(heard).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(batches.length).toBeLessThan(50);
    await Promise.all([receiver.close(), sender.close()]);
  });
});
