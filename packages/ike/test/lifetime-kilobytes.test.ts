import { type Attribute, fromHex, NOTIFY, type SaPayload, seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OctetsLifetime } from '../src/sa/lifetime/octets-lifetime.ts';
import { HandMadePeer, notification, OFFER_1, phase1Sa, saOf } from './support/hand-made-peer.ts';
import { Pair, type PeerChanges } from './support/pair.ts';

/** A Life Type and its Life Duration, of kilobytes (RFC 2409 Appendix A). */
const kilobytes = (value: number): readonly Attribute[] => [
  { type: 11, value: 2 },
  { type: 12, value },
];
const offerOf = (count: number): SaPayload => phase1Sa([...OFFER_1, ...kilobytes(count)]);

/** What it says without asking for anything. */
const HARMLESS = notification(40_001, { data: new Uint8Array(900) });

function withChild(peer: HandMadePeer): HandMadePeer {
  peer.quick(peer.quickOffer());
  peer.quickConfirm();
  peer.drain();
  expect(peer.kinds).toContain('child-established');
  return peer;
}

/** As initiator, answered with so many kilobytes more than it has offered. */
function answeredWith(peer: HandMadePeer, count: number): boolean {
  peer.endpoint.initiate(peer.now, 'R2');
  return peer.answerMainMode({}, ({ proposals: [proposal] }) => {
    const transforms = proposal?.transforms.map((one) => ({
      ...one,
      attributes: [...one.attributes, ...kilobytes(count)],
    }));
    return saOf(proposal && transforms ? [{ ...proposal, transforms }] : []);
  });
}

describe('kilobytes that a peer gives an IKE SA (RFC 2409 Appendix A)', () => {
  const CHECKS = [
    ['claim', 1000],
    ['obey', 1000],
    ['strict', 1000],
    ['exact', undefined],
  ] as const;

  it.each(CHECKS)('are agreed on by the rule %s: this side has none', (lifetimeCheck, expected) => {
    const [asked, answered] = [new HandMadePeer({ lifetimeCheck }), new HandMadePeer({ lifetimeCheck })];
    expect(asked.mainMode({}, offerOf(1000))).toBe(expected !== undefined);
    expect(asked.endpoint.ikeSas()[0]?.lifetimeKilobytes).toBe(expected);
    expect(answeredWith(answered, 1000)).toBe(expected !== undefined);
    expect(answered.endpoint.ikeSas()[0]?.lifetimeKilobytes).toBe(expected);
    if (expected !== undefined) expect(answered.tolerated).toEqual(['lifetime-changed']);
  });

  it.each([
    ['claim', 500, 1000, 500],
    ['claim', 1000, 500, 500],
    ['claim', undefined, 500, 500],
    ['obey', 1000, 500, 1000],
    ['obey', 500, 1000, 500],
    ['strict', 500, 1000, 500],
    ['strict', 1000, 500, undefined],
    ['strict', undefined, 500, undefined],
    ['exact', 500, 500, 500],
    ['exact', 500, 1000, undefined],
  ] as const)(
    'are agreed on by the rule %s: %s that are offered beside %s of ours',
    (lifetimeCheck, offered, lifetimeKilobytes, expected) => {
      const peer = new HandMadePeer({ lifetimeCheck, lifetimeKilobytes });
      const sa = offered === undefined ? phase1Sa(OFFER_1) : offerOf(offered);
      expect(peer.mainMode({}, sa)).toBe(expected !== undefined);
      expect(peer.endpoint.ikeSas()[0]?.lifetimeKilobytes).toBe(expected);
      expect(peer.tolerated).toEqual([]);
    },
  );

  it('of none there is no word', () => {
    const peer = new HandMadePeer();
    peer.mainMode();
    expect(peer.endpoint.ikeSas()[0]).not.toHaveProperty('lifetimeKilobytes');
  });

  it.each([1, 31])('are raised where they are too few, or refused: %i', (count) => {
    const peer = new HandMadePeer();
    expect(peer.mainMode({}, offerOf(count))).toBe(true);
    expect(peer.endpoint.ikeSas()[0]?.lifetimeKilobytes).toBe(32);
    expect(peer.tolerated).toEqual(['lifetime-raised']);
    expect(new HandMadePeer({ shortLifetimes: 'refuse' }).mainMode({}, offerOf(count))).toBe(false);
    expect(new HandMadePeer({ shortLifetimes: 'refuse' }).mainMode({}, offerOf(32))).toBe(true);
  });

  it('are told and shortened by RESPONDER-LIFETIME', () => {
    const peer = new HandMadePeer();
    peer.mainMode();
    const tell = (hex: string): void =>
      void peer.inform(notification(NOTIFY['RESPONDER-LIFETIME'], { spi: peer.spi, data: fromHex(hex) }));
    const seen = ['800b0002800c0400', '800b0002800c0800', '800b0002800c0001'].map((hex) => {
      tell(hex);
      return peer.endpoint.ikeSas()[0]?.lifetimeKilobytes;
    });
    expect(seen).toEqual([1024, 1024, 32]);
  });

  it('are used up by what is protected: there is another IKE SA before, where there is a child (regression: never looked at)', () => {
    const peer = new HandMadePeer();
    peer.mainMode({}, offerOf(64));
    withChild(peer);
    let [sent, isRenewed] = [0, false];
    while (!isRenewed && sent < 100) {
      sent++;
      isRenewed = peer.inform(HARMLESS).replies.length > 0;
    }
    expect(isRenewed).toBe(true);
    const [sa] = peer.endpoint.ikeSas();
    const protectedOctets = sent * 990;
    expect(protectedOctets).toBeGreaterThan(45_000);
    expect(protectedOctets).toBeLessThan(64 * 1024);
    expect(sa?.state).toBe('ready');
    expect(peer.endpoint.ikeSas()).toHaveLength(2);
  });

  it('are over when they are used up, and the peer is told', () => {
    const peer = new HandMadePeer();
    peer.mainMode({}, offerOf(64));
    let count = 0;
    while (peer.endpoint.ikeSas().length > 0 && count < 100) {
      peer.inform(HARMLESS);
      count++;
    }
    expect(count).toBeGreaterThan(60);
    expect(count).toBeLessThan(70);
    expect(peer.events.filter(({ kind }) => kind === 'ike-deleted')).toMatchObject([{ reason: 'expired' }]);
    expect(peer.last.replies).toHaveLength(1);
  });

  it('are not used by what somebody else repeats', () => {
    const peer = new HandMadePeer();
    peer.mainMode({}, offerOf(32));
    const [sa] = peer.endpoint.ikeSas();
    // Message 1 of a Quick Mode comes again and again, and is answered as it was.
    const first = peer.sealQuick(peer.quickOffer());
    const answers = Array.from({ length: 1000 }, () => peer.send(first).replies.length);
    expect(answers).toEqual(answers.map(() => 1));
    expect(peer.endpoint.ikeSas()[0]).toMatchObject({ initiatorCookie: sa?.initiatorCookie, state: 'ready' });
    expect(peer.endpoint.ikeSas()[0]?.octetsOut).toBeGreaterThan(100_000);
  });
});

