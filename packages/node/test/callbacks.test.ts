import type { Gateway } from '@espalier/gateway';
import { describe, expect, it } from 'vitest';
import type { SocketOwner } from '../src/index.ts';
import { UdpDriver } from '../src/index.ts';
import { Watches } from '../src/linux/kernel/watches.ts';
import { ANY_PORTS, gateway, HeardInside, introduce, LOOPBACK } from './support/ends.ts';
import { numbered } from './support/numbered.ts';
import { until } from './support/until.ts';

const SOURCE = { address: LOOPBACK.west, port: 500 };
const DESTINATION = { address: LOOPBACK.east, port: 500 };

/** Sockets that queue, and whose first datagrams fail; they are not to be called from within a call of their own. */
class FailingSockets {
  readonly left: number[] = [];
  #queued: number[] = [];
  #isBusy = false;
  #failures: number;
  readonly #at: 'send' | 'flush';

  constructor(at: 'send' | 'flush', failures: number) {
    this.#at = at;
    this.#failures = failures;
  }

  readonly open = async (local: { readonly address: string; readonly port: number }, owner: SocketOwner) => ({
    local,
    send: (_to: unknown, memory: Uint8Array, offset: number) =>
      this.#alone(() => {
        this.#queued.push(memory[offset] ?? -1);
        if (this.#at === 'send') this.#fail(owner);
      }),
    flush: () =>
      this.#alone(() => {
        if (this.#at === 'flush' && this.#queued.length > 0) this.#fail(owner);
        this.left.push(...this.#queued);
        this.#queued = [];
      }),
    close: async () => {},
  });

  #alone(act: () => void): void {
    if (this.#isBusy) throw new Error('called from within a call');
    this.#isBusy = true;
    try {
      act();
    } finally {
      this.#isBusy = false;
    }
  }

  #fail(owner: SocketOwner): void {
    if (this.#failures === 0) return;
    this.#failures -= 1;
    owner.failed(new Error('unreachable'));
  }
}

/** What is done by who is told of a failure. */
const DONE = {
  'a command': (driver) => driver.command(() => {}),
  'a datagram': (driver) => driver.send({ source: SOURCE, destination: DESTINATION, octets: new Uint8Array([9]) }),
  'an error': () => {
    throw new Error('thrown by who was told');
  },
} satisfies Record<string, (driver: UdpDriver<Gateway>) => void>;

/** What is thrown in turns of their own, meanwhile. */
async function thrownWhile(act: () => Promise<void>): Promise<readonly string[]> {
  const thrown: string[] = [];
  process.setUncaughtExceptionCaptureCallback(({ message }) => thrown.push(message));
  try {
    await act();
  } finally {
    process.setUncaughtExceptionCaptureCallback(null);
  }
  return thrown;
}

describe('a datagram leaves once, and a failure is told, where what follows is', () => {
  const words = Object.keys(DONE) as (keyof typeof DONE)[];
  const grid = words.flatMap((done) => (['send', 'flush'] as const).map((at) => [done, at] as const));

  it.each(grid)('%s, and a socket fails in its %s', async (done, at) => {
    const sockets = new FailingSockets(at, 2);
    let told = 0;
    const driver: UdpDriver<Gateway> = await UdpDriver.open(gateway('west', LOOPBACK), {
      ...{ addresses: [LOOPBACK.west], openSocket: sockets.open },
      onEvent: () => {
        told += 1;
        DONE[done](driver);
      },
    });
    const thrown = await thrownWhile(async () => {
      for (const octet of [1, 2]) {
        driver.send({ source: SOURCE, destination: DESTINATION, octets: new Uint8Array([octet]) });
      }
      expect(told).toBe(0);
      await until(() => told === 2);
    });
    await driver.close();
    expect(sockets.left.sort()).toEqual(done === 'a datagram' ? [1, 2, 9, 9] : [1, 2]);
    expect(thrown).toEqual(done === 'an error' ? ['thrown by who was told', 'thrown by who was told'] : []);
  });
});

it('who closes a driver when it tells an event closes it when it has sent what it had to', async () => {
  const inside = { west: new HeardInside(), east: new HeardInside() };
  const kinds: string[] = [];
  let closing: Promise<void> | undefined;
  const west = await UdpDriver.open(gateway('west', LOOPBACK), {
    ...{ addresses: [LOOPBACK.west], ports: ANY_PORTS, inside: inside.west },
    onEvent: ({ kind }) => {
      if (kind === 'ipsec-established' || kind === 'ike-deleted') closing = west.close();
    },
  });
  const east = await UdpDriver.open(gateway('east', LOOPBACK), {
    ...{ addresses: [LOOPBACK.east], ports: ANY_PORTS, inside: inside.east },
    onEvent: ({ kind }) => kinds.push(kind),
  });
  introduce({ driver: west, address: LOOPBACK.west }, { driver: east, address: LOOPBACK.east });
  inside.west.send([numbered(1)]);
  await until(() => closing !== undefined);
  await closing;
  expect(west.close()).toBe(closing);
  await until(() => kinds.includes('ike-deleted'));
  await east.close();
});

it('what is thrown where outputs are drained leaves the timers as they are to be', async () => {
  let heard = 0;
  let isThrowing = false;
  const west = gateway('west', LOOPBACK);
  const driver = await UdpDriver.open(west, {
    ...{ addresses: [LOOPBACK.west], onEvent: () => {} },
    openSocket: async (local) => ({ local, send: () => heard++, flush() {}, close: async () => {} }),
    inside: {
      ...{ open() {}, deliver() {}, close() {} },
      flush() {
        if (isThrowing) throw new Error('thrown by the inside');
      },
    },
  });
  isThrowing = true;
  expect(() => driver.command((now) => west.handleInside(now, numbered(1)))).toThrow('thrown by the inside');
  isThrowing = false;
  const before = heard;
  await until(() => heard > before);
  await driver.close();
});

it('what is broken is told of though another that is ready throws', async () => {
  let polled: (handle: number, status: number) => void = () => {};
  let handles = 0;
  const watches = new Watches({
    ...{ loop: 0, handleOctets: () => 8, allocate: () => ++handles, free() {}, init: () => 0, start: () => 0 },
    ...{ close() {}, onClosed: () => 0 },
    onPolled: (callback) => {
      polled = callback;
      return 0;
    },
  });
  let isBroken = false;
  watches.add(3, () => {
    throw new Error('thrown by the first');
  });
  watches.add(4, (broken) => {
    isBroken = broken;
  });
  const thrown = await thrownWhile(async () => {
    polled(1, 0);
    polled(2, -1);
    await until(() => isBroken);
  });
  expect(thrown).toEqual(['thrown by the first']);
});
