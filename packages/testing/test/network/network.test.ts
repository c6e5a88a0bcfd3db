import { encodeIpv6, type Instant, instant, milliseconds, parseAddress, seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bandwidth,
  burstLoss,
  corruption,
  cut,
  type Datagram,
  type DatagramEndpoint,
  delay,
  duplication,
  during,
  givenChoices,
  type Impairment,
  jitter,
  loss,
  mtu,
  Nat,
  Network,
  type NetworkOptions,
  type Node,
  ofDatagrams,
  only,
  recordedChoices,
  reordering,
  replaying,
  seededChoices,
  truncation,
} from '../../src/network/index.ts';

const A = { address: '192.0.2.1', port: 500 };
const B = { address: '192.0.2.2', port: 500 };

/** Sends what it is told, notes what comes and when, and wakes when it is told. */
class Host implements DatagramEndpoint {
  readonly received: { readonly at: Instant; readonly from: Datagram['source']; readonly text: string }[] = [];
  readonly woken: Instant[] = [];
  #waiting: Datagram[] = [];
  #alarm: Instant | undefined;
  readonly #self: typeof A;

  constructor(self: typeof A) {
    this.#self = self;
  }

  send(destination: typeof A, text: string): void {
    this.#waiting.push({ source: this.#self, destination, octets: new TextEncoder().encode(text) });
  }

  wakeAt(at: Instant): void {
    this.#alarm = at;
  }

  get texts(): readonly string[] {
    return this.received.map(({ text }) => text);
  }

  handleDatagram(at: Instant, from: Datagram['source'], _: unknown, octets: Uint8Array): void {
    this.received.push({ at, from, text: new TextDecoder().decode(octets) });
  }

  handleTimeout(now: Instant): void {
    this.woken.push(now);
    this.#alarm = undefined;
  }

  pollTransmit(): Datagram | undefined {
    return this.#waiting.shift();
  }

  pollTimeout(): { readonly at: Instant } | undefined {
    return this.#alarm === undefined ? undefined : { at: this.#alarm };
  }
}

function pair(impairments: readonly Impairment[] = [], options: NetworkOptions = {}) {
  const network = new Network(options);
  const [a, b] = [new Host(A), new Host(B)];
  network.attach('a', ofDatagrams(a), { addresses: [A.address], outwards: impairments });
  network.attach('b', ofDatagrams(b), { addresses: [B.address] });
  const send = (count: number, every = 10, text = (i: number) => String(i)): void => {
    for (let i = 0; i < count; i++) {
      network.on('a', () => a.send(B, text(i)));
      network.run(milliseconds(every));
    }
    network.run(seconds(10));
  };
  return { network, a, b, send };
}

const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => String(i));

