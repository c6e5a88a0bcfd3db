import type { DhGroupNumber } from '@espalier/crypto';
import { defaultSoftLifetime, type IkeProposal, type Role } from '@espalier/ike';
import {
  type Attribute,
  concat,
  type Identification,
  type Instant,
  IPSEC_ATTRIBUTE,
  instant,
  ipv4AddressId,
  ipv4RangeId,
  ipv4SubnetId,
  ipv6RangeId,
  ipv6SubnetId,
  OAKLEY_ATTRIBUTE,
  seconds,
  spi,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPayloads, type PayloadRules } from '../src/exchange/rules.ts';
import { Directory } from '../src/peer/directory.ts';
import { Refusal } from '../src/refusals.ts';
import { type Timer, Timers } from '../src/runtime/timers.ts';
import { type Contender, decide, lowest } from '../src/sa/collision.ts';
import { DEFAULT_TERMS } from '../src/terms.ts';
import { checkPeerIdentity, identificationWithin } from '../src/v1/identities.ts';
import { readResponderLifetime, responderLifetime } from '../src/v1/informational/responder-lifetime.ts';
import { readAttributes, sameAttributes } from '../src/v1/proposals/attributes.ts';
import { choosePhase1, offerPhase1 } from '../src/v1/proposals/phase1.ts';

describe('timers', () => {
  const operation = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), at: fc.nat(50) }),
    fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(30) }),
  );

  it('run in order of time, and of the same time in the order they were set, cancelled ones never', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
        const timers = new Timers();
        const all: Timer[] = [];
        const live = new Set<Timer>();
        for (const op of operations) {
          if (op.kind === 'set') {
            const timer = timers.set(instant(op.at), 'retransmission', { due: () => {} });
            all.push(timer);
            live.add(timer);
          } else {
            const timer = all[op.which];
            timers.cancel(timer);
            if (timer !== undefined) live.delete(timer);
          }
        }
        const expected = [...live].sort((a, b) => a.at - b.at || a.order - b.order);
        expect(timers.next()?.at).toBe(expected[0]?.at);
        const taken: Timer[] = [];
        for (let timer = timers.takeDue(instant(100)); timer !== undefined; timer = timers.takeDue(instant(100)))
          taken.push(timer);
        expect(taken.map(({ order }) => order)).toEqual(expected.map(({ order }) => order));
        expect(timers.next()).toBeUndefined();
      }),
    );
  });

  it('are taken at their time and not before', () => {
    const timers = new Timers();
    timers.set(instant(10), 'retransmission', { due: () => {} });
    expect(timers.takeDue(instant(9.999))).toBeUndefined();
    expect(timers.takeDue(instant(10))?.reason).toBe('retransmission');
  });
});

describe('the soft lifetime', () => {
  it('of Junos is 135 seconds before the hard one as initiator and 90 as responder', () => {
    expect(defaultSoftLifetime(seconds(28_800), 'initiator')).toBe(seconds(28_665));
    expect(defaultSoftLifetime(seconds(3600), 'responder')).toBe(seconds(3510));
  });

  it('grows with the hard one, lies within it, and comes to the initiator first', () => {
    const role = fc.constantFrom<Role>('initiator', 'responder');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat(1000), role, (hard, more, of) => {
        const soft = defaultSoftLifetime(seconds(hard), of);
        expect(soft).toBeGreaterThan(0);
        expect(soft).toBeLessThan(seconds(hard));
        expect(defaultSoftLifetime(seconds(hard + more), of)).toBeGreaterThanOrEqual(soft);
        expect(defaultSoftLifetime(seconds(hard), 'initiator')).toBeLessThan(
          defaultSoftLifetime(seconds(hard), 'responder'),
        );
      }),
    );
  });
});

describe('a directory', () => {
  it('has a CPI taken from when it is kept until it is released, and none where there is none (RFC 3173 §3.3)', () => {
    const directory = new Directory<string>();
    const [first, second, without] = [
      { spi: spi(256), cpi: spi(300) },
      { spi: spi(257), cpi: spi(301) },
      { spi: spi(258) },
    ] as const;
    for (const own of [first, second, without]) directory.keep(own, 'peer');
    const taken = () => [300, 301, 302].map((cpi) => directory.isCpiTaken(cpi));
    expect([taken(), directory.cpiCount]).toEqual([[true, true, false], 2]);
    directory.release(without);
    directory.release(first);
    expect([taken(), directory.cpiCount]).toEqual([[false, true, false], 1]);
    expect([256, 257, 258].map((inbound) => directory.isTaken(inbound))).toEqual([false, true, false]);
  });
});

