import { fqdnId, fromHex, NOTIFY, type Spi, seconds, spi } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { spiOctets } from '../src/v1/proposals/spis.ts';
import { Forger } from './support/forger.ts';
import { Pair, R2, R3, tunnelled } from './support/pair.ts';

const DPD = fromHex('afcad71368a1f1c96b8696fc77570100');

/** As if neither side spoke of dead peer detection. */
function withoutDpd(pair: Pair): Pair {
  pair.arriving = ({ transmit: { octets } }) => {
    for (let at = 0; at + DPD.length <= octets.length; at++) {
      if (DPD.every((octet, i) => octets[at + i] === octet)) octets[at] = 0;
    }
  };
  return pair;
}

/** R2 says that it has no SA with the SPI by which R3 sends. */
function loses(pair: Pair, value: Spi = pair.R2.endpoint.children()[0]?.inbound ?? expect.fail()): void {
  pair.on('R2', (endpoint, now) => endpoint.noteUnknownSpi(now, R3, R2, 'esp', value));
}

/** INVALID-SPI in clear, from R2's address. */
function hint(value: Spi, where: 'spi' | 'data' = 'spi'): Uint8Array {
  const none = new Uint8Array(0);
  const octets = spiOctets(value);
  const named = where === 'spi' ? { spi: octets, data: none } : { spi: none, data: octets };
  const cookies = { initiator: new Uint8Array(8).fill(9), responder: new Uint8Array(8) };
  const notifyType = NOTIFY['INVALID-SPI'];
  return new Forger().clear({ cookies }, [{ kind: 'notification', doi: 1, protocol: 3, notifyType, ...named }]);
}

const childrenOf = (pair: Pair) => pair.nodes.map(({ endpoint }) => endpoint.children().map(({ inbound }) => inbound));

describe('INVALID-SPI', () => {
  it('under the IKE SA is obeyed: the child is negotiated anew, at both ends', () => {
    const pair = tunnelled();
    const before = childrenOf(pair);
    pair.run(seconds(10));
    loses(pair);
    pair.run(seconds(1));
    const after = childrenOf(pair);
    expect(after.map((children) => children.length)).toEqual([1, 1]);
    expect(after[0]).not.toEqual(before[0]);
    expect(pair.R3.of('child-deleted')).toMatchObject([{ reason: 'unknown-to-peer' }]);
    expect(pair.R2.of('child-deleted')).toMatchObject([{ reason: 'peer-deleted' }]);
  });

  it('is told to a peer of Aggressive Mode that its identity names too, and heeded from it in clear', () => {
    const [west, east] = [fqdnId('r2.example.org'), fqdnId('r3.example.org')];
    const named = { mode: 'aggressive' } as const;
    const pair = tunnelled({
      R2: { ...named, localIdentity: west, remoteIdentity: east },
      R3: { ...named, localIdentity: east, remoteIdentity: west },
    });
    pair.run(seconds(10));
    const { length } = pair.sent;
    pair.inject('R3', hint(pair.R2.endpoint.children()[0]?.inbound ?? expect.fail()), R2);
    expect(pair.sent).toHaveLength(length + 1);
    pair.run(seconds(10));
    loses(pair);
    pair.run(seconds(1));
    expect(pair.R3.of('child-deleted')).toMatchObject([{ reason: 'unknown-to-peer' }]);
    expect(childrenOf(pair).map((children) => children.length)).toEqual([1, 1]);
  });

  it('that names an SPI which is not sent by changes nothing, and is told once in five seconds', () => {
    const pair = tunnelled();
    const before = childrenOf(pair);
    pair.run(seconds(10));
    const { length } = pair.sent;
    for (let i = 0; i < 100; i++) loses(pair, spi(4096 + i));
    pair.run(seconds(1));
    expect(pair.sent).toHaveLength(length + 1);
    pair.run(seconds(5));
    loses(pair, spi(4096));
    expect(pair.sent).toHaveLength(length + 2);
    pair.run(seconds(1));
    expect(childrenOf(pair)).toEqual(before);
    expect(pair.R3.of('notified').at(-1)).toMatchObject({ name: 'INVALID-SPI', authenticated: true });
  });

  it('of a child that has just been agreed on means that message 3 is on its way', () => {
    const pair = tunnelled();
    const before = childrenOf(pair);
    loses(pair);
    pair.run(seconds(1));
    expect(childrenOf(pair)).toEqual(before);
  });

  it.each(['spi', 'data'] as const)('in clear is a hint, and no more: the peer is asked, SPI in its %s', (where) => {
    const pair = tunnelled();
    const before = childrenOf(pair);
    const [outbound] = pair.R3.endpoint.children().map((child) => child.outbound);
    pair.run(seconds(10));
    const { length } = pair.sent;
    expect(pair.inject('R3', hint(outbound ?? expect.fail(), where)).ok).toBe(false);
    // R-U-THERE, its answer, and that is all.
    pair.run(seconds(10));
    expect(pair.sent).toHaveLength(length + 2);
    expect(childrenOf(pair)).toEqual(before);
  });

  it('in clear that names another SPI, or is from elsewhere, is passed over', () => {
    const pair = tunnelled();
    const [outbound] = pair.R3.endpoint.children().map((child) => child.outbound);
    pair.run(seconds(10));
    const { length } = pair.sent;
    expect(pair.inject('R3', hint(spi(4096))).ok).toBe(false);
    const elsewhere = { address: '192.0.2.7', port: 500 };
    expect(pair.inject('R3', hint(outbound ?? expect.fail()), elsewhere).ok).toBe(false);
    pair.run(seconds(10));
    expect(pair.sent).toHaveLength(length);
  });

  it('in clear of a peer that has lost everything finds that out within seconds', () => {
    const pair = tunnelled();
    const [outbound] = pair.R3.endpoint.children().map((child) => child.outbound);
    pair.run(seconds(10));
    pair.network = () => [];
    pair.inject('R3', hint(outbound ?? expect.fail()));
    pair.run(seconds(7));
    expect(pair.R3.of('child-deleted')).toMatchObject([{ reason: 'peer-dead' }]);
    expect(pair.R3.endpoint.ikeSas()).toEqual([]);
  });
});

describe('a peer without dead peer detection', () => {
  const ask = (pair: Pair): void =>
    pair.on('R3', (endpoint, now) => endpoint.askForLife(now, endpoint.children()[0]?.inbound ?? expect.fail()));

  it('is asked by a new phase 1, and is dead where nothing comes of it', () => {
    const pair = withoutDpd(new Pair()).initiate();
    pair.run(seconds(10));
    pair.network = () => [];
    ask(pair);
    pair.run(seconds(7));
    expect(pair.R3.of('child-deleted')).toMatchObject([{ reason: 'peer-dead' }]);
  });

  it('that lives is asked seldom, ever more seldom, and keeps its children', () => {
    const pair = withoutDpd(new Pair()).initiate();
    pair.run(seconds(10));
    const before = childrenOf(pair);
    for (let i = 0; i < 90; i++) {
      ask(pair);
      pair.run(seconds(10));
    }
    expect(pair.R3.of('ike-established').length - 1).toBe(4);
    expect(childrenOf(pair)).toEqual(before);
  });
});
