import { EXCHANGE, seconds, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { Pair, type PairOptions, type PeerChanges, type Side } from '../support/pair.ts';
import { AGGRESSIVE } from './client.ts';

/** What is sent before the tunnel is there: three messages, INITIAL-CONTACT, three of Quick Mode. */
const DATAGRAMS = ['message 1', 'message 2', 'message 3', 'INITIAL-CONTACT', 'QM1', 'QM2', 'QM3'] as const;
const CASES = DATAGRAMS.flatMap((name, index) => (['R2', 'R3'] as const).map((side) => [name, side, index] as const));

function start(side: Side, network: NonNullable<PairOptions['network']>, changes: PeerChanges = {}): Pair {
  const peer = { ...AGGRESSIVE, ...changes };
  return new Pair({ R2: peer, R3: peer, network }).initiate(side);
}

function expectTunnel(pair: Pair): void {
  for (const { endpoint, events } of pair.nodes) {
    expect(endpoint.ikeSas()).toMatchObject([{ exchange: 'aggressive', state: 'ready' }]);
    expect(endpoint.children()).toHaveLength(1);
    expect(events.filter(({ kind }) => kind === 'ike-established')).toHaveLength(1);
  }
  const [r2, r3] = pair.nodes.map(({ endpoint }) => endpoint.children()[0]);
  expect([r2?.inbound, r2?.outbound]).toEqual([r3?.outbound, r3?.inbound]);
}

const isPhase1 = ({ transmit }: Pair['sent'][number]): boolean => transmit.octets[18] === EXCHANGE.aggressive;

describe('of Aggressive Mode and what follows', () => {
  it.each(CASES)('%s may be lost, begun by %s', (_name, side, index) => {
    const pair = start(side, (flight) => (flight.index === index ? [] : [10]));
    pair.run(seconds(30));
    expectTunnel(pair);
  });

  it.each(CASES)(
    '%s may come twice, begun by %s: it is answered with the same octets or not at all',
    (_, side, index) => {
      const pair = start(side, (flight) => (flight.index === index ? [10, 200] : [10]));
      pair.run(seconds(30));
      expectTunnel(pair);
      const sent = pair.sent.filter(isPhase1).map(({ from, transmit }) => `${from} ${toHex(transmit.octets)}`);
      expect(new Set(sent).size).toBe(3);
    },
  );

  it.each(['R2', 'R3'] as const)('everything may come twice, and late, begun by %s', (side) => {
    const pair = start(side, ({ index }) => [10, 150 + 40 * (index % 5)]);
    pair.run(seconds(60));
    expectTunnel(pair);
  });
});

describe('a lost message 3', () => {
  it('is asked for by repeating message 2 when phase 2 comes; the initiator says INITIAL-CONTACT once more', () => {
    const pair = start('R2', (flight) => (flight.index === 2 ? [] : [10]));
    pair.run(seconds(5));
    expectTunnel(pair);
    const phase1 = pair.sent.filter(isPhase1).map(({ from, transmit }) => `${from} ${toHex(transmit.octets)}`);
    expect(new Set(phase1).size).toBe(3);
    expect(phase1.filter((sent) => sent === phase1[1]).length).toBeGreaterThan(1);
    expect(pair.R3.of('notified').length).toBeGreaterThan(0);
  });

  it('is asked for again however often the reminder is lost, as soon as as much has come as it weighs', () => {
    const isReminder = (flight: { readonly from: Side; readonly index: number }) =>
      flight.from === 'R3' && flight.index < 8;
    const pair = start('R2', (flight) => (flight.index === 2 || (flight.index > 1 && isReminder(flight)) ? [] : [10]));
    pair.run(seconds(30));
    expectTunnel(pair);
  });

  it('is asked for only so often, whoever sends what looks like phase 2', () => {
    const pair = start('R2', (flight) => (flight.from === 'R2' && flight.index > 0 ? [] : [10]));
    pair.run(seconds(1));
    const quick = pair.sent.find(({ transmit }) => transmit.octets[18] === EXCHANGE.quick);
    if (quick === undefined) throw new Error('no Quick Mode');
    const before = pair.sent.length;
    for (let i = 0; i < 100; i++) {
      expect(pair.inject('R3', quick.transmit.octets)).toEqual({ ok: false, reason: 'not-authenticated' });
    }
    expect(pair.sent.length - before).toBeLessThanOrEqual(8);
    pair.run(seconds(120));
    expect(pair.R3.endpoint.ikeSas()).toEqual([]);
  });

  it('leaves nothing behind at the responder when nobody asks', () => {
    const pair = start('R2', ({ from, index }) => (from === 'R2' && index > 0 ? [] : [10]), { children: [] });
    pair.run(seconds(61));
    expect(pair.R3.endpoint.ikeSas()).toEqual([]);
    pair.run(seconds(61));
    expect(pair.R3.endpoint.pollTimeout()).toBeUndefined();
  });
});

describe('an initiator that nobody answers', () => {
  it('repeats message 1 seven times, then says so', () => {
    const pair = start('R2', () => []);
    pair.run(seconds(100));
    expect(pair.sent).toHaveLength(8);
    expect(new Set(pair.sent.map(({ transmit }) => toHex(transmit.octets))).size).toBe(1);
    expect(pair.R2.of('ike-failed')).toMatchObject([{ reason: 'no-answer', role: 'initiator' }]);
  });
});
