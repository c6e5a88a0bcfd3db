import { after, type Instant, milliseconds, seconds, writeU32 } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { QUESTIONS_OF_UNREACHED_IN_ALL, SIGNATURES_IN_ALL, SIGNATURES_PER_ADDRESS } from '../../src/limits.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { catchUp, Pair, R2, R3 } from '../support/pair.ts';
import { type Asks, NOTHING_ASKED, signing } from '../support/signing.ts';

/** R3 signs in Aggressive Mode for whoever comes from anywhere, and message 1 of R2. */
function target(asks: Asks = NOTHING_ASKED) {
  const { signatures, ...engine } = cheapEngine();
  let signed = 0;
  const counting = {
    ...signatures,
    sign: (...args: Parameters<typeof signatures.sign>) => {
      signed += 1;
      return signatures.sign(...args);
    },
  };
  const pair = new Pair({
    engine: { ...engine, signatures: counting },
    network: () => [],
    R2: signing('R2', { mode: 'aggressive', method: 'ecdsa-256' }),
    R3: {
      ...signing('R3', { mode: 'aggressive', method: 'ecdsa-256', asks }),
      remote: { addresses: 'any' },
      preSharedKey: 'ask',
    },
  }).initiate();
  const first = pair.sent[0]?.transmit.octets;
  if (first === undefined) throw new Error('no message 1');
  const { endpoint } = pair.R3;
  let now: Instant = pair.now;
  let count = 0;
  return {
    endpoint,
    signed: () => signed,
    /** So many first messages within a second, from one address or each from another. */
    flood(messages: number, addressOf: (i: number) => string): void {
      for (let i = 0; i < messages; i++) {
        const octets = first.slice();
        writeU32(octets, 0, ++count);
        endpoint.handleDatagram(now, { address: addressOf(i), port: 500 }, R3, octets);
        while (endpoint.pollTransmit() !== undefined || endpoint.pollEvent() !== undefined);
        now = after(now, milliseconds(1000 / messages));
      }
      now = after(now, milliseconds(1));
      catchUp(endpoint, now);
    },
    waitAMinute(): void {
      now = after(now, seconds(61));
      catchUp(endpoint, now);
    },
  };
}

describe('first messages of Aggressive Mode, which a signature answers', () => {
  it('cost only so many signatures a second, from one address and from all', () => {
    const one = target();
    one.flood(100, () => R2.address);
    expect(one.signed()).toBe(SIGNATURES_PER_ADDRESS);
    one.flood(100, () => R2.address);
    expect(one.signed()).toBe(2 * SIGNATURES_PER_ADDRESS);

    const many = target();
    many.flood(400, (i) => `198.18.${i >> 8}.${i & 0xff}`);
    expect(many.signed()).toBe(SIGNATURES_IN_ALL);
    expect(many.endpoint.counters.limit).toBe(400 - SIGNATURES_IN_ALL);
    expect(many.endpoint.ikeSas()).toHaveLength(SIGNATURES_IN_ALL);
  });

  it('leave nothing after a minute, and questions in bounded numbers', () => {
    const asking = target({ sign: true, verify: true });
    for (let i = 0; i < 4; i++) asking.flood(200, (k) => `198.18.${i}.${k}`);
    let questions = 0;
    while (asking.endpoint.pollQuestion() !== undefined) questions++;
    expect(questions).toBe(4 * SIGNATURES_IN_ALL);
    expect(questions).toBeLessThanOrEqual(QUESTIONS_OF_UNREACHED_IN_ALL);
    expect(asking.signed()).toBe(0);
    asking.waitAMinute();
    expect(asking.endpoint.ikeSas()).toEqual([]);
  });
});
