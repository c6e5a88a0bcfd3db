import type { IkeSaInfo } from '@espalier/ike';
import { after, concat, decodeHeader, EXCHANGE, fromHex, milliseconds, seconds, writeU32 } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import {
  NOTIFIES_IN_ALL,
  NOTIFIES_PER_ADDRESS,
  UNREACHED_PER_ADDRESS_UNDER_LOAD,
  UNREACHED_UNDER_LOAD,
} from '../../src/limits.ts';
import { AGGRESSIVE, begin } from '../aggressive-mode/client.ts';
import { Forger } from '../support/forger.ts';
import { HandMadePeer, OFFER_1, phase1Sa } from '../support/hand-made-peer.ts';
import { type PeerChanges, R2, R3 } from '../support/pair.ts';

const ANYBODY: PeerChanges = { remote: { addresses: 'any' }, remoteIdentity: 'any', allowWildcardKey: true };

function address(i: number): string {
  return `198.18.${(i >> 8) & 0xff}.${i & 0xff}`;
}

/** What nobody can open. */
function protectedMessage({ initiatorCookie, responderCookie }: IkeSaInfo, length: number): Uint8Array {
  const octets = new Uint8Array(length);
  octets.set(concat(fromHex(initiatorCookie), fromHex(responderCookie), Uint8Array.of(8, 0x10, EXCHANGE.quick, 1)));
  writeU32(octets, 20, length);
  writeU32(octets, 24, length);
  return octets;
}

/** Sends first messages: how many octets came back. */
function first(forger: Forger, octets: Uint8Array, from: string): number {
  forger.endpoint.handleDatagram(forger.now, { address: from, port: 500 }, R3, octets);
  return forger.drain().reduce((sum, reply) => sum + reply.length, 0);
}

describe('a responder sends to who has proved nothing', () => {
  it.each([
    ['main', {}],
    ['aggressive', AGGRESSIVE],
  ] as const)(
    'no more octets than came, and one answer, however often a first message is repeated: %s mode',
    (mode, changes) => {
      const forger = new Forger(changes);
      const { octets } = mode === 'main' ? forger.start() : begin(forger);
      let [came, went, most] = [0, 0, 0];
      for (let i = 0; i < 200; i++) {
        const [ikeSa] = forger.endpoint.ikeSas();
        // Now and then what only a peer would say that is done with phase 1.
        const sent = ikeSa === undefined || i % 3 > 0 ? octets : protectedMessage(ikeSa, 60 + 8 * (i % 20));
        came += sent.length;
        const answer = forger.send(sent).replies.reduce((sum, reply) => sum + reply.length, 0);
        went += answer;
        most = Math.max(most, answer);
        expect(went).toBeLessThanOrEqual(came + most);
      }
      expect(went).toBeGreaterThan(0);
    },
  );

  it('so many notifications a second to an address, and so many in all', () => {
    const forger = new Forger(ANYBODY);
    const peer = new HandMadePeer();
    peer.cookieI = new Uint8Array(8).fill(1);
    const refused = peer.clear(EXCHANGE.main, [
      phase1Sa(OFFER_1.map((one) => (one.type === 1 ? { ...one, value: 9 } : one))),
    ]);
    let counter = 1;
    const tell = (from: string): number => {
      writeU32(refused, 0, counter++);
      return first(forger, refused, from) > 0 ? 1 : 0;
    };
    const told = (count: number, from: (i: number) => string): number =>
      Array.from({ length: count }, (_, i) => tell(from(i))).reduce((sum, one) => sum + one, 0);
    expect(told(50, () => R2.address)).toBe(NOTIFIES_PER_ADDRESS);
    forger.now = after(forger.now, seconds(1));
    expect(told(50, () => R2.address)).toBe(NOTIFIES_PER_ADDRESS);
    forger.now = after(forger.now, seconds(1));
    expect(told(NOTIFIES_IN_ALL + 50, address)).toBe(NOTIFIES_IN_ALL);
  });
});

describe('under load', () => {
  it('strangers are told nothing, and one address has less room: who comes from another is served', () => {
    const forger = new Forger(ANYBODY);
    const { octets } = forger.start();
    for (let i = 0; i < UNREACHED_UNDER_LOAD; i++) {
      writeU32(octets, 0, i + 1);
      first(forger, octets, address(i % 4000));
      if (i % 100 === 0) forger.now = after(forger.now, milliseconds(1));
    }
    const refused = new HandMadePeer();
    refused.cookieI = new Uint8Array(8).fill(9);
    const strange = refused.clear(EXCHANGE.main, [
      phase1Sa(OFFER_1.map((one) => (one.type === 1 ? { ...one, value: 9 } : one))),
    ]);
    expect(first(forger, strange, R2.address)).toBe(0);

    for (let i = 0; i < 3 * UNREACHED_PER_ADDRESS_UNDER_LOAD; i++) {
      writeU32(octets, 0, 0x10_0000 + i);
      first(forger, octets, '203.0.113.9');
    }
    const from = forger.endpoint.ikeSas().filter(({ remote }) => remote.address === '203.0.113.9');
    expect(from).toHaveLength(UNREACHED_PER_ADDRESS_UNDER_LOAD);
    const { state, octets: one } = forger.start();
    const [two] = forger.send(one).replies;
    if (two === undefined) return expect.unreachable('no answer');
    expect(decodeHeader(two).exchange).toBe(EXCHANGE.main);
    expect(forger.answer(state, two).octets).toBeDefined();
  });
});
