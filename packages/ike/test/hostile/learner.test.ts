import { seconds, toHex } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Forger, flipped } from '../support/forger.ts';
import { ANSWERED, Initiator, STEPS } from '../support/learner.ts';
import { catchUp } from '../support/pair.ts';

/** All messages of a session that went well. */
function wholeSession(seed: number): readonly Uint8Array[] {
  const initiator = new Initiator(seed);
  for (const step of STEPS) {
    const { replies } = initiator.forger.send(initiator.next);
    initiator.accepted(replies[0]);
    if (ANSWERED.includes(step)) expect(replies).toHaveLength(1);
  }
  return initiator.sent;
}

const foreign = wholeSession(4321);

/** A message of another session, under the cookies of this one where they are known. */
function disguised(step: number, known: Uint8Array | undefined): Uint8Array {
  const message = foreign[step]?.slice() ?? expect.fail('no such step');
  if (known !== undefined) message.set(known.subarray(0, 16));
  return message;
}

/**
 * What a learner of state machines does: words over an alphabet of messages, right and wrong, in every order. A good
 * responder is a line of five steps: what comes in its turn is answered, what came before is answered with the same
 * octets, and everything else is answered with silence and changes nothing.
 */
describe('words over the alphabet of a learner', () => {
  const symbol = fc.record({ step: fc.nat(STEPS.length - 1), good: fc.boolean() });
  const word = fc.array(symbol, { minLength: 1, maxLength: 14 });

  it('find a line of five steps and nothing else', () => {
    fc.assert(
      fc.property(word, fc.nat(1000), (symbols, seed) => {
        const initiator = new Initiator(seed + 1);
        const { forger } = initiator;
        for (const { step, good } of symbols) {
          const stage = initiator.sent.length;
          const events = forger.events.length;
          if (step < stage && good) {
            const repeated = forger.send(initiator.sent[step] ?? initiator.next);
            const answer = initiator.answers[step];
            expect(repeated.replies.map(toHex)).toEqual(answer === undefined ? [] : [toHex(answer)]);
            expect(forger.events).toHaveLength(events);
          } else if (step === stage && good) {
            const { result, replies } = forger.send(initiator.next);
            expect(result).toEqual({ ok: true });
            initiator.accepted(replies[0]);
          } else if (step === 0) {
            // A first message of another session is one more session: it is no step of this one.
            forger.send(flipped(foreign[0] ?? initiator.next, 17));
          } else {
            const own = step === stage ? flipped(initiator.next, initiator.next.length - 1) : undefined;
            const clear = step === 1;
            const bad =
              own === undefined || clear ? disguised(step, clear ? undefined : initiator.answers.at(-1)) : own;
            const { result, replies } = forger.send(bad);
            expect(result.ok).toBe(false);
            expect(replies).toEqual([]);
            expect(forger.events).toHaveLength(events);
          }
        }
        // Whatever came before, the session can be finished.
        while (initiator.sent.length < STEPS.length) initiator.accepted(forger.send(initiator.next).replies[0]);
        expect(forger.kinds()).toEqual(['ike-established', 'child-negotiated', 'child-established']);
        expect(forger.engine.keyPairs()).toBe(1);
      }),
      { numRuns: 120 },
    );
  });

  it('leave nothing behind that time does not take away', () => {
    const forger = new Forger();
    for (let i = 0; i < 50; i++) {
      forger.send(disguised(i % STEPS.length, undefined));
      forger.send(forger.start().octets);
    }
    catchUp(forger.endpoint, (forger.now + seconds(61)) as typeof forger.now);
    expect(forger.endpoint.ikeSas()).toEqual([]);
    expect(forger.endpoint.pollTimeout()).toBeUndefined();
  });
});
