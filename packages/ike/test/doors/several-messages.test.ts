import { concat, MESSAGES_PER_DATAGRAM, seconds } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flipped } from '../support/forger.ts';
import { type Pair, tunnelled } from '../support/pair.ts';

/** What R2 says at once, and R3, which has not heard it yet. */
function atOnce(): { readonly pair: Pair; readonly messages: readonly Uint8Array[] } {
  const pair = tunnelled();
  const before = pair.sent.length;
  pair.network = () => [];
  const inbound = pair.R2.endpoint.children()[0]?.inbound;
  if (inbound === undefined) throw new Error('no child');
  pair.on('R2', (endpoint, now) => endpoint.rekeyChild(now, inbound));
  pair.on('R2', (endpoint, now) => endpoint.rekeyIke(now, 'R3'));
  pair.on('R2', (endpoint, now) => endpoint.deleteChild(now, inbound));
  return { pair, messages: pair.sent.slice(before).map(({ transmit }) => transmit.octets) };
}

/** What R3 has made of everything. */
const outcomeOf = (pair: Pair): unknown => ({
  events: pair.R3.events,
  news: pair.R3.news,
  counters: pair.R3.endpoint.counters,
  sent: pair.sent.filter(({ from }) => from === 'R3').map(({ transmit }) => transmit),
  children: pair.R3.endpoint.children(),
});

describe('several messages in one datagram', () => {
  it('are each what they are by themselves, in their order, with a refusal of their own (RFC 2408 §3.1)', () => {
    const { messages } = atOnce();
    expect(messages).toHaveLength(3);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1, 2], { minLength: 1 }),
        fc.option(fc.tuple(fc.nat(2), fc.integer({ min: 28, max: 60 }))),
        (order, damage) => {
          const said = order.flatMap((at, i) => {
            const message = messages[at];
            if (message === undefined) return [];
            return [damage !== null && damage[0] === i ? flipped(message, damage[1]) : message];
          });
          const [one, all] = [atOnce().pair, atOnce().pair];
          const results = said.map((message) => one.inject('R3', message));
          const result = all.inject('R3', concat(...said));
          expect(outcomeOf(all)).toEqual(outcomeOf(one));
          expect(result).toEqual(results.find(({ ok }) => !ok) ?? { ok: true });
        },
      ),
      { numRuns: 20 },
    );
  });

  it('may be so many and no more; and what is behind them is a message, or zeros, or none of it is taken', () => {
    const { pair, messages } = atOnce();
    const [message] = messages;
    if (message === undefined) return expect.unreachable('nothing sent');
    const before = outcomeOf(pair);
    const many = concat(...Array.from({ length: MESSAGES_PER_DATAGRAM + 1 }, () => message));
    for (const octets of [many, concat(message, Uint8Array.of(1)), concat(message, message.subarray(0, 40))]) {
      expect(pair.inject('R3', octets)).toEqual({ ok: false, reason: 'malformed' });
    }
    expect({ ...(before as object), counters: undefined }).toEqual({
      ...(outcomeOf(pair) as object),
      counters: undefined,
    });
    expect(pair.inject('R3', concat(message, new Uint8Array(16)))).toEqual({ ok: true });
    pair.run(seconds(1));
    expect(pair.R3.endpoint.tolerances['zeros-behind-message']).toBe(1);
  });
});
