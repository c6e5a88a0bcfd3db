import { espSuite, type Rng } from '@espalier/crypto';
import { DOI_IPSEC, type Payload, PROTOCOL_ID, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { deleteOfIkeSa } from '../../src/v1/informational/informational.ts';
import { HandMadePeer, phase2Sa } from '../support/hand-made-peer.ts';
import { childPolicy, type Side, tunnelled } from '../support/pair.ts';

const spiOf = (i: number): Uint8Array => Uint8Array.of(0xc0, 0xff, 0xee, i);
const deleteOf = (i: number): Payload => ({
  kind: 'delete',
  doi: DOI_IPSEC,
  protocol: PROTOCOL_ID.esp,
  spiOctets: 4,
  spis: [spiOf(i)],
});

describe('an IKE SA that another has taken over from', () => {
  /** Two, one after the other; the peer deletes the second. */
  const states = (begin: (peer: HandMadePeer) => boolean) => {
    const peer = new HandMadePeer({ children: [] });
    expect(peer.mainMode() && begin(peer)).toBe(true);
    const before = peer.endpoint.ikeSas().map(({ state }) => state);
    peer.inform(deleteOfIkeSa({ initiator: peer.cookieI, responder: peer.cookieR }));
    return [before, peer.endpoint.ikeSas().map(({ state }) => state)];
  };

  it('takes over again from the peer’s, for the peer may have chosen it', () => {
    expect(states((peer) => peer.pass(seconds(10)).length === 0 && peer.mainMode())).toEqual([
      ['retired', 'ready'],
      ['ready'],
    ]);
  });

  it('does not where this side is about to delete it', () => {
    const renew = (peer: HandMadePeer) => {
      peer.pass(seconds(10));
      peer.endpoint.rekeyIke(peer.now, 'R2');
      return peer.answerMainMode();
    };
    expect(states(renew)).toEqual([['retired', 'ready'], ['retired']]);
  });
});

describe('children of one policy', () => {
  it('stay as they are where one goes that another has taken over from, and the newest left takes over from one that sent', () => {
    const peer = new HandMadePeer();
    expect(peer.mainMode()).toBe(true);
    for (const i of [1, 2, 3]) {
      peer.quick(peer.quickOffer({ sa: phase2Sa(undefined, spiOf(i)) }), 0x2000 + i);
      peer.quickConfirm(0x2000 + i);
    }
    const states = () => peer.endpoint.children().map(({ state }) => state);
    expect(states()).toEqual(['superseded', 'superseded', 'established']);
    peer.inform(deleteOf(1));
    expect(states()).toEqual(['superseded', 'established']);
    peer.inform(deleteOf(3));
    expect(states()).toEqual(['established']);
  });

  it('have CPIs of their own, whatever chance says (RFC 3173 §3.3)', () => {
    const bundles = [{ ipcomp: 'deflate', esp: [espSuite('aes-128-cbc/hmac-sha1-96')] }] as const;
    const children = (side: Side) => ({ children: [childPolicy(side, { suites: [], bundles })] });
    // SPIs are drawn like CPIs, which are the lower half: only every sixteenth is another.
    let drawn = 0;
    const seeded = seededRng(3);
    const fill: Rng['fill'] = (out) => {
      seeded.fill(out);
      if (out.length === 4)
        new DataView(out.buffer, out.byteOffset).setUint32(0, (++drawn << 16) | (0x2000 + (drawn >> 4)));
    };
    const pair = tunnelled({ R2: children('R2'), R3: children('R3'), endpoint: { rng: { fill } } });
    for (const _ of [1, 2]) {
      const current = () => pair.R2.endpoint.children().find(({ state }) => state === 'established');
      pair.on('R2', (endpoint, now) => endpoint.rekeyChild(now, current()?.inbound ?? expect.fail()));
      pair.run(seconds(6));
    }
    for (const { endpoint } of pair.nodes) {
      const cpis = endpoint
        .children()
        .flatMap(({ protections }) => protections.slice(0, 1).map(({ inbound }) => inbound));
      expect(cpis).toHaveLength(3);
      expect(new Set(cpis).size).toBe(3);
    }
  });

  it('are offered once at a time', () => {
    const peer = new HandMadePeer();
    peer.endpoint.initiate(peer.now, 'R2');
    expect(peer.answerMainMode()).toBe(true);
    const first = peer.last.replies.at(-1) ?? expect.fail('no message 1');
    peer.endpoint.initiate(peer.now, 'R2');
    expect(peer.drain()).toEqual([]);
    peer.answerQuick(first);
    expect(peer.kinds.filter((kind) => kind === 'child-established')).toHaveLength(1);
  });
});