describe('what a responder chooses', () => {
  it('is for each that it may be speaking with who takes the same, and for no other', () => {
    const of = (group: DhGroupNumber): IkeProposal => ({
      encryption: '3des-cbc',
      hash: 'sha1',
      group,
      authentication: 'pre-shared-key',
    });
    const context = (name: string, ...groups: readonly DhGroupNumber[]) => ({
      name,
      proposals: groups.map(of),
      lifetime: seconds(3600),
      lifetimeKilobytes: undefined,
      terms: DEFAULT_TERMS,
    });
    const offer = offerPhase1([of(5), of(2)], { lifetime: seconds(3600), lifetimeKilobytes: undefined });
    const contexts = [context('a', 2), context('b', 14, 2), context('c', 5), context('d', 5, 2)];
    const { candidates } = choosePhase1(offer, contexts);
    expect(candidates.map(({ context: { name }, choice }) => [name, choice.proposal.group])).toEqual([
      ['a', 2],
      ['b', 2],
      ['d', 2],
    ]);
  });
});

describe('a collision', () => {
  const contender = (
    role: Role,
    startedAt: number,
    establishedAt: number,
    ...values: readonly [number, number]
  ): Contender => ({
    role,
    startedAt: startedAt as Instant,
    establishedAt: establishedAt as Instant,
    lowest: lowest(Uint8Array.of(values[0]), Uint8Array.of(values[1])),
  });
  const mirrored = (sa: Contender): Contender => ({ ...sa, role: sa.role === 'initiator' ? 'responder' : 'initiator' });

  it('ends the same way whichever end looks and whichever SA came first, and one end deletes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(255), { minLength: 4, maxLength: 4 }), ([a = 0, b = 0, c = 0, d = 0]) => {
        const [ours, theirs] = [contender('initiator', 0, 20, a, b), contender('responder', 10, 30, c, d)];
        const here = decide(ours, theirs);
        const there = decide(mirrored(theirs), mirrored(ours));
        expect(there.goes.lowest).toBe(here.goes.lowest);
        expect(here.deletesHere).not.toBe(there.deletesHere);
        expect(here.goes.lowest).toBe(String.fromCharCode(Math.min(a, b, c, d)));
      }),
    );
  });

  it('is none where one came after the other: the newer stays, and who made it deletes the older', () => {
    const older = contender('responder', 0, 20, 200, 201);
    expect(decide(older, contender('initiator', 21, 40, 1, 2))).toMatchObject({ goes: older, deletesHere: true });
    expect(decide(mirrored(older), contender('responder', 21, 40, 1, 2))).toMatchObject({ deletesHere: false });
  });

  it('is none of two that one end started', () => {
    const older = contender('initiator', 0, 20, 200, 201);
    expect(decide(older, contender('initiator', 5, 40, 1, 2)).goes).toBe(older);
  });

  it('is none of two that one end started whose last messages come the other way round', () => {
    const [older, newer] = [contender('responder', 0, 40, 1, 2), contender('responder', 5, 20, 200, 201)];
    for (const { goes } of [decide(newer, older), decide(older, newer)]) expect(goes).toBe(older);
  });
});

