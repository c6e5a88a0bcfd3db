import { decodeHeader, decodeMessage, EXCHANGE, seconds, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { only } from '../../src/exchange/rules.ts';
import { HandMadePeer, saOf } from '../support/hand-made-peer.ts';

/** An initiator that has sent message 1 of Main Mode; `choose` answers it as a responder with a cookie of its own. */
function initiator(changes: ConstructorParameters<typeof HandMadePeer>[0] = {}) {
  const peer = new HandMadePeer(changes);
  peer.endpoint.initiate(peer.now, 'R2');
  const [first = expect.fail('nothing was sent')] = peer.drain();
  peer.cookieI = decodeHeader(first).initiatorCookie.slice();
  const { proposals } = only(decodeMessage(first).payloads, 'sa');
  const choose = () => {
    peer.cookieR = peer.random(8);
    return { cookie: peer.cookieR, ...peer.send(peer.clear(EXCHANGE.main, [saOf(proposals)])) };
  };
  return { peer, choose };
}

const cookiesOf = (messages: readonly Uint8Array[]): readonly string[] =>
  messages.map((message) => toHex(decodeHeader(message).responderCookie)).toSorted();

describe('a second answer to what an initiator has said', () => {
  it('is gone on with once nothing has come of the first, and not before', () => {
    const { peer, choose } = initiator();
    const first = choose();
    expect(cookiesOf(first.replies)).toEqual([toHex(first.cookie)]);
    const second = choose();
    expect([second.result, second.replies]).toEqual([{ ok: true }, []]);
    expect(new Set(cookiesOf(peer.pass(500)))).toEqual(new Set([first.cookie, second.cookie].map(toHex)));
  });

  it('gives nobody more time to answer what was asked about the first', () => {
    const { peer, choose } = initiator({ preSharedKey: 'ask' });
    const cookies = [choose(), choose()].map(({ cookie }) => cookie);
    peer.pass(500);
    const fourth = (cookie: Uint8Array = expect.fail()) => {
      peer.cookieR = cookie;
      const payloads = [
        { kind: 'ke', data: peer.publicValue() },
        { kind: 'nonce', data: peer.random(16) },
      ] as const;
      return peer.send(peer.clear(EXCHANGE.main, payloads)).result;
    };
    expect(fourth(cookies[0])).toEqual({ ok: true });
    expect(peer.endpoint.pollQuestion()).toMatchObject({ kind: 'shared-key' });
    peer.pass(seconds(3));
    expect(fourth(cookies[1])).toEqual({ ok: true });
    peer.pass(seconds(56));
    expect(peer.kinds).toEqual([]);
    peer.pass(seconds(2));
    expect(peer.events).toMatchObject([{ kind: 'ike-failed', reason: 'question-unanswered' }, {}]);
  });
});