describe('a network', () => {
  it('brings each packet once, in order, after its latency, where nothing impairs it', () => {
    const { b, send } = pair([], { latency: 4 });
    send(20);
    expect(b.texts).toEqual(numbers(20));
    expect(b.received[1]?.at).toBe(10 + 4);
  });

  it('wakes a node when its own clock shows what it asked for', () => {
    const network = new Network();
    const host = new Host(A);
    network.attach('a', ofDatagrams(host), { addresses: [A.address], clock: { offset: 5000, rate: 2 } });
    network.on('a', (now) => {
      expect(now).toBe(5000);
      host.wakeAt(instant(7000));
    });
    network.run(milliseconds(999));
    expect(host.woken).toEqual([]);
    network.run(milliseconds(1));
    expect(host.woken).toEqual([7000]);
  });

  it('wakes a node at once whose clock is set beyond what it waits for', () => {
    const { network, a } = pair();
    network.on('a', () => a.wakeAt(instant(3_600_000)));
    network.jump('a', 4_000_000);
    network.run(milliseconds(1));
    expect(a.woken).toEqual([4_000_000]);
  });

  it('gives up on a node that is never done', () => {
    const network = new Network();
    const node = {
      handlePacket: () => {},
      handleTimeout: () => {},
      pollTransmit: () => undefined,
      pollTimeout: () => ({ at: instant(0) }),
    };
    network.attach('a', node, { addresses: [A.address] });
    expect(() => network.run(seconds(1))).toThrow('a is never done');
  });

  it('lets through what is within one part while it is partitioned, and everything when it is healed', () => {
    const { network, b, send } = pair();
    network.partition(['a'], ['b']);
    send(3);
    network.partition(['a', 'b']);
    send(1);
    network.heal();
    send(1);
    expect(b.texts).toEqual(['0', '0']);
  });

  it('brings nothing to who is switched off, and brings it to who is in its place afterwards', () => {
    const { network, b, send } = pair();
    network.replace('b', undefined);
    send(2);
    const later = new Host(B);
    network.replace('b', ofDatagrams(later));
    send(1);
    expect([b.texts, later.texts]).toEqual([[], ['0']]);
  });

  it('leads through a NAT both ways', () => {
    const network = new Network();
    const [inside, server] = [new Host({ address: '10.0.0.2', port: 500 }), new Host(B)];
    const nat = new Nat({ kind: 'symmetric', publicAddress: '198.51.100.1' });
    network.attach('inside', ofDatagrams(inside), { addresses: ['10.0.0.2'], nat });
    network.attach('server', ofDatagrams(server), { addresses: [B.address] });
    network.on('inside', () => inside.send(B, 'hello'));
    network.run(seconds(1));
    const from = server.received[0]?.from ?? A;
    expect(from.address).toBe('198.51.100.1');
    network.on('server', () => server.send(from, 'welcome'));
    network.run(seconds(1));
    expect(inside.texts).toEqual(['welcome']);
  });

  it('tells an observer of each packet how it ended, and whether it arrived as it was sent', () => {
    const ends: string[] = [];
    const { send } = pair(
      [only((packet) => packet[28] === 0x31, cut), only((packet) => packet[28] === 0x32, truncation(1))],
      {
        observer: {
          sent: ({ id }) => ends.push(`sent ${id}`),
          arrives: (to, { id }, isIntact) => ends.push(`${to} ${id} ${isIntact}`),
          lost: ({ id }, by) => ends.push(`${by} ${id}`),
        },
      },
    );
    send(2);
    expect(ends).toEqual(['sent 0', 'b 0 true', 'sent 1', 'cut 1']);
  });

  it('refuses two nodes of one name or address', () => {
    const { network, a } = pair();
    expect(() => network.attach('a', ofDatagrams(a), { addresses: ['192.0.2.7'] })).toThrow('there is a a already');
    expect(() => network.attach('c', ofDatagrams(a), { addresses: [B.address] })).toThrow('192.0.2.2');
    expect(() => network.clockOf('nobody')).toThrow('there is no nobody');
  });
});

