import type { HandleResult, IkeRefusal } from '@espalier/ike';
import {
  changedSession,
  type Door,
  disagreement,
  keyedMutation,
  keylessMutation,
  type Mutation,
  type PayloadChange,
  PLAIN_SESSION,
  play,
  playTo,
  type SessionAct,
  type SessionSpecification,
  sessionSpecification,
} from '@espalier/testing/sessions';
import { concat, EXCHANGE, PAYLOAD, toHex } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** Datagrams of the plain session, from 0: Main Mode has six, and Quick Mode follows. */
const THIRD = 2;
const FIFTH = 4;
const QUICK = 6;

const nonceChanged = (hash: 'right' | 'stale'): Mutation => ({
  where: 'payloads',
  // HASH, SA, Ni, IDci, IDcr.
  payloads: { change: 'body', at: 2, octets: { change: 'flip', at: 0, mask: 1 } },
  hash,
});

function changedAt(step: number, mutation: Mutation): ReturnType<typeof play> {
  return play(PLAIN_SESSION, { step, mutation });
}

describe('a message that is changed inside its encryption', () => {
  it('is taken where it is sealed with the right HASH, and the session goes on', () => {
    const { mutant, session } = changedAt(QUICK, nonceChanged('right'));
    expect(mutant?.result).toEqual({ ok: true });
    const right = session.events.right.map(({ kind }) => kind);
    expect(right).toEqual(['ike-established', 'child-negotiated', 'child-established']);
  });

  it('is refused where its HASH is of what it was, and the session goes on with what was sent', () => {
    const { mutant, session } = changedAt(QUICK, nonceChanged('stale'));
    expect(mutant?.result).toEqual({ ok: false, reason: 'hash-mismatch' });
    const right = session.events.right.filter(({ kind }) => kind === 'child-established');
    expect(right).toHaveLength(1);
    expect(disagreement(session)).toBeUndefined();
  });

  it('may have more padding than it needs, of zeros (RFC 2409 Appendix B)', () => {
    for (const step of [FIFTH, QUICK]) {
      const { mutant } = changedAt(step, { where: 'padding', blocks: 3 });
      expect(mutant?.result).toEqual({ ok: true });
    }
  });

  it('may say who somebody else is, with a right HASH_I: the receiver then knows better', () => {
    const payloads = { change: 'body', at: 0, octets: { change: 'flip', at: 7, mask: 1 } } as const;
    const { mutant } = changedAt(FIFTH, { where: 'payloads', payloads, hash: 'right' });
    expect(mutant?.result).toEqual({ ok: false, reason: 'invalid-identity' });
    const stale = changedAt(FIFTH, { where: 'payloads', payloads, hash: 'stale' });
    expect(stale.mutant?.result).toEqual({ ok: false, reason: 'authentication-failed' });
  });

  it.each([
    ['main', 'hybrid-initiator-rsa-signature', 6, PAYLOAD.hash],
    ['main', 'hybrid-responder-rsa-signature', 5, PAYLOAD.hash],
    ['aggressive', 'hybrid-responder-rsa-signature', 2, PAYLOAD.signature],
    ['aggressive', 'pre-shared-key', 2, PAYLOAD.signature],
    ['aggressive', 'rsa-signature', 2, PAYLOAD.hash],
  ] as const)(
    'has no proof of another kind beside the right one (regression: it was taken): %s mode, %s, message %i',
    (mode, authentication, message, type) => {
      const specification = { ...PLAIN_SESSION, mode, authentication };
      const payloads = { change: 'insert', at: 9, type, octets: '00112233' } as const;
      const step = { exchange: 'phase-1', message } as const;
      const { mutant } = play(specification, { step, mutation: { where: 'payloads', payloads, hash: 'stale' } });
      expect(mutant?.result).toEqual({ ok: false, reason: 'unexpected-payload' });
    },
  );

  it('has payloads moved, dropped, repeated and put in, as its receiver sees', () => {
    const at = (payloads: Extract<Mutation, { where: 'payloads' }>['payloads']): unknown =>
      changedAt(QUICK, { where: 'payloads', payloads, hash: 'right' }).mutant?.result;
    expect(at({ change: 'drop', at: 2 })).toEqual({ ok: false, reason: 'missing-payload' });
    expect(at({ change: 'repeat', at: 2, times: 1 })).toEqual({ ok: false, reason: 'unexpected-payload' });
    expect(at({ change: 'move', at: 1, to: 3 })).toEqual({ ok: false, reason: 'payload-order' });
    expect(at({ change: 'insert', at: 5, type: PAYLOAD.vendorId, octets: '00' })).toEqual({ ok: true });
    expect(at({ change: 'drop', at: 0 })).toMatchObject({ ok: false });
    expect(at({ change: 'length', at: 1, by: 1 })).toMatchObject({ ok: false });
    const inner = { change: 'repeat', at: 0, times: 2 } as const;
    expect(at({ change: 'within', at: 1, inner: { change: 'within', at: 0, inner } })).toEqual({ ok: true });
  });
});

const acting = (act: SessionAct['act']): SessionSpecification => ({ ...PLAIN_SESSION, acts: [{ by: 'left', act }] });

const refused = (reason: IkeRefusal): HandleResult => ({ ok: false, reason });

