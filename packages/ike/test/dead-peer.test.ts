import type { DeadPeerDetection } from '@espalier/ike';
import {
  concat,
  decodeHeader,
  EXCHANGE,
  type NotificationPayload,
  readU32,
  type Spi,
  seconds,
  VENDOR_ID,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { all } from '../src/exchange/rules.ts';
import { deleteOfIkeSa } from '../src/v1/informational/informational.ts';
import { type Probe, probeNotification, readProbe } from '../src/v1/informational/probe.ts';
import type { Established } from '../src/v1/phase1/phase1.ts';
import { Forger } from './support/forger.ts';
import { NatBed, withoutVendorId } from './support/nat-bed.ts';
import { type Network, type Pair, type PairOptions, peerConfig, tunnelled } from './support/pair.ts';

const PACE: DeadPeerDetection = { idle: seconds(10), interval: seconds(5), retries: 2 };
/** Seconds from the last sign of life to the verdict. */
const VERDICT = 10 + 3 * 5;

const WATCHING: PairOptions = { R2: { deadPeerDetection: PACE } };

const promptly: Network = () => [10];

/** R3 is gone: what R2 sends reaches nobody. */
const cut: Network = ({ from }) => (from === 'R2' ? [] : [10]);

function inboundOf({ R2 }: Pair): Spi {
  const [child] = R2.endpoint.children();
  if (child === undefined) throw new Error('no child');
  return child.inbound;
}

/** A peer with an IKE SA that watches and is watched, and that says nothing of itself. */
class Silent {
  readonly forger: Forger;
  readonly sa: Established;
  #messageId = 0x1000;

  constructor(seed = 7) {
    this.forger = new Forger({ deadPeerDetection: PACE }, seed);
    this.sa = this.forger.establish();
    this.forger.drain();
  }

  /** Goes on to the next thing that is due, within a time; the numbers of the probes that it sends. */
  next(within: number): readonly number[] {
    const { forger } = this;
    const timeout = forger.endpoint.pollTimeout();
    if (timeout === undefined || timeout.at > forger.now + within * 1000) return [];
    forger.now = timeout.at;
    forger.endpoint.handleTimeout(forger.now);
    return forger.drain().flatMap((reply) => this.#numbers(reply, 'R-U-THERE'));
  }

  /** Sends notifications; the numbers of the answers. */
  say(...payloads: readonly NotificationPayload[]): readonly number[] {
    const { forger, sa } = this;
    const { result, replies } = forger.send(forger.seal(sa, EXCHANGE.informational, this.#messageId++, payloads));
    expect(result).toEqual({ ok: true });
    return replies.flatMap((reply) => this.#numbers(reply, 'R-U-THERE-ACK'));
  }

  probe(sequence: number, kind: Probe['kind'] = 'R-U-THERE'): NotificationPayload {
    return probeNotification(this.sa.cookies, { kind, sequence });
  }

  #numbers(reply: Uint8Array, kind: Probe['kind']): readonly number[] {
    return all(this.forger.open(this.sa, reply).payloads, 'notification').map((notification) => {
      expect(readProbe(notification)?.kind).toBe(kind);
      return readU32(notification.data, 0);
    });
  }
}

describe('a peer that lives', () => {
  it('is probed only after silence, answers each time, and keeps everything', () => {
    const pair = tunnelled(WATCHING);
    const before = pair.sent.length;
    pair.run(seconds(8.9));
    expect(pair.sent).toHaveLength(before);
    pair.run(seconds(91));
    const probes = pair.sent.slice(before);
    expect(probes.map(({ from }) => from)).toEqual(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 'R2' : 'R3')));
    for (const node of pair.nodes) {
      expect(node.of('ike-deleted')).toEqual([]);
      expect(node.of('notified')).toEqual([]);
    }
  });

  it('is not probed while its packets are opened (RFC 3706 §5.4)', () => {
    const pair = tunnelled(WATCHING);
    const before = pair.sent.length;
    for (let i = 0; i < 20; i++) {
      pair.on('R2', (endpoint, now) => endpoint.noteTraffic(now, inboundOf(pair)));
      pair.run(seconds(9));
    }
    expect(pair.sent).toHaveLength(before);
  });

  it('may probe us at the same time', () => {
    const pair = tunnelled({ R2: { deadPeerDetection: PACE }, R3: { deadPeerDetection: PACE } });
    pair.run(seconds(300));
    for (const node of pair.nodes) expect(node.of('ike-deleted')).toEqual([]);
  });

  it('is not given up while one probe of a round comes through', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.boolean()), (losses) => {
        let lostInARow = 0;
        const pair = tunnelled(WATCHING);
        pair.network = ({ from }) => {
          if (from === 'R3') return [10];
          const isLost = lostInARow < PACE.retries && losses.next().value === true;
          lostInARow = isLost ? lostInARow + 1 : 0;
          return isLost ? [] : [10];
        };
        pair.run(seconds(400));
        expect(pair.R2.of('ike-deleted')).toEqual([]);
        expect(pair.R2.endpoint.children()).toHaveLength(1);
      }),
      { numRuns: 20 },
    );
  });

  it('is never probed where it does not know of DPD', () => {
    const alter = withoutVendorId(VENDOR_ID.deadPeerDetection);
    const bed = new NatBed({ R2: { deadPeerDetection: PACE }, alter }).initiate().run();
    const { length } = bed.crossed;
    bed.alter = () => undefined;
    bed.run(seconds(600));
    expect(bed.crossed).toHaveLength(length);
    expect(bed.R2.endpoint.children()).toHaveLength(1);
  });
});

