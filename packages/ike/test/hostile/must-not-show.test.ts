import type { IkeEndpoint } from '@espalier/ike';
import {
  concat,
  DOI_IPSEC,
  decodeHeader,
  decodeMessage,
  EXCHANGE,
  encodeMessage,
  FLAG,
  fromHex,
  type Identification,
  NOTIFY,
  type Payload,
  PROTOCOL_ID,
  seconds,
  toHex,
  writeU32,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { openMessage } from '../../src/exchange/exchange.ts';
import { UNDECIPHERABLE_MOST } from '../../src/limits.ts';
import { randomSpi } from '../../src/runtime/random.ts';
import { hash3 } from '../../src/v1/keying.ts';
import type { Established } from '../../src/v1/phase1/phase1.ts';
import { firstIv, sealPhase2 } from '../../src/v1/phase2/phase2.ts';
import { offerPhase1 } from '../../src/v1/proposals/phase1.ts';
import { offerPhase2 } from '../../src/v1/proposals/phase2.ts';
import { sealMessage } from '../../src/v1/protection.ts';
import { offeredIdentities } from '../../src/v1/quick-mode/quick.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { Forger, flipped } from '../support/forger.ts';
import { childPolicy, Pair, peerConfig, type Side, START, tunnelled } from '../support/pair.ts';
import { answerTo, signing } from '../support/signing.ts';

/**
 * The deviations that learners of state machines and the CVEs of two well-known implementations have shown, by number:
 * none of them may show here.
 */

const deleteOf = (sa: Pick<Established, 'cookies'>): Payload => ({
  kind: 'delete',
  doi: DOI_IPSEC,
  protocol: PROTOCOL_ID.isakmp,
  spiOctets: 16,
  spis: [concat(sa.cookies.initiator, sa.cookies.responder)],
});

const notify = (type: keyof typeof NOTIFY): Payload => ({
  kind: 'notification',
  doi: DOI_IPSEC,
  protocol: PROTOCOL_ID.isakmp,
  notifyType: NOTIFY[type],
  spi: new Uint8Array(0),
  data: new Uint8Array(0),
});

/** Everything of an endpoint that a caller can see, counters apart. */
function visible(endpoint: IkeEndpoint): unknown {
  return [endpoint.ikeSas(), endpoint.children(), endpoint.pollTimeout()];
}

function withExchange(octets: Uint8Array, exchange: number, messageId: number): Uint8Array {
  const copy = octets.slice();
  copy[18] = exchange;
  writeU32(copy, 20, messageId);
  return copy;
}

describe('1: phase 2 before phase 1 is authenticated', () => {
  it.each([
    ['after message 1', 1],
    ['after message 3', 2],
  ] as const)('is refused in silence %s, encrypted or not', (_name, count) => {
    for (const exchange of [EXCHANGE.quick, EXCHANGE.informational, EXCHANGE.transaction, EXCHANGE.newGroup]) {
      const forger = new Forger();
      const { octets, state } = forger.mainMode(count);
      const [reply] = forger.send(octets).replies;
      const cookies = { cookies: { initiator: octets.subarray(0, 8), responder: reply?.subarray(8, 16) ?? octets } };
      const before = visible(forger.endpoint);
      const clear = withExchange(forger.clear(cookies, [deleteOf(cookies)]), exchange, 7);
      const encrypted = concat(clear.subarray(0, 19), Uint8Array.of(FLAG.encryption), clear.subarray(20));
      for (const message of [clear, encrypted]) {
        const { result, replies } = forger.send(message);
        expect(result.ok).toBe(false);
        expect(replies).toEqual([]);
      }
      expect(visible(forger.endpoint)).toEqual(before);
      expect(forger.events).toEqual([]);
      expect(reply && forger.answer(state, reply).state).toBeDefined();
    }
  });

  it('leaves a child that is only negotiated without leave to send', () => {
    const forger = new Forger();
    const sa = forger.establish();
    const { reply, next } = forger.quick(sa, 5);
    const [answer] = forger.send(reply).replies;
    expect(forger.kinds()).toEqual(['ike-established', 'child-negotiated']);
    expect(forger.endpoint.children()).toMatchObject([{ state: 'negotiated' }]);
    // HASH(3) of other nonces.
    const second = answer ?? reply;
    const { nextIv } = openMessage(next[0].protection, { header: forger.header(second), octets: second });
    const wrong = hash3(sa.keys.hash, sa.keys.a, 5, new Uint8Array(16), new Uint8Array(16));
    const message = sealPhase2({ ...sa, messageId: 5 }, EXCHANGE.quick, nextIv, () => wrong, []).octets;
    expect(forger.send(message).result).toEqual({ ok: false, reason: 'hash-mismatch' });
    expect(forger.kinds()).toEqual(['ike-established', 'child-negotiated']);
  });
});

describe('2: a proof of identity that is none', () => {
  /** Message 5 with other payloads than it should have. */
  const forged = (forger: Forger, payloads: (id: Payload, hash: Payload) => readonly Payload[]): Uint8Array => {
    const started = forger.mainMode(3);
    const header = forger.header(started.octets);
    const { cipher, iv, payloads: own } = forger.openOwn(started);
    const [id, hash] = own;
    if (id === undefined || hash === undefined) throw new Error('no message 5');
    const fields = {
      initiatorCookie: header.initiatorCookie,
      responderCookie: header.responderCookie,
      exchange: EXCHANGE.main,
      messageId: 0,
    };
    return sealMessage(cipher, iv, fields, payloads(id, hash)).octets;
  };
  const shorter = (hash: Payload, by: number): Payload =>
    hash.kind === 'hash' ? { kind: 'hash', data: hash.data.subarray(0, hash.data.length - by) } : hash;
  const longer = (hash: Payload): Payload =>
    hash.kind === 'hash' ? { kind: 'hash', data: concat(hash.data, new Uint8Array(4)) } : hash;
  const signature: Payload = { kind: 'signature', data: new Uint8Array(20) };

  it.each<[string, string, (id: Payload, hash: Payload) => readonly Payload[]]>([
    ['without HASH', 'missing-payload', (id) => [id]],
    ['without an identification', 'missing-payload', (_id, hash) => [hash]],
    ['with a HASH one octet short', 'authentication-failed', (id, hash) => [id, shorter(hash, 1)]],
    ['with a HASH of no octets', 'authentication-failed', (id, hash) => [id, shorter(hash, 20)]],
    ['with a HASH that is longer', 'authentication-failed', (id, hash) => [id, longer(hash)]],
    ['with two of them', 'unexpected-payload', (id, hash) => [id, hash, hash]],
    ['with a signature instead', 'unexpected-payload', (id) => [id, signature]],
  ])('is refused: message 5 %s', (_name, reason, payloads) => {
    const forger = new Forger();
    const message = forged(forger, payloads);
    const before = visible(forger.endpoint);
    expect(forger.send(message).result).toEqual({ ok: false, reason });
    expect(visible(forger.endpoint)).toEqual(before);
    expect(forger.events).toEqual([]);
  });

  it('is refused: message 5 in clear', () => {
    const forger = new Forger();
    const started = forger.mainMode(3);
    const { octets } = started;
    const body = forger.openOwn(started);
    const { initiatorCookie, responderCookie } = forger.header(octets);
    const fields = { initiatorCookie, responderCookie, exchange: EXCHANGE.main, flags: 0, messageId: 0 };
    expect(forger.send(encodeMessage(fields, body.payloads)).result).toEqual({ ok: false, reason: 'not-encrypted' });
    expect(forger.send(octets).result).toEqual({ ok: true });
  });
});

describe('3: an Informational exchange without a right HASH(1)', () => {
  it.each(['wrong', 'missing', 'short'] as const)('is not acted on when it is %s', (kind) => {
    const forger = new Forger();
    const sa = forger.establish();
    const before = visible(forger.endpoint);
    const hashOf = { wrong: new Uint8Array(20), missing: undefined, short: new Uint8Array(3) }[kind];
    const fields = { initiatorCookie: sa.cookies.initiator, responderCookie: sa.cookies.responder };
    const message =
      hashOf === undefined
        ? sealMessage(sa.keys.cipher, firstIv(sa, 9), { ...fields, exchange: 5, messageId: 9 }, [deleteOf(sa)]).octets
        : forger.seal(sa, EXCHANGE.informational, 9, [deleteOf(sa)], () => hashOf);
    expect(forger.send(message).result.ok).toBe(false);
    expect(visible(forger.endpoint)).toEqual(before);
  });

  it('is not acted on in clear once there are keys', () => {
    const forger = new Forger();
    const sa = forger.establish();
    for (const payload of [deleteOf(sa), notify('INITIAL-CONTACT'), notify('INVALID-COOKIE')]) {
      expect(forger.send(forger.clear(sa, [payload])).result).toEqual({ ok: false, reason: 'not-encrypted' });
    }
    expect(forger.events.slice(1)).toMatchObject([
      { kind: 'notified', name: 'INITIAL-CONTACT', authenticated: false },
      { kind: 'notified', name: 'INVALID-COOKIE', authenticated: false },
    ]);
    expect(forger.endpoint.ikeSas()).toHaveLength(1);
  });

  it('creates nothing for unknown cookies', () => {
    const forger = new Forger();
    const cookies = { initiator: fromHex('0102030405060708'), responder: fromHex('1112131415161718') };
    for (const payload of [deleteOf({ cookies }), notify('INVALID-SPI')]) {
      const { result, replies } = forger.send(forger.clear({ cookies }, [payload]));
      expect(result).toEqual({ ok: false, reason: 'unknown-cookies' });
      expect(replies).toEqual([]);
    }
    expect(visible(forger.endpoint)).toEqual([[], [], undefined]);
  });

  it('is acted on when it is right', () => {
    const forger = new Forger();
    const sa = forger.establish();
    expect(forger.send(forger.seal(sa, EXCHANGE.informational, 9, [deleteOf(sa)])).result).toEqual({ ok: true });
    expect(forger.endpoint.ikeSas()).toEqual([]);
    expect(forger.events.at(-1)).toMatchObject({ kind: 'ike-deleted', reason: 'peer-deleted' });
  });
});

describe('4: one bad message', () => {
  it.each([1, 2, 3] as const)(
    'in the place of our message %i leaves the state as it was, and the good one goes on',
    (count) => {
      const forger = new Forger();
      const { octets } = forger.mainMode(count);
      for (const bad of [
        flipped(octets, 16),
        flipped(octets, 17),
        octets.subarray(0, octets.length - 1),
        flipped(octets, 29),
      ]) {
        expect(forger.send(bad).result.ok).toBe(false);
      }
      expect(forger.send(octets).result).toEqual({ ok: true });
      new Forger().establish();
      expect(forger.establish().role).toBe('initiator');
    },
  );
});

describe('5: a peer that is not authenticated', () => {
  it('cannot tear down by a fresh message 1 or 3 what is waiting for message 5', () => {
    const forger = new Forger();
    const { octets, state } = forger.mainMode(3);
    const before = forger.endpoint.ikeSas();
    const { initiatorCookie, responderCookie } = forger.header(octets);
    const fields = { initiatorCookie, responderCookie, exchange: EXCHANGE.main, flags: 0, messageId: 0 };
    const { proposals, lifetime } = peerConfig('R2');
    const fresh: readonly Uint8Array[] = [
      encodeMessage(fields, [
        { kind: 'ke', data: new Uint8Array(128).fill(7) },
        { kind: 'nonce', data: new Uint8Array(16).fill(9) },
      ]),
      encodeMessage(fields, [offerPhase1(proposals, { lifetime })]),
      forger.clear({ cookies: { initiator: initiatorCookie, responder: responderCookie } }, [
        notify('AUTHENTICATION-FAILED'),
      ]),
    ];
    // The first may be the peer's own, and what was there may not: message 5 tells.
    expect(fresh.map((message) => forger.send(message).result.ok)).toEqual([true, false, true]);
    expect(forger.events).toMatchObject([{ kind: 'notified', authenticated: false }]);
    expect(forger.endpoint.ikeSas()).toMatchObject(
      before.map(({ initiatorCookie: cookie, state: s }) => ({ initiatorCookie: cookie, state: s })),
    );
    const [reply] = forger.send(octets).replies;
    expect(reply && forger.answer(state, reply).sa?.role).toBe('initiator');
  });
});

describe('6: a header length that disagrees with the datagram', () => {
  const lengths: readonly (readonly [string, (octets: Uint8Array) => Uint8Array])[] = [
    ['0xFF000000', (octets) => withLength(octets, 0xff000000)],
    ['one too many', (octets) => withLength(octets, octets.length + 1)],
    ['one too few', (octets) => withLength(octets, octets.length - 1)],
    ['27', (octets) => withLength(octets, 27)],
    ['0', (octets) => withLength(octets, 0)],
    ['right, with an octet after it', (octets) => concat(octets, Uint8Array.of(1))],
  ];
  it.each(lengths)('is refused: %s', (_name, change) => {
    const forger = new Forger();
    const { octets } = forger.start();
    expect(forger.send(change(octets)).result).toEqual({ ok: false, reason: 'malformed' });
    expect(forger.endpoint.ikeSas()).toEqual([]);
  });

  it('is no such thing where two whole messages share a datagram', () => {
    const forger = new Forger();
    expect(forger.send(concat(forger.start().octets, forger.start().octets)).replies).toHaveLength(2);
  });
});

describe('7: an authentication method that nobody has', () => {
  const withMethod = (octets: Uint8Array, method: number): Uint8Array => {
    const hex = toHex(octets).replace('80030001', `8003${method.toString(16).padStart(4, '0')}`);
    return fromHex(hex);
  };

  it.each([65535, 2, 3, 0])('is answered with NO-PROPOSAL-CHOSEN, not with a pre-shared key: %i', (method) => {
    const forger = new Forger();
    const { result, replies } = forger.send(withMethod(forger.start().octets, method));
    expect(result).toEqual({ ok: false, reason: 'no-proposal-chosen' });
    expect(replies.map((reply) => decodeMessage(reply).payloads)).toMatchObject([
      [{ notifyType: NOTIFY['NO-PROPOSAL-CHOSEN'] }],
    ]);
  });

  it('is refused by an initiator that offered another, as is every other change to its transform', () => {
    const pair = new Pair().initiate();
    pair.runUntil(() => pair.sent.length === 2);
    const answer = pair.sent[1]?.transmit.octets ?? new Uint8Array(0);
    const changes = ['80010005:80010007', '80020002:80020004', '80030001:8003ffff', '80040002:80040005'];
    for (const change of changes) {
      const [from = '', to = ''] = change.split(':');
      const changed = fromHex(toHex(answer).replace(from, to));
      expect(toHex(changed)).not.toBe(toHex(answer));
      expect(pair.inject('R2', changed)).toEqual({ ok: false, reason: 'proposal-changed' });
    }
    expect(pair.inject('R2', answer)).toEqual({ ok: true });
  });
});

describe('8: a repeated datagram', () => {
  it('gives the cached reply and nothing else, at every step', () => {
    const engine = cheapEngine();
    const pair = new Pair({ engine }).initiate();
    pair.run(seconds(1));
    const before = pair.nodes.map(({ endpoint }) => [endpoint.children(), endpoint.ikeSas().map(({ state }) => state)]);
    const events = pair.nodes.map((node) => node.events.length);
    const keyPairs = engine.keyPairs();
    pair.network = () => [];
    const original = [...pair.sent];
    for (const { index, from, transmit } of original) {
      const answers = original.filter((flight) => flight.index === index + 1 && flight.from !== from);
      for (let i = 0; i < 3; i++) {
        const sentBefore = pair.sent.length;
        pair.inject(from === 'R2' ? 'R3' : 'R2', transmit.octets);
        const again = pair.sent.slice(sentBefore).map((flight) => toHex(flight.transmit.octets));
        // What ended with an answer is answered with the same; what the initiator's next step followed is not.
        const expected = answers.map((answer) => toHex(answer.transmit.octets));
        expect([[], expected]).toContainEqual(again);
        if (from === 'R2' && answers.length > 0) expect(again).toEqual(expected);
      }
    }
    expect(
      pair.nodes.map(({ endpoint }) => [endpoint.children(), endpoint.ikeSas().map(({ state }) => state)]),
    ).toEqual(before);
    expect(pair.nodes.map((node) => node.events.length)).toEqual(events);
    expect(engine.keyPairs()).toBe(keyPairs);
  });

  it('does not move the IVs: what follows still decrypts', () => {
    const pair = new Pair({ network: () => [10, 11, 12] }).initiate();
    pair.run(seconds(1));
    pair.on('R2', (endpoint, now) => endpoint.rekeyChild(now, endpoint.children()[0]?.inbound ?? expect.fail()));
    pair.run(seconds(1));
    expect(pair.R3.of('child-established')).toHaveLength(2);
  });
});

describe('9: message IDs', () => {
  it('are not used again: a repeated message 1 makes no new SA, nor message 3 new keys, even much later', () => {
    const pair = tunnelled();
    const flights = pair.sent.filter(({ transmit }) => transmit.octets[18] === EXCHANGE.quick);
    expect(flights).toHaveLength(3);
    for (const wait of [0, 30, 300, 3000]) {
      pair.run(seconds(wait));
      for (const { from, transmit } of flights) pair.inject(from === 'R2' ? 'R3' : 'R2', transmit.octets);
    }
    expect(pair.nodes.map((node) => node.of('child-established').length)).toEqual([1, 1]);
    expect(pair.R3.of('child-negotiated')).toHaveLength(1);
  });

  it('are not shared by exchanges of different kinds', () => {
    const forger = new Forger();
    const sa = forger.establish();
    expect(forger.send(forger.seal(sa, EXCHANGE.informational, 77, [notify('CONNECTED')])).result.ok).toBe(true);
    expect(forger.send(forger.quick(sa, 77).reply).result).toEqual({ ok: false, reason: 'message-id-reused' });
    expect(forger.send(forger.quick(sa, 78).reply).result.ok).toBe(true);
    const informational = forger.seal(sa, EXCHANGE.informational, 78, [deleteOf(sa)]);
    expect(forger.send(informational).result).toEqual({ ok: false, reason: 'message-id-reused' });
  });

  it('are never 0 in phase 2, and always in phase 1', () => {
    const forger = new Forger();
    const sa = forger.establish();
    expect(forger.send(forger.quick(sa, 0).reply).result).toEqual({ ok: false, reason: 'invalid-message-id' });
    const informational = forger.seal(sa, EXCHANGE.informational, 0, [deleteOf(sa)]);
    expect(forger.send(informational).result).toEqual({ ok: false, reason: 'invalid-message-id' });
    const { octets } = forger.start();
    expect(forger.send(withExchange(octets, EXCHANGE.main, 1)).result).toEqual({
      ok: false,
      reason: 'invalid-message-id',
    });
  });
});

describe('10: public values and cookies that cannot be', () => {
  const group2 = 128;
  const p = fromHex(
    'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff',
  );
  const small = (value: number): Uint8Array => flipped(new Uint8Array(group2), group2 - 1, value);
  const VALUES: readonly (readonly [string, Uint8Array])[] = [
    ['0', small(0)],
    ['1', small(1)],
    ['p - 1', flipped(p, group2 - 1, 1)],
    ['p', p],
    ['2^1024 - 1', new Uint8Array(group2).fill(0xff)],
    ['empty', new Uint8Array(0)],
    ['one octet short', new Uint8Array(group2 - 1).fill(2)],
    ['one octet long', new Uint8Array(group2 + 1).fill(2)],
  ];

  it.each(VALUES)('are refused with INVALID-KEY-INFORMATION before any work: %s', (_name, data) => {
    const forger = new Forger();
    const { octets } = forger.mainMode(2);
    const { initiatorCookie, responderCookie } = forger.header(octets);
    const fields = { initiatorCookie, responderCookie, exchange: EXCHANGE.main, flags: 0, messageId: 0 };
    const bad = encodeMessage(fields, [
      { kind: 'ke', data },
      { kind: 'nonce', data: new Uint8Array(16).fill(1) },
    ]);
    const { result, replies } = forger.send(bad);
    expect(result).toEqual({ ok: false, reason: 'invalid-key-exchange' });
    expect(replies.map((reply) => decodeMessage(reply).payloads)).toMatchObject([
      [{ notifyType: NOTIFY['INVALID-KEY-INFORMATION'] }],
    ]);
    expect(forger.engine.keyPairs()).toBe(0);
    expect(forger.send(octets).result).toEqual({ ok: true });
  });

  it.each(VALUES)('are refused in Quick Mode too: %s', (_name, data) => {
    const forger = new Forger({ children: [childPolicy('R3', { pfsGroup: 2 })] });
    const sa = forger.establish();
    const offer = offerPhase2(childPolicy('R2', { pfsGroup: 2 }), { spi: randomSpi(forger.rng, () => false) });
    const ids = offeredIdentities(childPolicy('R2'));
    const message = forger.seal(sa, EXCHANGE.quick, 5, [
      offer,
      { kind: 'nonce', data: new Uint8Array(16).fill(1) },
      { kind: 'ke', data },
      ...ids.map((id) => ({ kind: 'id', ...id }) as const),
    ]);
    expect(forger.send(message).result).toEqual({ ok: false, reason: 'invalid-key-exchange' });
    expect(forger.kinds()).toEqual(['ike-established']);
  });

  it('are refused when there is none, or no nonce, or a nonce of 7 or 257 octets', () => {
    const forger = new Forger();
    const { octets } = forger.mainMode(2);
    const { initiatorCookie, responderCookie } = forger.header(octets);
    const fields = { initiatorCookie, responderCookie, exchange: EXCHANGE.main, flags: 0, messageId: 0 };
    const ke: Payload = { kind: 'ke', data: small(3) };
    const nonce = (length: number): Payload => ({ kind: 'nonce', data: new Uint8Array(length).fill(1) });
    const reasons = [[nonce(16)], [ke], [ke, nonce(7)], [ke, nonce(257)], [ke, ke, nonce(16)]].map(
      (payloads) => forger.send(encodeMessage(fields, payloads)).result,
    );
    expect(reasons).toMatchObject(
      ['missing-payload', 'missing-payload', 'invalid-nonce', 'invalid-nonce', 'unexpected-payload'].map((reason) => ({
        reason,
      })),
    );
    expect(forger.send(octets).result).toEqual({ ok: true });
  });

  it("are refused as zero cookies: the initiator's anywhere, the responder's after message 1", () => {
    const pair = new Pair().initiate();
    pair.runUntil(() => pair.sent.length === 2);
    const [first, second] = pair.sent.map(({ transmit }) => transmit.octets);
    if (first === undefined || second === undefined) throw new Error('too few messages');
    const zero = new Uint8Array(8);
    expect(pair.inject('R3', concat(zero, first.subarray(8)))).toEqual({ ok: false, reason: 'zero-cookie' });
    expect(pair.inject('R2', concat(second.subarray(0, 8), zero, second.subarray(16)))).toEqual({
      ok: false,
      reason: 'zero-cookie',
    });
    expect(pair.inject('R2', second)).toEqual({ ok: true });
  });

  it.each([0, 7])(
    'are refused of an IKE SA that the caller’s answer has established: %i in the place of the responder’s (regression: taken)',
    (octet) => {
      const of = (side: Side, verify: boolean) =>
        signing(side, { mode: 'aggressive', method: 'ecdsa-256', asks: { sign: false, verify } });
      const pair = new Pair({ R2: of('R2', true), R3: of('R3', false), network: () => [] }).initiate();
      const deliver = (to: Side) => {
        const { transmit } = pair.sent.at(-1) ?? expect.unreachable('nothing is sent');
        return pair.inject(to, transmit.octets);
      };
      deliver('R3');
      deliver('R2');
      const question = pair.R2.endpoint.pollQuestion() ?? expect.unreachable('nobody is asked');
      pair.on('R2', (endpoint, now) => endpoint.answer(now, question.id, answerTo('R2', question)));
      const third = pair.sent.find(
        ({ from, transmit }) => from === 'R2' && decodeHeader(transmit.octets).flags === FLAG.encryption,
      );
      pair.inject('R3', third?.transmit.octets ?? expect.unreachable('no message 3'));
      pair.on('R3', (endpoint, now) => endpoint.close(now));
      const last = pair.sent.findLast(
        ({ from, transmit }) => from === 'R3' && decodeHeader(transmit.octets).exchange === EXCHANGE.informational,
      );
      const octets = last?.transmit.octets ?? expect.unreachable('no Delete');
      const other = concat(octets.subarray(0, 8), new Uint8Array(8).fill(octet), octets.subarray(16));
      expect(pair.inject('R2', other)).toEqual({ ok: false, reason: 'unknown-cookies' });
      expect(pair.R2.endpoint.ikeSas()).toHaveLength(1);
      expect(pair.inject('R2', octets)).toEqual({ ok: true });
      expect(pair.R2.endpoint.ikeSas()).toHaveLength(0);
    },
  );
});

describe('11: Quick Modes and Deletes that are not as they should be', () => {
  const id = (identification: Identification): Payload => ({ kind: 'id', ...identification });
  const ids = offeredIdentities(childPolicy('R2')).map(id);
  const nonce: Payload = { kind: 'nonce', data: new Uint8Array(16).fill(1) };
  const sa = (forger: Forger): Payload => offerPhase2(childPolicy('R2'), { spi: randomSpi(forger.rng, () => false) });
  const badId = (idType: number, data: string): Payload => id({ idType, protocol: 0, port: 0, data: fromHex(data) });
  const [first, second] = ids;
  if (first === undefined || second === undefined) throw new Error('no identities');

  it.each<[string, string, (forger: Forger) => readonly Payload[]]>([
    ['one identification', 'missing-payload', (f) => [sa(f), nonce, first]],
    ['three identifications', 'unexpected-payload', (f) => [sa(f), nonce, first, second, first]],
    ['no identification, and gateways that are no policy', 'invalid-identity', (f) => [sa(f), nonce]],
    ['identifications in the other order', 'invalid-identity', (f) => [sa(f), nonce, second, first]],
    ['an identification of too few octets', 'invalid-identity', (f) => [sa(f), nonce, badId(4, '0a010c00'), second]],
    ['an identification of no octets', 'invalid-identity', (f) => [sa(f), nonce, badId(1, ''), second]],
    ['a netmask with a hole', 'invalid-identity', (f) => [sa(f), nonce, badId(4, '0a010c00ff00ff00'), second]],
    ['no SA', 'missing-payload', () => [nonce, ...ids]],
    ['two SAs where there is one policy', 'no-proposal-chosen', (f) => [sa(f), sa(f), nonce, ...ids]],
    ['the SA after the nonce', 'payload-order', (f) => [nonce, sa(f), ...ids]],
    [
      'KE where nobody wants one',
      'unexpected-payload',
      (f) => [sa(f), nonce, { kind: 'ke', data: new Uint8Array(128).fill(2) }, ...ids],
    ],
    [
      'an unknown payload type',
      'unexpected-payload',
      (f) => [
        sa(f),
        nonce,
        { kind: 'unknown', type: 99, data: nonce.kind === 'nonce' ? nonce.data : new Uint8Array(0) },
        ...ids,
      ],
    ],
  ])('are refused: %s', (_name, reason, payloads) => {
    const forger = new Forger();
    const established = forger.establish();
    const message = forger.seal(established, EXCHANGE.quick, 5, payloads(forger));
    expect(forger.send(message).result).toEqual({ ok: false, reason });
    expect(forger.kinds()).toEqual(['ike-established']);
    // The peer goes on with another; whoever sends the same again later finds its message ID spent, if it was seen.
    expect(forger.send(forger.quick(established, 6).reply).result).toEqual({ ok: true });
    expect(forger.send(message).result.ok).toBe(false);
  });

  it.each([
    ['AES-GMAC', '0103000080050002', '0117000080050002'],
    ['an unknown transform', '0103000080050002', '01fa000080050002'],
    ['an unknown authentication algorithm', '80050002', '800500fa'],
    ['an unknown attribute', '80040001', '802a0001'],
    ['an unknown mode', '80040001', '8004001f'],
    ['transport mode', '80040001', '80040002'],
    ['no SPI', '01030401', '01030001'],
  ])('are refused or not chosen: %s', (_name, from, to) => {
    const forger = new Forger();
    const established = forger.establish();
    const quick = forger.open(established, forger.quick(established, 5).reply);
    const chain = toHex(quick.chain).replace(from, to);
    expect(chain).not.toBe(toHex(quick.chain));
    const { result } = forger.send(forger.sealChain(established, EXCHANGE.quick, 5, fromHex(chain)));
    expect(result.ok).toBe(false);
    expect(forger.kinds()).toEqual(['ike-established']);
  });

  it.each([0, 1, 255])('are refused for a reserved SPI: %i', (spi) => {
    const forger = new Forger();
    const established = forger.establish();
    const offer = offerPhase2(childPolicy('R2'), { spi: randomSpi(forger.rng, () => false) });
    const proposals = offer.proposals.map((proposal) => ({ ...proposal, spi: Uint8Array.of(0, 0, 0, spi) }));
    const message = forger.seal(established, EXCHANGE.quick, 5, [{ ...offer, proposals }, nonce, ...ids]);
    expect(forger.send(message).result).toEqual({ ok: false, reason: 'no-proposal-chosen' });
  });

  it('delete an SA once, however often one message says so', () => {
    const pair = tunnelled();
    const forger = new Forger();
    const established = forger.establish();
    const { reply, next } = forger.quick(established, 5);
    const [answer] = forger.send(reply).replies;
    if (answer === undefined) throw new Error('no answer');
    const step = forger.confirm({ next }, answer);
    forger.send(step.reply ?? answer);
    const spi = step.outcome?.[0]?.inbound ?? 0;
    const octets = Uint8Array.of(spi >>> 24, spi >>> 16, spi >>> 8, spi);
    const payload: Payload = {
      kind: 'delete',
      doi: 1,
      protocol: PROTOCOL_ID.esp,
      spiOctets: 4,
      spis: [octets, octets, octets],
    };
    const { result } = forger.send(
      forger.seal(established, EXCHANGE.informational, 6, [
        payload,
        payload,
        deleteOf(established),
        deleteOf(established),
      ]),
    );
    expect(result).toEqual({ ok: true });
    expect(forger.kinds()).toEqual([
      'ike-established',
      'child-negotiated',
      'child-established',
      'child-deleted',
      'ike-deleted',
    ]);
    expect(pair.R2.of('child-deleted')).toEqual([]);
  });

  it('with more payloads than a message may have are refused, in clear and encrypted', () => {
    const forger = new Forger();
    const established = forger.establish();
    const bomb = Array.from({ length: 2000 }, (): Payload => ({ kind: 'vendor-id', data: new Uint8Array(0) }));
    expect(forger.send(forger.seal(established, EXCHANGE.informational, 6, bomb)).result).toEqual({
      ok: false,
      reason: 'undecipherable',
    });
    expect(forger.send(forger.clear(established, bomb)).result.ok).toBe(false);
  });
});

describe('12: amplification', () => {
  it('is none: a first message is answered once, with no more than it had, and no timer repeats that', () => {
    const forger = new Forger();
    const { octets } = forger.start();
    const [reply, ...more] = forger.send(octets).replies;
    expect(more).toEqual([]);
    expect(reply?.length).toBeLessThanOrEqual(octets.length);
    for (let t = 1; t < 200; t++) {
      forger.endpoint.handleTimeout((START + seconds(t)) as typeof START);
      expect(forger.drain()).toEqual([]);
    }
    expect(forger.engine.keyPairs()).toBe(0);
  });

  it('is none of message 3 either', () => {
    const forger = new Forger();
    const { octets } = forger.mainMode(2);
    const [reply] = forger.send(octets).replies;
    expect(reply?.length).toBeLessThanOrEqual(octets.length + 16);
    for (let t = 1; t < 200; t++) {
      forger.endpoint.handleTimeout((START + seconds(t)) as typeof START);
      expect(forger.drain()).toEqual([]);
    }
  });
});

describe('13: what does not decrypt under a cookie that is right', () => {
  const garbage = (header: Uint8Array, blocks: number): Uint8Array => {
    const body = new Uint8Array(8 * blocks);
    seededRng(blocks).fill(body);
    const message = concat(header.subarray(0, 28), body);
    return withLength(message, message.length);
  };

  it('does not move the IV or end the exchange: the right message 5 is still accepted', () => {
    const forger = new Forger();
    const { octets, state } = forger.mainMode(3);
    for (let blocks = 1; blocks < UNDECIPHERABLE_MOST; blocks++)
      expect(forger.send(garbage(octets, blocks)).result.ok).toBe(false);
    expect(forger.events).toEqual([]);
    const [reply] = forger.send(octets).replies;
    expect(reply && forger.answer(state, reply).sa?.role).toBe('initiator');
  });

  it('leaves Quick Mode and Informational exchanges as they were', () => {
    const forger = new Forger();
    const sa = forger.establish();
    const { reply, next } = forger.quick(sa, 5);
    for (let blocks = 1; blocks < UNDECIPHERABLE_MOST; blocks++)
      expect(forger.send(garbage(reply, blocks)).result.ok).toBe(false);
    const [answer] = forger.send(reply).replies;
    for (let blocks = 1; blocks < UNDECIPHERABLE_MOST; blocks++)
      expect(forger.send(garbage(reply, blocks)).result.ok).toBe(false);
    if (answer === undefined) throw new Error('no answer');
    const step = forger.confirm({ next }, answer);
    expect(forger.send(step.reply ?? answer).result).toEqual({ ok: true });
    expect(forger.kinds()).toEqual(['ike-established', 'child-negotiated', 'child-established']);
  });
});

function withLength(octets: Uint8Array, length: number): Uint8Array {
  const copy = octets.slice();
  writeU32(copy, 24, length);
  return copy;
}