describe('kilobytes that this side gives an IKE SA', () => {
  const counts = [undefined, 32, 1000, 70_000] as const;
  const grid = (['main', 'aggressive'] as const).flatMap((mode) =>
    counts.flatMap((one) => counts.map((other) => ({ mode, one, other }))),
  );
  const having = (mode: 'main' | 'aggressive', lifetimeKilobytes: number | undefined): PeerChanges => ({
    mode,
    ...(lifetimeKilobytes === undefined ? {} : { lifetimeKilobytes }),
  });

  it.each(grid)('are the fewest of both, at both ends: $mode, $one and $other', ({ mode, one, other }) => {
    const pair = new Pair({ R2: having(mode, one), R3: having(mode, other) }).initiate();
    pair.run(seconds(1));
    const fewest = Math.min(one ?? Number.POSITIVE_INFINITY, other ?? Number.POSITIVE_INFINITY);
    const expected = Number.isFinite(fewest) ? fewest : undefined;
    const seen = pair.nodes.map(({ endpoint }) => endpoint.ikeSas().map(({ lifetimeKilobytes }) => lifetimeKilobytes));
    expect(seen).toEqual([[expected], [expected]]);
    expect(pair.nodes.map((node) => node.of('tolerated'))).toEqual([[], []]);
  });

  it('may be left out of the answer, or be fewer there', () => {
    for (const [answered, expected] of [
      [undefined, 1000],
      [500, 500],
      [2000, 1000],
    ] as const) {
      const peer = new HandMadePeer({ lifetimeKilobytes: 1000 });
      peer.endpoint.initiate(peer.now, 'R2');
      const isEstablished = peer.answerMainMode({}, ({ proposals: [proposal] }) => {
        const transforms = proposal?.transforms.map((one) => ({
          ...one,
          attributes: [...one.attributes.slice(0, -2), ...(answered === undefined ? [] : kilobytes(answered))],
        }));
        return saOf(proposal && transforms ? [{ ...proposal, transforms }] : []);
      });
      expect(isEstablished).toBe(true);
      expect(peer.endpoint.ikeSas()[0]?.lifetimeKilobytes).toBe(expected);
      expect(peer.tolerated).toEqual(['lifetime-changed']);
    }
  });

  it('are 32 at least', () => {
    for (const lifetimeKilobytes of [0, 31, 32.5, 2 ** 32]) {
      expect(() => new HandMadePeer({ lifetimeKilobytes })).toThrow('lifetimeKilobytes');
    }
  });
});

describe('a lifetime in octets', () => {
  const steps = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 400 });

  it('is over once, when so many are used, and was to be renewed before', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 32, max: 256 }),
        steps,
        fc.constantFrom('initiator', 'responder'),
        (most, used, role) => {
          const told: string[] = [];
          const mortal = {
            kind: 'ike',
            softExpired: () => told.push('soft'),
            hardExpired: () => told.push('hard'),
          } as const;
          const lifetime = new OctetsLifetime(mortal, role, most);
          let sum = 0;
          for (const octets of used) {
            lifetime.use(octets);
            sum += octets;
            expect(told.filter((one) => one === 'hard')).toHaveLength(sum >= 1024 * most ? 1 : 0);
          }
          if (told.includes('hard')) expect(told.indexOf('hard')).toBe(told.length - 1);
          if (told.includes('hard')) expect(told[0]).toBe('soft');
          if (sum < 512 * most) expect(told).toEqual([]);
        },
      ),
    );
  });

  it('can only be shortened', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1 }), (counts) => {
        const mortal = { kind: 'ike', softExpired: () => undefined, hardExpired: () => undefined } as const;
        const lifetime = new OctetsLifetime(mortal, 'initiator', undefined);
        expect(lifetime.kilobytes).toBeUndefined();
        for (const count of counts) lifetime.shorten(count);
        expect(lifetime.kilobytes).toBe(Math.min(...counts));
      }),
    );
  });
});