/** A session, its message that others do not have, and what comes of it without its first SA payload. */
const DOORS: readonly (readonly [string, SessionSpecification, Door, HandleResult])[] = [
  [
    'message 1 of New Group Mode',
    acting('new-group'),
    { exchange: 'new-group', message: 1 },
    refused('missing-payload'),
  ],
  [
    'message 2 of New Group Mode',
    acting('new-group'),
    { exchange: 'new-group', message: 2 },
    refused('missing-payload'),
  ],
  [
    'a KE in a group of New Group Mode',
    acting('new-group'),
    { exchange: 'quick', message: 1, skip: 1 },
    refused('missing-payload'),
  ],
  ['several SAs in one Quick Mode', acting('add-children'), { exchange: 'quick', message: 1, skip: 1 }, { ok: true }],
  [
    'the choice of several',
    acting('add-children'),
    { exchange: 'quick', message: 2, skip: 1 },
    refused('proposal-changed'),
  ],
  [
    'an offer of AH around ESP',
    { ...PLAIN_SESSION, ah: 'hmac-sha1-96' },
    { exchange: 'quick', message: 1 },
    refused('missing-payload'),
  ],
  [
    'a choice of IPComp',
    { ...PLAIN_SESSION, ipcomp: 'deflate' },
    { exchange: 'quick', message: 2 },
    refused('missing-payload'),
  ],
];

describe.each(DOORS)('%s', (_, specification, step, lacking) => {
  const at = (mutation: Mutation): HandleResult | undefined => play(specification, { step, mutation }).mutant?.result;

  it('is taken with more padding, and refused with a HASH of what it was, or for what it lacks', () => {
    expect(at({ where: 'padding', blocks: 1 })).toEqual({ ok: true });
    const twice: PayloadChange = { change: 'within', at: 0, inner: { change: 'repeat', at: 0, times: 1 } };
    const offered: PayloadChange = { change: 'within', at: 1, inner: twice };
    expect(at({ where: 'payloads', payloads: offered, hash: 'stale' })).toEqual({ ok: false, reason: 'hash-mismatch' });
    const without: PayloadChange = { change: 'drop', at: 1 };
    expect(at({ where: 'payloads', payloads: without, hash: 'right' })).toEqual(lacking);
  });
});

describe('a message that is changed by who has no key', () => {
  it.each([FIFTH, QUICK])(
    'may have zeros behind it, and is read as without them (regression: as none): datagram %i',
    (step) => {
      const stopped = playTo(PLAIN_SESSION, step);
      const { between, flight, opened } = stopped ?? expect.fail();
      expect(between.opened(flight.from, concat(flight.octets, new Uint8Array(3)))).toEqual(opened);
      expect(between.opened(flight.from, concat(flight.octets, Uint8Array.of(0, 1)))).toBeUndefined();
    },
  );

  it('comes to nothing that the two ends do not agree on', () => {
    fc.assert(
      fc.property(changedSession(keylessMutation()), ([specification, changed]) => {
        const { session, mutant } = play(specification, changed);
        // In clear nothing is known to be wrong until the keys are, and then nothing comes of it.
        if (mutant?.result.ok === true) expect(disagreement(session)).toBeUndefined();
      }),
      { numRuns: 15, seed: 7 },
    );
  });

  it('in clear shows when the keys are there: what is negotiated then is negotiated anew', () => {
    const payloads = { change: 'body', at: 1, octets: { change: 'flip', at: 0, mask: 1 } } as const;
    const { session, mutant } = changedAt(THIRD, { where: 'payloads', payloads, hash: 'stale' });
    expect(mutant?.result).toEqual({ ok: true });
    const [first] = session.events.right;
    expect(first).toMatchObject({ kind: 'negotiation-refused', reason: 'undecipherable' });
    expect(disagreement(session)).toBeUndefined();
  });
});

/** By an end that is closed; and by a client that has still to ask for its address, where the gateway goes on and repeats it. */
const EXPECTED: ReadonlySet<string> = new Set(['closed', 'not-authenticated']);

describe('any session', () => {
  it('that is not changed comes to a child', () => {
    fc.assert(
      fc.property(sessionSpecification(), (specification) => {
        const { session } = play(specification);
        const kinds = session.events.right.map(({ kind }) => kind);
        if (!specification.acts.some(({ act }) => act === 'close')) expect(kinds).toContain('child-established');
        expect(session.delivered.filter(({ result }) => !result.ok && !EXPECTED.has(result.reason))).toEqual([]);
      }),
      { numRuns: 15, seed: 7 },
    );
  });

  it('shrinks to the smallest that shows what is wrong', { timeout: 120_000 }, () => {
    // What is "wrong" here: a Quick Mode that is changed inside is taken.
    const isTaken = fc.property(changedSession(keyedMutation()), ([specification, changed]) => {
      const { mutant, opened } = play(specification, changed);
      return mutant?.result.ok !== true || opened[mutant.index]?.header.exchange !== EXCHANGE.quick;
    });
    const { counterexample, failed } = fc.check(isTaken, { seed: 11, numRuns: 1000 });
    expect(failed).toBe(true);
    const [[specification, { step }]] = counterexample ?? [[undefined, { step: -1 }]];
    expect(specification).toEqual(PLAIN_SESSION);
    expect(step).toEqual({ exchange: 'quick', message: 1, skip: 0 });
  });

  it('is there to be stopped before any of its datagrams', () => {
    const { session } = play(PLAIN_SESSION);
    for (const { index, octets } of session.delivered) {
      expect(toHex(playTo(PLAIN_SESSION, index)?.flight.octets ?? new Uint8Array(0))).toBe(toHex(octets));
    }
    expect(playTo(PLAIN_SESSION, session.delivered.length)).toBeUndefined();
  });
});
