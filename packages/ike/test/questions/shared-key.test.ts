import type { Answer, Endpoint, ExchangeMode, Question } from '@espalier/ike';
import { EXCHANGE, fqdnId, fromAscii, milliseconds, seconds, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { QUESTIONS_OF_UNREACHED_IN_ALL, QUESTIONS_OF_UNREACHED_PER_ADDRESS } from '../../src/limits.ts';
import { begin } from '../aggressive-mode/client.ts';
import { Forger } from '../support/forger.ts';
import { NatBed } from '../support/nat-bed.ts';
import { catchUp, type Flight, Pair, type PairOptions, type PeerChanges, R2, R3, type Side } from '../support/pair.ts';

const RIGHT: Answer = { kind: 'shared-key', key: fromAscii('juniper') };
const WRONG: Answer = { kind: 'shared-key', key: fromAscii('another') };
const NONE: Answer = { kind: 'shared-key', key: undefined };

interface Case {
  readonly mode: ExchangeMode;
  /** Who asks. */
  readonly side: Side;
}

/** R2 begins. In Main Mode the key is found by the address, in Aggressive Mode by the identity. */
const CASES: readonly Case[] = (['main', 'aggressive'] as const).flatMap((mode) =>
  (['R2', 'R3'] as const).map((side) => ({ mode, side })),
);

function asking({ mode, side }: Case, options: PairOptions = {}): Pair {
  const of = (other: Side): PeerChanges => ({ mode, ...(other === side ? { preSharedKey: 'ask' } : {}) });
  return new Pair({ ...options, R2: { ...of('R2'), ...options.R2 }, R3: { ...of('R3'), ...options.R3 } }).initiate();
}

/** Lets time pass until there is a question. */
function asked(pair: Pair, { side }: Case): Question {
  pair.run(milliseconds(100));
  const question = pair[side].endpoint.pollQuestion();
  if (question === undefined) throw new Error('nobody asks');
  return question;
}

function answer(pair: Pair, { side }: Case, { id }: Question, given: Answer) {
  return pair.on(side, (endpoint, now) => endpoint.answer(now, id, given));
}

function isUp(pair: Pair): boolean {
  return pair.nodes.every(
    ({ endpoint }) => endpoint.children().length === 1 && endpoint.ikeSas()[0]?.state === 'ready',
  );
}

/** Nothing of a negotiation that came to nothing: no IKE SA, no question, no timer but for a shared key pair. */
function expectNothingLeft(pair: Pair, side: Side): void {
  const { endpoint } = pair[side];
  expect(endpoint.ikeSas()).toEqual([]);
  expect(endpoint.pollQuestion()).toBeUndefined();
  pair.run(seconds(121));
  expect(endpoint.pollTimeout()).toBeUndefined();
}

describe.each(CASES)('in $mode mode $side asks for the key', (test) => {
  const { mode, side } = test;
  const role = side === 'R2' ? 'initiator' : 'responder';

  it('once, with what is known of the peer', () => {
    const pair = asking(test);
    const question = asked(pair, test);
    expect(question).toMatchObject({ kind: 'shared-key', role, remote: side === 'R2' ? R3 : R2 });
    expect(question.identity === undefined).toBe(mode === 'main');
    expect(pair[side].endpoint.pollQuestion()).toBeUndefined();
  });

  it.each([0, 5, 20])('and the tunnel is there whether the answer comes at once or after %s s', (after) => {
    const pair = asking(test);
    const question = asked(pair, test);
    pair.run(seconds(after));
    expect(isUp(pair)).toBe(false);
    expect(answer(pair, test, question, RIGHT)).toEqual({ ok: true });
    pair.run(seconds(40));
    expect(isUp(pair)).toBe(true);
    expect(pair.nodes.flatMap((node) => node.of('ike-failed'))).toEqual([]);
  });

  it('and with none says so, and leaves nothing', () => {
    const pair = asking(test);
    answer(pair, test, asked(pair, test), NONE);
    pair.run(seconds(100));
    expectNothingLeft(pair, side);
    expect(pair[side].of('ike-failed')[0]).toMatchObject({ reason: 'no-shared-key', role });
  });

  it('and with a wrong one nothing is established', () => {
    const pair = asking(test);
    answer(pair, test, asked(pair, test), WRONG);
    for (let i = 0; i < 20; i++) {
      pair.run(seconds(10));
      const again = pair[side].endpoint.pollQuestion();
      if (again !== undefined) answer(pair, test, again, WRONG);
    }
    expect(pair.nodes.flatMap((node) => node.of('ike-established'))).toEqual([]);
    for (const { endpoint } of pair.nodes) expect(endpoint.ikeSas()).toEqual([]);
  });

  it('and without any answer ends in time, and leaves nothing', () => {
    const pair = asking(test);
    const question = asked(pair, test);
    pair.run(seconds(61));
    expect(pair[side].of('ike-failed')).toMatchObject([{ reason: 'question-unanswered', role }]);
    expect(answer(pair, test, question, RIGHT)).toEqual({ ok: false, reason: 'unknown-question' });
    pair.run(seconds(40));
    expectNothingLeft(pair, side);
  });

  it('and takes one answer: the second finds nobody', () => {
    const pair = asking(test);
    const question = asked(pair, test);
    expect(answer(pair, test, question, RIGHT)).toEqual({ ok: true });
    const sent = pair.sent.length;
    expect(answer(pair, test, question, WRONG)).toEqual({ ok: false, reason: 'unknown-question' });
    expect(pair.sent).toHaveLength(sent);
    pair.run(seconds(40));
    expect(isUp(pair)).toBe(true);
  });

  it('and what it asked is nobody’s any more once the peer is removed, or the endpoint closed', () => {
    for (const end of ['remove', 'close'] as const) {
      const pair = asking(test);
      const question = asked(pair, test);
      pair.on(side, (endpoint, now) => {
        if (end === 'close') endpoint.close(now);
        else endpoint.removePeer(now, pair[side].peer);
      });
      expect(pair[side].endpoint.pollQuestion()).toBeUndefined();
      const { ok } = answer(pair, test, question, RIGHT);
      if (end === 'close' || side === 'R2') expect(ok).toBe(false);
      pair.run(seconds(5));
      expect(pair[side].of('ike-established')).toEqual([]);
    }
  });

  it('and meanwhile a repeated message is neither answered nor refused', () => {
    const pair = asking(test);
    const question = asked(pair, test);
    const last = pair.sent.findLast(({ from }) => from !== side);
    if (last === undefined) throw new Error('the peer has sent nothing');
    const { counters } = pair[side].endpoint;
    const [before, sent] = [{ ...counters }, pair.sent.length];
    for (let i = 0; i < 5; i++) expect(pair.inject(side, last.transmit.octets)).toEqual({ ok: true });
    expect(counters).toEqual(before);
    expect(pair.sent).toHaveLength(sent);
    expect(pair[side].endpoint.pollQuestion()).toBeUndefined();
    answer(pair, test, question, RIGHT);
    const answers = pair.sent.slice(sent).map(({ transmit }) => toHex(transmit.octets));
    if (side === 'R3') {
      pair.inject(side, last.transmit.octets);
      expect(toHex(pair.sent.at(-1)?.transmit.octets ?? new Uint8Array(0))).toBe(answers[0]);
    }
    pair.run(seconds(40));
    expect(isUp(pair)).toBe(true);
  });

  it('and the same inputs and answers give the same octets', () => {
    const run = (): readonly string[] => {
      const pair = asking(test, { seed: 4 });
      const question = asked(pair, test);
      pair.run(seconds(3));
      answer(pair, test, question, RIGHT);
      pair.run(seconds(5));
      expect(isUp(pair)).toBe(true);
      return pair.sent.map(({ from, transmit, sentAt }: Flight) => `${from} ${sentAt} ${toHex(transmit.octets)}`);
    };
    expect(run()).toEqual(run());
  });

  it('and behind a NAT a repeated message is no other', () => {
    const of = (other: Side): PeerChanges => ({ mode, ...(other === side ? { preSharedKey: 'ask' } : {}) });
    const bed = new NatBed({ behind: ['R2'], R2: of('R2'), R3: of('R3') }).initiate().run(milliseconds(500));
    const question = bed[side].endpoint.pollQuestion();
    const last = bed.crossed.findLast(({ from }) => from !== side);
    if (question === undefined || last === undefined) throw new Error('nobody asks');
    const destination: Endpoint =
      side === 'R2' ? { ...last.destination, address: '192.168.2.1', port: 500 } : last.destination;
    expect(bed.inject(side, { ...last, destination })).toEqual({ ok: true });
    bed.on(side, (endpoint, now) => endpoint.answer(now, question.id, RIGHT));
    bed.run(seconds(20));
    for (const { endpoint } of [bed.R2, bed.R3]) {
      expect(endpoint.ikeSas()).toMatchObject([{ state: 'ready', local: { port: 4500 } }]);
    }
  });
});

describe('questions under a flood of first messages', () => {
  const changes: PeerChanges = {
    mode: 'aggressive',
    remote: { addresses: 'any' },
    remoteIdentity: 'any',
    preSharedKey: 'ask',
  };
  const flooded = (count: number, addressOf: (i: number) => string): Forger => {
    const forger = new Forger(changes);
    const { octets } = begin(forger);
    for (let i = 0; i < count; i++) {
      octets.set([i >> 8, i], 0);
      forger.endpoint.handleDatagram(forger.now, { address: addressOf(i), port: 500 }, R3, octets);
    }
    return forger;
  };
  const questionsOf = ({ endpoint }: Forger): readonly Question[] => {
    const questions: Question[] = [];
    for (let one = endpoint.pollQuestion(); one !== undefined; one = endpoint.pollQuestion()) questions.push(one);
    return questions;
  };

  it.each([
    ['everywhere', QUESTIONS_OF_UNREACHED_IN_ALL, (i: number) => `198.18.${i >> 8}.${i & 0xff}`],
    ['one address', QUESTIONS_OF_UNREACHED_PER_ADDRESS, () => '198.18.0.1'],
  ] as const)('from %s are bounded, and so is what waits for them: the oldest give way', (_, most, addressOf) => {
    const forger = flooded(most + 100, addressOf);
    expect(forger.endpoint.ikeSas()).toHaveLength(most);
    const questions = questionsOf(forger);
    expect(questions).toHaveLength(most);
    expect(questions[0]?.id).toBe(101);
    expect(forger.endpoint.answer(forger.now, 1, RIGHT)).toEqual({ ok: false, reason: 'unknown-question' });
    expect(forger.endpoint.answer(forger.now, 101, RIGHT)).toEqual({ ok: true });
    expect(forger.events).toEqual([]);
  });

  it('are bounded even where the caller takes them and never answers', () => {
    const forger = new Forger(changes);
    const { octets } = begin(forger);
    for (let i = 0; i < QUESTIONS_OF_UNREACHED_IN_ALL + 200; i++) {
      octets.set([i >> 8, i], 0);
      const from = { address: `198.18.${i >> 8}.${i & 0xff}`, port: 500 };
      forger.endpoint.handleDatagram(forger.now, from, R3, octets);
      expect(forger.endpoint.pollQuestion()).toBeDefined();
    }
    expect(forger.endpoint.ikeSas()).toHaveLength(QUESTIONS_OF_UNREACHED_IN_ALL);
    forger.now = (forger.now + 61_000) as typeof forger.now;
    catchUp(forger.endpoint, forger.now);
    expect(forger.endpoint.ikeSas()).toEqual([]);
  });

  it('come after that of a peer that has shown that it is there', () => {
    const forger = flooded(50, (i) => `198.18.0.${i}`);
    forger.endpoint.addPeer(forger.now, {
      ...forger.peer,
      name: 'there',
      mode: 'main',
      remote: R2,
      remoteIdentity: fqdnId('there'),
      preSharedKey: 'ask',
    });
    const { octets, state } = forger.start();
    const [reply] = forger.send(octets).replies;
    const third = reply && forger.answer(state, reply);
    expect(third?.octets?.[18]).toBe(EXCHANGE.main);
    forger.send(third?.octets ?? new Uint8Array(0));
    expect(forger.endpoint.pollQuestion()).toMatchObject({ peer: 'there', role: 'responder' });
  });
});

describe('an answer that is none', () => {
  it.each<[string, unknown, typeof TypeError | typeof RangeError]>([
    ['nothing', undefined, TypeError],
    ['another kind', { kind: 'verdict' }, RangeError],
    ['an answer to another question', { kind: 'sign', signature: undefined }, RangeError],
    ['a chain without key or reason', { kind: 'verify-chain' }, TypeError],
    ['a chain with both', { kind: 'verify-chain', key: { kind: 'rsa' }, reason: 'expired' }, TypeError],
    ['a key of no kind', { kind: 'verify-chain', key: { kind: 'dsa' } }, RangeError],
    ['a curve that is none', { kind: 'verify-chain', key: { kind: 'ecdsa', curve: 'P-224' } }, RangeError],
    ['certificates that are none', { kind: 'sign', signature: new Uint8Array(1), certificates: [{}] }, TypeError],
    ['a key as text', { kind: 'shared-key', key: 'juniper' }, TypeError],
    ['a key of nothing', { kind: 'shared-key', key: new Uint8Array(0) }, RangeError],
  ])('such as %s names the argument, and the question waits on', (_, given, error) => {
    const test: Case = { mode: 'main', side: 'R2' };
    const pair = asking(test);
    const question = asked(pair, test);
    expect(() => answer(pair, test, question, given as Answer)).toThrow(error);
    expect(() => answer(pair, test, question, given as Answer)).toThrow(/answer/);
    expect(answer(pair, test, question, RIGHT)).toEqual({ ok: true });
    pair.run(seconds(1));
    expect(isUp(pair)).toBe(true);
  });

  it('is copied: whoever overwrites it afterwards changes nothing', () => {
    const test: Case = { mode: 'aggressive', side: 'R3' };
    const pair = asking(test);
    const key = fromAscii('juniper');
    answer(pair, test, asked(pair, test), { kind: 'shared-key', key });
    key.fill(0);
    pair.run(seconds(10));
    expect(isUp(pair)).toBe(true);
  });
});