describe('a peer that is not watched, and is asked', () => {
  const ask = (pair: Pair) => pair.on('R2', (endpoint, now) => endpoint.askForLife(now, inboundOf(pair)));

  it('says that it lives, and is left in peace', () => {
    const pair = tunnelled();
    const before = pair.sent.length;
    ask(pair);
    ask(pair);
    pair.run(seconds(600));
    expect(pair.sent.slice(before).map(({ from }) => from)).toEqual(['R2', 'R3']);
    expect(pair.R2.of('ike-deleted')).toEqual([]);
    ask(pair);
    pair.run(seconds(1));
    expect(pair.sent).toHaveLength(before + 4);
  });

  it('is dead when three probes, 2 s apart, have no answer', () => {
    const pair = tunnelled();
    pair.network = cut;
    const before = pair.sent.length;
    ask(pair);
    pair.run(seconds(5.9));
    expect([pair.sent.length - before, pair.R2.of('ike-deleted')]).toEqual([3, []]);
    pair.run(seconds(1));
    expect(pair.R2.of('ike-deleted').map(({ reason }) => reason)).toEqual(['peer-dead']);
    expect(pair.R2.endpoint.children()).toEqual([]);
  });

  it('is asked at once and often, at however slow a pace it is watched', () => {
    const pair = tunnelled(WATCHING);
    const before = pair.sent.length;
    pair.network = cut;
    ask(pair);
    ask(pair);
    expect(pair.sent).toHaveLength(before + 1);
    pair.run(seconds(7));
    expect(pair.sent.slice(before)).toHaveLength(3);
    expect(pair.R2.of('ike-deleted').map(({ reason }) => reason)).toEqual(['peer-dead']);
  });

  it('is asked by a new phase 1 where it does not know of DPD, once in a minute', () => {
    const bed = new NatBed({ alter: withoutVendorId(VENDOR_ID.deadPeerDetection) }).initiate().run();
    const { length } = bed.crossed;
    const [child] = bed.R2.endpoint.children();
    if (child === undefined) return expect.unreachable('there is no child');
    for (let i = 0; i < 5; i++) {
      bed.R2.endpoint.askForLife(bed.now, child.inbound);
      bed.run(seconds(10));
    }
    expect(bed.R2.of('ike-established')).toHaveLength(2);
    expect(bed.crossed.length - length).toBeLessThan(20);
  });
});

describe('a peer that is dead', () => {
  it('is given up after its probes, with all its SAs, and nothing is sent to it any more', () => {
    const pair = tunnelled(WATCHING);
    const inbound = inboundOf(pair);
    pair.network = cut;
    const before = pair.sent.length;
    pair.run(seconds(VERDICT - 2));
    expect(pair.sent.slice(before)).toHaveLength(1 + PACE.retries);
    expect(pair.R2.of('ike-deleted')).toEqual([]);
    pair.run(seconds(3));
    expect(pair.R2.events.slice(-2)).toMatchObject([
      { kind: 'child-deleted', inbound, reason: 'peer-dead' },
      { kind: 'ike-deleted', reason: 'peer-dead' },
    ]);
    expect(pair.R2.endpoint.ikeSas()).toEqual([]);
    expect(pair.R2.endpoint.children()).toEqual([]);
    expect(pair.sent.slice(before)).toHaveLength(1 + PACE.retries);
    expect(pair.R2.endpoint.pollTimeout()).toBeUndefined();
  });

  it('may come back: what is negotiated then is watched as the first was', () => {
    const pair = tunnelled(WATCHING);
    pair.network = cut;
    pair.run(seconds(VERDICT + 2));
    pair.network = promptly;
    pair.initiate().run(seconds(100));
    expect(pair.R2.endpoint.children()).toHaveLength(1);
    pair.network = cut;
    pair.run(seconds(VERDICT + 12));
    expect(pair.R2.of('ike-deleted').map(({ reason }) => reason)).toEqual(['peer-dead', 'peer-dead']);
  });

  it('that has no IKE SA left to be asked with is asked for a new one, and its children go with it', () => {
    const { forger, sa } = new Silent();
    const { next, reply } = forger.quick(sa, 0x77);
    const [second] = forger.send(reply).replies;
    if (second === undefined) throw new Error('no message 2');
    const third = forger.confirm({ next }, second).reply;
    if (third !== undefined) forger.send(third);
    forger.send(forger.seal(sa, EXCHANGE.informational, 0x78, [deleteOfIkeSa(sa.cookies)]));
    expect(forger.kinds().slice(-2)).toEqual(['child-established', 'ike-deleted']);
    const exchanges: number[] = [];
    const end = forger.now + (VERDICT + 1) * 1000;
    for (let next = forger.endpoint.pollTimeout(); next !== undefined && next.at <= end; ) {
      forger.now = next.at;
      forger.endpoint.handleTimeout(next.at);
      exchanges.push(...forger.drain().map((octets) => decodeHeader(octets).exchange));
      next = forger.endpoint.pollTimeout();
    }
    expect(new Set(exchanges)).toEqual(new Set([EXCHANGE.main]));
    expect(forger.events.at(-1)).toMatchObject({ kind: 'child-deleted', reason: 'peer-dead' });
    expect(forger.endpoint.children()).toEqual([]);
  });
});

