import { fromAscii } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { UNDECIPHERABLE_MOST } from '../../src/limits.ts';
import { Forger, flipped } from '../support/forger.ts';

/** Message 5 as somebody without the key would guess it: each guess another. */
function guesses(octets: Uint8Array, count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => flipped(octets, 28 + (i % (octets.length - 28)), 1 + (i % 255)));
}

describe('messages that no key opens', () => {
  it('end the half-open IKE SA after a few: one message 3 buys no more guesses at the key', () => {
    const forger = new Forger();
    const { octets } = forger.mainMode(3);
    for (const guess of guesses(octets, UNDECIPHERABLE_MOST)) expect(forger.send(guess).result.ok).toBe(false);
    expect(forger.endpoint.ikeSas()).toEqual([]);
    expect(forger.send(octets).result).toEqual({ ok: false, reason: 'unknown-cookies' });
    expect(forger.news).toMatchObject([{ reason: 'undecipherable', detail: { kind: 'keys-differ', peers: ['R2'] } }]);
  });

  it('one fewer leave it as it was', () => {
    const forger = new Forger();
    const { octets } = forger.mainMode(3);
    for (const guess of guesses(octets, UNDECIPHERABLE_MOST - 1)) forger.send(guess);
    forger.send(octets);
    expect(forger.kinds()).toEqual(['ike-established']);
  });

  it('do nothing to an IKE SA that is established, however many', () => {
    const forger = new Forger();
    const { octets, state } = forger.mainMode(3);
    const [reply] = forger.send(octets).replies;
    expect(reply && forger.answer(state, reply).sa).toBeDefined();
    for (const guess of guesses(octets, 3 * UNDECIPHERABLE_MOST)) expect(forger.send(guess).result.ok).toBe(false);
    expect(forger.endpoint.ikeSas()).toMatchObject([{ state: 'ready' }]);
    expect(forger.kinds()).toEqual(['ike-established']);
  });

  it('do not find out whether a key is right by another way: a peer with a wrong key is never let in', () => {
    const forger = new Forger({ preSharedKey: fromAscii('another') });
    const { octets } = forger.mainMode(3);
    expect(forger.send(octets).result.ok).toBe(false);
    expect(forger.events).toEqual([]);
  });
});
