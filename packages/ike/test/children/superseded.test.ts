import { DOI_IPSEC, type Payload, PROTOCOL_ID } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { HandMadePeer, phase2Sa } from '../support/hand-made-peer.ts';

const spiOf = (i: number): Uint8Array => Uint8Array.of(0xc0, 0xff, 0xee, i);
const deleteOf = (i: number): Payload => ({
  kind: 'delete',
  doi: DOI_IPSEC,
  protocol: PROTOCOL_ID.esp,
  spiOctets: 4,
  spis: [spiOf(i)],
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