describe('R-U-THERE', () => {
  it('is answered with its number, be it the same, or lower: a peer that restarts begins anew', () => {
    const peer = new Silent();
    const answers = [7, 7, 8, 7, 20, 0].map((sequence) => peer.say(peer.probe(sequence)));
    expect(answers).toEqual([[7], [7], [8], [7], [20], [0]]);
  });

  it('may have any first number, and goes on past the last', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), (first) => {
        const peer = new Silent();
        for (const step of [0, 1, 2]) {
          const sequence = (first + step) >>> 0;
          expect(peer.say(peer.probe(sequence))).toEqual([sequence]);
        }
      }),
      { numRuns: 10 },
    );
  });

  it('is refused and not answered as the same datagram again, in clear, or with a wrong hash', () => {
    const peer = new Silent();
    const { forger, sa } = peer;
    const probe = peer.probe(1);
    const once = forger.seal(sa, EXCHANGE.informational, 0x2000, [probe]);
    expect(forger.send(once).replies).toHaveLength(1);
    expect(forger.send(once)).toEqual({ result: { ok: false, reason: 'message-id-reused' }, replies: [] });
    expect(forger.send(forger.clear(sa, [probe]))).toEqual({
      result: { ok: false, reason: 'not-encrypted' },
      replies: [],
    });
    const forged = forger.seal(sa, EXCHANGE.informational, 0x2001, [probe], () => new Uint8Array(20));
    expect(forger.send(forged)).toEqual({ result: { ok: false, reason: 'hash-mismatch' }, replies: [] });
  });

  it('is answered whatever its SPI: peers send the cookies in either order, zeros, or nothing', () => {
    const peer = new Silent();
    const { initiator, responder } = peer.sa.cookies;
    const spis = [concat(responder, initiator), new Uint8Array(16), new Uint8Array(0), initiator];
    for (const [i, spi] of spis.entries()) expect(peer.say({ ...peer.probe(i + 1), spi })).toEqual([i + 1]);
  });

  it('is not answered for another protocol, or with another length of its number', () => {
    const peer = new Silent();
    const right = peer.probe(1);
    expect(peer.say({ ...right, protocol: 3 })).toEqual([]);
    expect(peer.say({ ...right, data: new Uint8Array(3) })).toEqual([]);
    expect(peer.say({ ...right, data: new Uint8Array(5) })).toEqual([]);
    expect(peer.say(right)).toEqual([1]);
  });

  it('starts at a number below 2^31 and counts up by one', () => {
    const peer = new Silent();
    const [first = -1] = peer.next(VERDICT);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(2 ** 31);
    expect([...peer.next(VERDICT), ...peer.next(VERDICT)]).toEqual([first + 1, first + 2]);
  });
});

describe('R-U-THERE-ACK', () => {
  // After two probes, the last of them with number n.
  it.each([
    { of: 'n', offset: 0, isLife: true },
    { of: 'n - 1', offset: -1, isLife: true },
    { of: 'n - 2, from before', offset: -2, isLife: false },
    { of: 'n + 1, never sent', offset: 1, isLife: false },
    { of: 'any other number', offset: 0x1234_5678, isLife: false },
  ])('with the number $of shows life: $isLife', ({ offset, isLife }) => {
    const peer = new Silent();
    peer.next(VERDICT);
    const [last = 0] = peer.next(VERDICT);
    peer.say(peer.probe((last + offset) >>> 0, 'R-U-THERE-ACK'));
    peer.next(VERDICT);
    peer.next(VERDICT);
    peer.next(VERDICT);
    expect(peer.forger.kinds().includes('ike-deleted')).toBe(!isLife);
  });
});

describe('the pace of DPD', () => {
  it.each([{ idle: seconds(0) }, { interval: seconds(0) }, { retries: -1 }, { retries: 0.5 }])(
    'is a RangeError with %o',
    (change) => {
      expect(() => new Forger({ ...peerConfig('R3'), deadPeerDetection: { ...PACE, ...change } })).toThrow(
        /^peers\[0\].deadPeerDetection/,
      );
    },
  );
});