describe('impairments', () => {
  it('lose about as many as they say, and tell so', () => {
    const lost: string[] = [];
    const { b, send } = pair([loss(0.25)], { observer: { lost: (_, by) => lost.push(by) } });
    send(400);
    expect(b.texts.length).toBeGreaterThan(250);
    expect(b.texts.length).toBeLessThan(350);
    expect(lost.length).toBe(400 - b.texts.length);
    expect(new Set(lost)).toEqual(new Set(['loss 0.25']));
  });

  it('lose in bursts', () => {
    const { b, send } = pair([burstLoss({ begins: 0.05, ends: 0.2 })]);
    send(400);
    const arrived = new Set(b.texts);
    const lost = numbers(400).filter((one) => !arrived.has(one));
    const behindAnother = lost.filter((one) => lost.includes(String(Number(one) - 1)));
    expect(behindAnother.length).toBeGreaterThan(lost.length / 2);
  });

  it('repeat, reorder and replay, and add nothing that was not sent', () => {
    for (const impairment of [duplication(0.5, 100), reordering(0.5, 100), replaying(0.5)]) {
      const { b, send } = pair([impairment]);
      send(100);
      expect(new Set(b.texts)).toEqual(new Set(numbers(100)));
      expect(b.texts).not.toEqual(numbers(100));
    }
  });

  it('alter octets, which a checksum tells', () => {
    const { b, send, network } = pair([corruption(1)]);
    send(100);
    expect(network.packetsHandled).toBeGreaterThan(20);
    expect(b.texts).toEqual([]);
  });

  it('take their time: a fixed one, another one each time, or as a line of so many bits a second does', () => {
    const times = (
      impairment: Impairment,
      count = 20,
      every = 1000,
      text?: (i: number) => string,
    ): readonly number[] => {
      const { b, send } = pair([impairment], { latency: 0 });
      send(count, every, text);
      return b.received.map(({ at, text: one }) => at - Number.parseInt(one, 10) * every);
    };
    expect(new Set(times(delay(30)))).toEqual(new Set([30]));
    const jittered = times(jitter(30));
    expect(Math.max(...jittered)).toBeLessThanOrEqual(30);
    expect(new Set(jittered).size).toBeGreaterThan(5);
    // 1250 octets are 1 s at 10 kbit/s.
    const long = (i: number): string => `${i} `.padEnd(1250 - 28);
    expect(times(bandwidth(10_000), 3, 0, long)).toEqual([1000, 2000, 3000]);
    expect(times(bandwidth(10_000, 3000), 3, 0, long)).toEqual([1000, 2000]);
  });

  it('last as long as they are to', () => {
    const { b, send } = pair([during(instant(20), instant(50), cut)]);
    send(8);
    expect(b.texts).toEqual(['0', '1', '5', '6', '7']);
  });

  it('fragment what is too long for a link, which who has only UDP does not get', () => {
    const { network, b, send } = pair([mtu(500)]);
    send(2, 10, (i) => (i === 0 ? 'short' : 'long'.repeat(300)));
    expect(b.texts).toEqual(['short']);
    expect(network.packetsHandled).toBe(1 + 3);
  });

  it('say nothing of an ICMP error that is itself too long for a link', () => {
    const [source, destination] = [parseAddress('2001:db8::1'), parseAddress('2001:db8::2')];
    const header = { source, destination, trafficClass: 0, flowLabel: 0, nextHeader: 17, hopLimit: 64 };
    const sent = [encodeIpv6({ ...header, payload: new Uint8Array(1400) })];
    const heard: Uint8Array[] = [];
    const node: Node = {
      pollTransmit: () => sent.shift(),
      handlePacket: (_, packet) => void heard.push(packet),
      handleTimeout: () => {},
      pollTimeout: () => undefined,
    };
    const network = new Network();
    network.attach('a', node, { addresses: ['2001:db8::1'], inwards: [mtu(600)] });
    network.attach('b', node, { addresses: ['2001:db8::2'], inwards: [mtu(600)] });
    network.on('a', () => {});
    network.run(seconds(1));
    expect(heard).toEqual([]);
  });
});

describe('what happens on a network', () => {
  const impaired = (): readonly Impairment[] => [loss(0.2), duplication(0.3), jitter(40), corruption(0.1)];
  const digest = (options: NetworkOptions): string => {
    const { network, send } = pair(impaired(), options);
    send(50);
    return network.log.digest;
  };

  it('follows from the seed, or from the choices that it led to', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const choices = recordedChoices(seededChoices(seed));
        const first = digest({ choices });
        expect(digest({ seed })).toBe(first);
        expect(digest({ choices: givenChoices(choices.choices) })).toBe(first);
        expect(digest({ seed: seed ^ 1 })).not.toBe(first);
      }),
      { numRuns: 20 },
    );
  });

  it('is logged in so many lines, the latest of all', () => {
    const { network, send } = pair([loss(1)], { logEntries: 5 });
    send(20);
    expect(network.log.lines()).toHaveLength(5);
    expect(network.log.lines().at(-1)).toMatch(
      /0\.190 {2}a {2}lost: loss 1 {2}192\.0\.2\.1 > 192\.0\.2\.2 :500 > :500/,
    );
  });
});
