import type { PeerConfig } from '@espalier/ike';
import { EXCHANGE, fromHex, milliseconds, NOTIFY, PROTOCOL_ID, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { HandMadePeer } from '../support/hand-made-peer.ts';
import { childPolicy, Pair, type Side } from '../support/pair.ts';

const HOUR = seconds(3600);

/** R2 and R3 with an IKE SA that nobody renews in time. */
function withChannel(channel: PeerConfig['channel']): Pair {
  const of = (side: Side): Partial<PeerConfig> => ({
    lifetime: seconds(600),
    children: [childPolicy(side, { lifetime: HOUR })],
    ...(channel === undefined ? {} : { channel }),
  });
  const pair = new Pair({
    R2: of('R2'),
    R3: of('R3'),
    endpoint: { softLifetime: (hard) => milliseconds(2 * hard) },
  }).initiate();
  pair.run(seconds(10));
  expect(childrenOf(pair)).toEqual([1, 1]);
  return pair;
}

const childrenOf = (pair: Pair) => pair.nodes.map(({ endpoint }) => endpoint.children().length);
const ikeSasOf = (pair: Pair) => pair.nodes.map(({ endpoint }) => endpoint.ikeSas().length);

describe('children whose IKE SA ends by its lifetime', () => {
  it.each([undefined, 'dangling'] as const)('last as long as they last: channel %s', (channel) => {
    const pair = withChannel(channel);
    pair.run(seconds(700));
    expect(ikeSasOf(pair)).toEqual([0, 0]);
    expect(childrenOf(pair)).toEqual([1, 1]);
  });

  it('end with it where there is to be one all the time, and the peer is told', () => {
    const pair = withChannel('continuous');
    pair.run(seconds(700));
    expect([ikeSasOf(pair), childrenOf(pair)]).toEqual([
      [0, 0],
      [0, 0],
    ]);
    const reasons = pair.nodes.map((node) => node.of('child-deleted').map(({ reason }) => reason));
    expect(reasons.flat().sort()).toEqual(['expired', 'peer-deleted']);
  });

  it('stay where another has taken over', () => {
    const pair = withChannel('continuous');
    pair.on('R2', (endpoint, now) => endpoint.rekeyIke(now, 'R3'));
    pair.run(seconds(60));
    expect([ikeSasOf(pair), childrenOf(pair)]).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});

describe('CONNECTED', () => {
  const CONNECTED = {
    kind: 'notification',
    doi: 1,
    protocol: PROTOCOL_ID.esp,
    notifyType: NOTIFY.CONNECTED,
    spi: fromHex('01020304'),
    data: new Uint8Array(0),
  } as const;

  /** The product has renewed a child, and goes on sending by the old one. */
  function renewed(): HandMadePeer {
    const peer = new HandMadePeer();
    peer.mainMode();
    const isQuick = (octets: Uint8Array): boolean => octets[18] === EXCHANGE.quick;
    peer.endpoint.initiate(peer.now, 'R2');
    peer.answerQuick(peer.drain().find(isQuick) ?? expect.fail());
    peer.endpoint.rekeyChild(peer.now, peer.endpoint.children()[0]?.inbound ?? expect.fail());
    peer.answerQuick(peer.drain().find(isQuick) ?? expect.fail());
    expect(establishedBy(peer)).toBe(1);
    return peer;
  }

  const establishedBy = ({ kinds }: HandMadePeer) => kinds.filter((kind) => kind === 'child-established').length;

  it('of a peer that has what was agreed on ends the wait for a packet from it', () => {
    const peer = renewed();
    expect(peer.inform(CONNECTED).result.ok).toBe(true);
    expect(establishedBy(peer)).toBe(2);
  });

  it('that nothing protects changes nothing', () => {
    const peer = renewed();
    expect(peer.send(peer.clear(EXCHANGE.informational, [CONNECTED], 7)).result.ok).toBe(false);
    expect(establishedBy(peer)).toBe(1);
    peer.pass(5000);
    expect(establishedBy(peer)).toBe(2);
  });
});