describe('attributes', () => {
  const life = IPSEC_ATTRIBUTE;
  const long = (...octets: readonly number[]): Uint8Array => Uint8Array.from(octets);

  it.each<[string, readonly Attribute[], number | undefined, number | undefined]>([
    [
      'seconds of two octets',
      [
        { type: 1, value: 1 },
        { type: 2, value: 3600 },
      ],
      3600,
      undefined,
    ],
    [
      'seconds of four octets',
      [
        { type: 1, value: 1 },
        { type: 2, value: long(0, 1, 0x51, 0x80) },
      ],
      86_400,
      undefined,
    ],
    [
      'seconds of three octets',
      [
        { type: 1, value: 1 },
        { type: 2, value: long(1, 0x51, 0x80) },
      ],
      86_400,
      undefined,
    ],
    [
      'seconds of eight octets',
      [
        { type: 1, value: 1 },
        { type: 2, value: long(0, 0, 0, 0, 0, 1, 0x51, 0x80) },
      ],
      86_400,
      undefined,
    ],
    [
      'both kinds',
      [
        { type: 1, value: 1 },
        { type: 2, value: 60 },
        { type: 1, value: 2 },
        { type: 2, value: 5 },
      ],
      60,
      5,
    ],
    ['neither', [], undefined, undefined],
  ])('tell lifetimes of %s (RFC 2407 §4.5)', (_name, attributes, lifetime, kilobytes) => {
    expect(readAttributes(attributes, life)).toMatchObject({ seconds: lifetime, kilobytes });
  });

  it.each<[string, readonly Attribute[]]>([
    ['a duration without a type', [{ type: 2, value: 3600 }]],
    [
      'a duration before its type',
      [
        { type: 2, value: 3600 },
        { type: 1, value: 1 },
      ],
    ],
    ['a type without a duration', [{ type: 1, value: 1 }]],
    [
      'two durations of one type',
      [
        { type: 1, value: 1 },
        { type: 2, value: 5 },
        { type: 1, value: 1 },
        { type: 2, value: 6 },
      ],
    ],
    [
      'one attribute twice',
      [
        { type: 4, value: 1 },
        { type: 4, value: 2 },
      ],
    ],
    ['a number of nine octets', [{ type: 4, value: new Uint8Array(9).fill(1) }]],
    ['a number of no octets', [{ type: 4, value: new Uint8Array(0) }]],
  ])('are not understood for %s', (_name, attributes) => {
    expect(readAttributes(attributes, life)).toBeUndefined();
  });

  it('are the same in any order and form, and not with one more or other', () => {
    const a: readonly Attribute[] = [
      { type: 1, value: 1 },
      { type: 2, value: long(0, 0, 0x0e, 0x10) },
      { type: 4, value: 1 },
    ];
    expect(
      sameAttributes(a, [
        { type: 4, value: 1 },
        { type: 2, value: 3600 },
        { type: 1, value: 1 },
      ]),
    ).toBe(true);
    expect(sameAttributes(a, a.slice(1))).toBe(false);
    expect(sameAttributes(a, [...a.slice(1), { type: 1, value: 2 }])).toBe(false);
    expect(
      sameAttributes(
        [
          { type: 1, value: 1 },
          { type: 1, value: 2 },
        ],
        [
          { type: 1, value: 1 },
          { type: 1, value: 1 },
        ],
      ),
    ).toBe(false);
  });
});

describe('RESPONDER-LIFETIME', () => {
  const spi = Uint8Array.of(1, 2, 3, 4);

  it('reads as it was written', () => {
    const lifetime = fc.option(fc.integer({ min: 60, max: 0xffffffff }), { nil: undefined });
    const kilobytes = fc.option(fc.integer({ min: 1, max: 0xffffffff }), { nil: undefined });
    fc.assert(
      fc.property(lifetime, kilobytes, (s, kb) => {
        const of = { lifetime: s === undefined ? undefined : seconds(s), kilobytes: kb };
        for (const life of [IPSEC_ATTRIBUTE, OAKLEY_ATTRIBUTE]) {
          expect(readResponderLifetime(responderLifetime(of, life, 3, spi), life)).toEqual(of);
        }
      }),
    );
  });

  it('cannot ask for less than a minute', () => {
    const notification = responderLifetime({ lifetime: seconds(1), kilobytes: undefined }, IPSEC_ATTRIBUTE, 3, spi);
    expect(readResponderLifetime(notification, IPSEC_ATTRIBUTE)?.lifetime).toBe(seconds(60));
  });

  it('says nothing where it says it ever again', () => {
    const notification = responderLifetime({ lifetime: seconds(60), kilobytes: undefined }, IPSEC_ATTRIBUTE, 3, spi);
    const { data } = responderLifetime({ lifetime: undefined, kilobytes: 9 }, IPSEC_ATTRIBUTE, 3, spi);
    const said = (times: number) => ({ ...notification, data: concat(...Array.from({ length: times }, () => data)) });
    expect(readResponderLifetime(said(1), IPSEC_ATTRIBUTE)).toEqual({ lifetime: undefined, kilobytes: 9 });
    expect(readResponderLifetime(said(5), IPSEC_ATTRIBUTE)).toBeUndefined();
  });

  it('says nothing in more than eight attributes, whatever they are', () => {
    const notification = responderLifetime({ lifetime: seconds(60), kilobytes: undefined }, IPSEC_ATTRIBUTE, 3, spi);
    const said = (count: number) => {
      const others = Array.from({ length: count - 2 }, (_, i) => Uint8Array.of(0xff, i, 0, 1));
      return readResponderLifetime({ ...notification, data: concat(notification.data, ...others) }, IPSEC_ATTRIBUTE);
    };
    expect(said(8)?.lifetime).toBe(seconds(60));
    expect(said(9)).toBeUndefined();
  });

  it('says nothing where its data are nonsense', () => {
    const notification = responderLifetime({ lifetime: seconds(60), kilobytes: undefined }, IPSEC_ATTRIBUTE, 3, spi);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (data) => {
        expect(() => readResponderLifetime({ ...notification, data }, IPSEC_ATTRIBUTE)).not.toThrow();
      }),
    );
    for (let length = 1; length < notification.data.length; length++) {
      const data = notification.data.subarray(0, length);
      expect(readResponderLifetime({ ...notification, data }, IPSEC_ATTRIBUTE)).toBeUndefined();
    }
  });
});

