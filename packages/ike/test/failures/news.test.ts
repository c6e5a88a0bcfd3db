import type { NegotiationRefusedEvent } from '@espalier/ike';
import { after, EXCHANGE, fromAscii, milliseconds, seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NEWS_KINDS, NEWS_OF_PEERS, NEWS_OF_STRANGERS, NEWS_PAUSE } from '../../src/limits.ts';
import { News } from '../../src/runtime/news.ts';
import { Outbox } from '../../src/runtime/outbox.ts';
import { Forger } from '../support/forger.ts';
import { Pair, R3, START } from '../support/pair.ts';

interface Happening {
  readonly peer: string | undefined;
  readonly address: string;
  readonly what: string;
  readonly pause: number;
}

const happening: fc.Arbitrary<Happening> = fc.record({
  peer: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
  address: fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3'),
  what: fc.constantFrom('unknown-peer', 'no-proposal-chosen', 'malformed'),
  pause: fc.nat(40_000),
});

function told(peer: string | undefined, remote: string, suppressed: number): NegotiationRefusedEvent {
  const local = R3;
  const event = { kind: 'negotiation-refused', phase: 1, reason: 'malformed', detail: undefined } as const;
  return { ...event, peer, local, remote: { address: remote, port: 500 }, suppressed };
}

describe('events that anybody can cause', () => {
  it('are told, or counted in one that is: the first of a kind at once, its like once in a while', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        let now = START;
        const outbox = new Outbox();
        const news = new News(outbox, () => now);
        const last = new Map<string, { at: number; suppressed: number }>();
        let ofStrangers = 0;
        for (const { peer, address, what, pause } of happenings) {
          now = after(now, milliseconds(pause));
          news.tell({ peer, address, what }, (suppressed) => told(peer, address, suppressed));
          const event = outbox.takeEvent();
          const kind = `${peer ?? address} ${what}`;
          const before = last.get(kind);
          const isDue = before === undefined || now >= before.at + NEWS_PAUSE;
          if (event === undefined) {
            if (peer === undefined) ofStrangers++;
            last.set(kind, { at: before?.at ?? now, suppressed: (before?.suppressed ?? 0) + 1 });
          } else {
            const suppressed = peer === undefined ? ofStrangers : (before?.suppressed ?? 0);
            expect(event).toMatchObject({ suppressed });
            if (peer === undefined) ofStrangers = 0;
            last.set(kind, { at: now, suppressed: 0 });
          }
          expect(event !== undefined).toBe(isDue);
        }
      }),
    );
  });

  it('of strangers are so many in a while, whatever addresses they come from, and do not silence a peer', () => {
    const forger = new Forger({ preSharedKey: fromAscii('another') });
    const { octets } = forger.start();
    for (let i = 0; i < 5000; i++) {
      const address = `198.18.${i >> 8}.${i & 0xff}`;
      forger.endpoint.handleDatagram(forger.now, { address, port: 500 }, R3, octets);
      forger.drain();
    }
    expect(forger.news).toHaveLength(NEWS_OF_STRANGERS);
    forger.send(forger.mainMode(3).octets);
    expect(forger.news.at(-1)).toMatchObject({ peer: 'R2', detail: { kind: 'keys-differ' }, suppressed: 0 });
    forger.now = after(forger.now, seconds(61));
    forger.endpoint.handleDatagram(forger.now, { address: '198.19.0.1', port: 500 }, R3, octets);
    forger.drain();
    expect(forger.news.at(-1)).toMatchObject({ peer: undefined, suppressed: 5000 - NEWS_OF_STRANGERS });
  });

  it('of peers are so many in a while, and no more kinds are remembered than may be', () => {
    const outbox = new Outbox();
    const news = new News(outbox, () => START);
    let made = 0;
    for (let i = 0; i < 3 * NEWS_KINDS; i++) {
      news.tell({ peer: `peer-${i}`, address: '192.0.2.1', what: 'malformed' }, (suppressed) => {
        made++;
        return told(`peer-${i}`, '192.0.2.1', suppressed);
      });
    }
    expect(made).toBe(NEWS_OF_PEERS);
  });

  it('include notifications in clear: of a thousand alike one is told', () => {
    const pair = new Pair({ network: () => [] }).initiate();
    const cookie = pair.sent[0]?.transmit.octets.slice(0, 8) ?? expect.fail();
    const forger = new Forger();
    const cookies = { initiator: cookie, responder: new Uint8Array(8).fill(7) };
    for (let i = 1; i <= 1000; i++) {
      const notify = { kind: 'notification', doi: 1, protocol: 1, notifyType: 14, spi: new Uint8Array(0) } as const;
      pair.inject('R2', forger.clear({ cookies }, [{ ...notify, data: new Uint8Array(0) }], i));
    }
    expect(pair.R2.of('notified')).toHaveLength(1);
  });
});

describe('an attempt that somebody has refused in clear', () => {
  const refusal = (pair: Pair): Uint8Array => {
    const cookie = pair.sent[0]?.transmit.octets.slice(0, 8) ?? expect.fail();
    const cookies = { initiator: cookie, responder: new Uint8Array(8).fill(7) };
    const notify = { kind: 'notification', doi: 1, protocol: 1, notifyType: 14, spi: new Uint8Array(0) } as const;
    return new Forger().clear({ cookies }, [{ ...notify, data: new Uint8Array(0) }]);
  };

  it('goes on when the real answer comes, however late within its repetitions', () => {
    let isOpen = false;
    const pair = new Pair({ network: () => (isOpen ? [10] : []) }).initiate();
    pair.inject('R2', refusal(pair));
    pair.run(seconds(2));
    isOpen = true;
    pair.run(seconds(10));
    expect(pair.R2.of('child-established')).toHaveLength(1);
    expect(pair.R2.of('ike-failed')).toEqual([]);
  });

  it('ends after three more repetitions when nothing else comes, with what was told as the reason', () => {
    const pair = new Pair({ network: () => [] }).initiate();
    pair.inject('R2', refusal(pair));
    pair.run(seconds(7.4));
    expect(pair.R2.of('ike-failed')).toEqual([]);
    pair.run(seconds(0.2));
    expect(pair.R2.of('ike-failed')).toMatchObject([
      { reason: 'NO-PROPOSAL-CHOSEN', detail: { kind: 'told', authenticated: false, sent: 1 } },
    ]);
    expect(pair.sent).toHaveLength(4);
  });

  it('is not hastened by what tells no error, nor by what is not for it', () => {
    const pair = new Pair({ network: () => [] }).initiate();
    const other = refusal(pair).slice();
    other[0] = (other[0] ?? 0) ^ 1;
    expect(pair.inject('R2', other).ok).toBe(false);
    other[18] = EXCHANGE.quick;
    pair.inject('R2', other);
    pair.run(seconds(23));
    expect(pair.R2.of('ike-failed')).toEqual([]);
  });
});
