import { EXCHANGE, FLAG, fromHex, NOTIFY, type Payload, PROTOCOL_ID, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { HandMadePeer, notification, SPI } from '../support/hand-made-peer.ts';
import { Pair, tunnelled } from '../support/pair.ts';

const CONNECTED = notification(NOTIFY.CONNECTED, { protocol: PROTOCOL_ID.esp, spi: SPI });

/** The product has sent message 3 of a Quick Mode in which the peer has set the commit bit, or not. */
function third(flags: number = FLAG.commit): [HandMadePeer, Uint8Array] {
  const peer = new HandMadePeer();
  peer.endpoint.initiate(peer.now, 'R2');
  if (!peer.answerMainMode()) throw new Error('no IKE SA');
  const message = peer.last.replies.at(-1) ?? expect.unreachable('no message 1');
  peer.answerQuick(message, undefined, flags);
  return [peer, peer.last.replies[0] ?? expect.unreachable('no message 3')];
}

const states = (peer: HandMadePeer): readonly string[] => peer.endpoint.children().map(({ state }) => state);

describe('a peer that sets the commit bit (RFC 2408 §3.1)', () => {
  it.each(['quick', 'informational'] as const)(
    'is not sent to before it says CONNECTED: in an exchange of that message ID, %s',
    (exchange) => {
      const [peer, message] = third();
      expect(peer.kinds.slice(-1)).toEqual(['child-negotiated']);
      expect(states(peer)).toEqual(['negotiated']);
      expect(peer.conclude(message, exchange, CONNECTED).result).toEqual({ ok: true });
      expect(peer.kinds).toContain('child-established');
      expect(states(peer)).toEqual(['established']);
      expect(peer.tolerated).toEqual(exchange === 'quick' ? ['fourth-quick-message'] : []);
    },
  );

  it('is sent to after five seconds without a word: nothing protects the bit', () => {
    const [peer] = third();
    peer.pass(4990);
    expect(states(peer)).toEqual(['negotiated']);
    peer.pass(20);
    expect(states(peer)).toEqual(['established']);
  });

  it('is sent to as soon as something of the child has come from it', () => {
    const [peer] = third();
    const inbound = peer.endpoint.children()[0]?.inbound ?? expect.unreachable('no child');
    peer.endpoint.confirmChild(peer.now, inbound);
    peer.drain();
    expect(states(peer)).toEqual(['established']);
  });

  it.each([
    ['whose hash is wrong', 40],
    ['that is cut', -1],
  ])('has not said it in a message %s', (_, at) => {
    const [peer, message] = third();
    const octets = peer.concluding(message, 'quick', [CONNECTED]);
    const damaged =
      at < 0 ? octets.subarray(0, octets.length - 8) : octets.map((octet, i) => (i === at ? octet ^ 1 : octet));
    expect(peer.send(damaged).result.ok).toBe(false);
    expect(states(peer)).toEqual(['negotiated']);
    expect(peer.send(octets).result).toEqual({ ok: true });
    expect(states(peer)).toEqual(['established']);
  });

  it('says it once, and in an exchange of that message ID nothing else', () => {
    const [peer, message] = third();
    const reused = { ok: false, reason: 'message-id-reused' };
    const other = notification(NOTIFY['NO-PROPOSAL-CHOSEN'], { protocol: PROTOCOL_ID.esp, spi: SPI });
    expect(peer.conclude(message, 'informational', other).result).toEqual(reused);
    expect(peer.conclude(message, 'informational').result).toEqual(reused);
    expect(states(peer)).toEqual(['negotiated']);
    expect(peer.conclude(message, 'informational', CONNECTED).result).toEqual({ ok: true });
    expect(peer.conclude(message, 'informational', CONNECTED).result).toEqual(reused);
    expect(peer.conclude(message, 'quick', CONNECTED).result).toEqual({ ok: true });
    expect(peer.conclude(message, 'quick', CONNECTED).result).toEqual(reused);
  });

  it('may say it before the child is sent by, and lose nothing of one that is renewed', () => {
    const pair = tunnelled({ R3: { commitBit: true } });
    const before = pair.R2.endpoint.children()[0]?.inbound ?? expect.unreachable('no child');
    pair.on('R2', (endpoint, now) => endpoint.rekeyChild(now, before));
    pair.run(seconds(1));
    expect(pair.R2.endpoint.children().map(({ state }) => state)).toEqual(['superseded', 'established']);
  });
});

describe('a fourth message of Quick Mode, as Windows sends it', () => {
  const initialContact = (peer: HandMadePeer): Payload => notification(NOTIFY['INITIAL-CONTACT'], { spi: peer.spi });

  it.each([
    ['CONNECTED', () => CONNECTED],
    ['INITIAL-CONTACT', initialContact],
  ] as const)(
    'is taken, counted as what it is, and what it says is obeyed (regression: message-id-reused): %s',
    (_, said) => {
      const [peer, message] = third(0);
      expect(states(peer)).toEqual(['established']);
      expect(peer.conclude(message, 'quick', said(peer)).result).toEqual({ ok: true });
      expect(peer.tolerated).toEqual(['fourth-quick-message']);
      expect(peer.endpoint.tolerances['fourth-quick-message']).toBe(1);
      expect(peer.events.at(-1)).toMatchObject({ kind: 'tolerated', tolerance: 'fourth-quick-message' });
      expect(states(peer)).toEqual(['established']);
      expect(peer.endpoint.counters['message-id-reused']).toBe(0);
    },
  );

  it('is refused where the configuration says so', () => {
    const peer = new HandMadePeer({ tolerances: { 'fourth-quick-message': false } });
    peer.endpoint.initiate(peer.now, 'R2');
    if (!peer.answerMainMode()) throw new Error('no IKE SA');
    peer.answerQuick(peer.last.replies.at(-1) ?? expect.unreachable('no message 1'));
    const message = peer.last.replies[0] ?? expect.unreachable('no message 3');
    expect(peer.conclude(message, 'quick', initialContact(peer)).result).toEqual({
      ok: false,
      reason: 'unexpected-message',
    });
    expect(states(peer)).toEqual(['established']);
  });

  it('has no other payload than a notification', () => {
    const [peer, message] = third(0);
    expect(peer.conclude(message, 'quick', { kind: 'nonce', data: fromHex('00112233445566778899') }).result).toEqual({
      ok: false,
      reason: 'unexpected-payload',
    });
  });
});

describe('this side, with `commitBit`', () => {
  const flagsOf = (pair: Pair): readonly number[] =>
    pair.sent.flatMap(({ transmit: { octets } }) => (octets[18] === EXCHANGE.quick ? [octets[19] ?? 0] : []));

  it('sets it in message 2 alone, and answers message 3 with CONNECTED; without it does neither', () => {
    const pair = tunnelled({ R3: { commitBit: true } });
    expect(flagsOf(pair)).toEqual([1, 3, 1, 1]);
    for (const { endpoint } of pair.nodes) expect(endpoint.children()).toMatchObject([{ state: 'established' }]);
    expect(pair.R2.of('notified')).toMatchObject([{ name: 'CONNECTED', authenticated: true }]);
    expect(flagsOf(tunnelled({ R2: { commitBit: true } }))).toEqual([1, 1, 1]);
  });

  it('answers message 3 again when it comes again, with the same octets', () => {
    const pair = tunnelled({ R3: { commitBit: true } });
    const quick = pair.sent.filter(({ transmit }) => transmit.octets[18] === EXCHANGE.quick);
    const [message, answer] = quick.slice(2).map(({ transmit }) => transmit.octets);
    expect(pair.inject('R3', message ?? new Uint8Array(0))).toEqual({ ok: true });
    expect(pair.sent.at(-1)?.transmit.octets).toEqual(answer);
  });

  it.each([6, 7, 8, 9])('brings the child up whichever datagram of it is lost: %i', (lost) => {
    const pair = new Pair({
      R3: { commitBit: true },
      network: ({ index }) => (index === lost ? [] : [10]),
    }).initiate();
    pair.run(seconds(20));
    for (const { endpoint } of pair.nodes) expect(endpoint.children()).toMatchObject([{ state: 'established' }]);
  });
});