describe('identities', () => {
  it.each<[Identification, Identification, boolean]>([
    [ipv4AddressId('10.1.2.3'), ipv4SubnetId('10.1.0.0/16'), true],
    [ipv4SubnetId('10.1.2.0/24'), ipv4SubnetId('10.1.0.0/16'), true],
    [ipv4SubnetId('10.1.0.0/16'), ipv4SubnetId('10.1.2.0/24'), false],
    [ipv4SubnetId('10.2.0.0/16'), ipv4SubnetId('10.1.0.0/16'), false],
    [ipv4RangeId('10.1.0.1', '10.1.0.9'), ipv4SubnetId('0.0.0.0/0'), true],
    [ipv4RangeId('10.1.0.1', '10.1.1.9'), ipv4SubnetId('10.1.0.0/24'), false],
    [ipv4SubnetId('10.1.0.0/24', { protocol: 6, port: 80 }), ipv4SubnetId('10.1.0.0/16'), true],
    [ipv4SubnetId('10.1.0.0/24'), ipv4SubnetId('10.1.0.0/16', { protocol: 6, port: 80 }), false],
    [ipv4SubnetId('10.1.0.0/24', { protocol: 6 }), ipv4SubnetId('10.1.0.0/16', { protocol: 6, port: 80 }), false],
    [ipv4AddressId('10.1.0.1', { protocol: 17, port: 1701 }), ipv4SubnetId('10.1.0.0/16', { protocol: 17 }), true],
    [ipv4AddressId('10.1.0.1', { protocol: 17 }), ipv4SubnetId('10.1.0.0/16', { protocol: 6 }), false],
    [ipv6RangeId('2001:db8::1', '2001:db8::9'), ipv6RangeId('2001:db8::', '2001:db8::ff'), true],
    [ipv6RangeId('2001:db8::1', '2001:db8::ffff'), ipv6RangeId('2001:db8::', '2001:db8::ff'), false],
    [ipv6SubnetId('2001:db8::/64'), ipv6SubnetId('2001:db8::/32'), true],
    [ipv4SubnetId('10.1.0.0/16'), ipv6SubnetId('::/0'), false],
  ])('are within each other or not: %#', (part, whole, within) => {
    expect(identificationWithin(part, whole)).toBe(within);
  });

  it.each([
    [0, 0, true],
    [17, 500, true],
    [17, 0, true],
    [17, 1234, false],
    [6, 500, false],
    [0, 500, false],
  ])('of phase 1 have protocol and port 0 and 0, or 17 and a port of IKE or 0: %i and %i', (protocol, port, good) => {
    const remoteIdentity = ipv4AddressId('10.1.15.1');
    const expected = { remoteIdentity, isKnownByAddress: true, terms: DEFAULT_TERMS };
    const check = (): unknown => checkPeerIdentity({ ...remoteIdentity, protocol, port }, expected);
    if (good) expect(check).not.toThrow();
    else expect(check).toThrow(Refusal);
  });
});

describe('payload rules', () => {
  const rules: PayloadRules = { first: ['hash'], counts: { hash: [1, 1], nonce: [0, 2] } };
  const octets = { raw: new Uint8Array(4), body: new Uint8Array(0), data: new Uint8Array(0) };
  const hash = { kind: 'hash', ...octets } as const;
  const nonce = { kind: 'nonce', ...octets } as const;
  const unknown = (type: number): { kind: 'unknown'; type: number } & typeof octets => ({
    kind: 'unknown',
    type,
    ...octets,
  });

  it('take what they name, as often as they say, in the order they say', () => {
    expect(() => checkPayloads(rules, [hash, nonce, nonce])).not.toThrow();
    expect(() => checkPayloads(rules, [hash, nonce, nonce, nonce])).toThrow('unexpected-payload');
    expect(() => checkPayloads(rules, [nonce])).toThrow('missing-payload');
    expect(() => checkPayloads(rules, [nonce, hash])).toThrow('payload-order');
    expect(() => checkPayloads(rules, [])).toThrow('missing-payload');
  });

  it("pass over payload types for private use, and refuse those that are nobody's yet", () => {
    expect(() => checkPayloads(rules, [hash, unknown(200)])).not.toThrow();
    expect(() => checkPayloads(rules, [hash, unknown(99)])).toThrow('unexpected-payload');
  });
});
