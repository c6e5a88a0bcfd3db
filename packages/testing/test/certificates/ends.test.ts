import type { IkeEvent } from '@espalier/ike';
import {
  breakingCertificate,
  CERTIFICATE_RULES,
  type CertifiedPeer,
  certifiedEnds,
  certifiedPeer,
} from '@espalier/testing/certificates';
import {
  foreignEstablishment,
  PLAIN_SESSION,
  play,
  publicKeyOfEnd,
  SESSION_AUTHENTICATIONS,
  type SessionSpecification,
  type Side,
} from '@espalier/testing/sessions';
import { PAYLOAD } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const AT = Date.UTC(2026, 5, 1);
const SIGNED = SESSION_AUTHENTICATIONS.filter((name) => !name.endsWith('pre-shared-key'));
const ECDSA: SessionSpecification = { ...PLAIN_SESSION, authentication: 'ecdsa-256' };

const kindsOf = (events: readonly IkeEvent[]): readonly string[] => events.map(({ kind }) => kind);

function shownBy(side: Side, peer: CertifiedPeer): Parameters<typeof certifiedEnds>[1] {
  return { at: AT, shown: { [side]: peer } };
}

describe.each(SIGNED)('a session by %s whose ends show chains', (authentication) => {
  it.each(['main', 'aggressive'] as const)('comes to a child in %s mode, and with a stranger to nothing', (mode) => {
    const specification = { ...PLAIN_SESSION, authentication, mode };
    const { session, opened } = play(specification, undefined, certifiedEnds(specification, { at: AT }));
    for (const events of Object.values(session.events)) expect(kindsOf(events)).toContain('child-established');
    const shown = opened.flatMap(
      (message) => message?.chain.payloads.filter(({ type }) => type === PAYLOAD.cert) ?? [],
    );
    // Each in DER, behind an octet that says that it is X.509.
    expect(shown.map(({ body }) => [body[0], body[1]])).toEqual(shown.map(() => [4, 0x30]));
    expect(shown).toHaveLength(authentication.startsWith('hybrid') ? 2 : 4);
    const strange = { ...specification, isStranger: true };
    const other = play(strange, undefined, certifiedEnds(strange, { at: AT })).session;
    expect(foreignEstablishment(other, strange)).toBeUndefined();
    for (const events of Object.values(other.events)) expect(kindsOf(events)).not.toContain('child-established');
  });
});

describe('an end of a session', () => {
  it('believes whoever has a chain that is good', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('left', 'right').chain((side) => {
          return fc.tuple(fc.constant(side), certifiedPeer(AT, publicKeyOfEnd(side, ECDSA)));
        }),
        ([side, peer]) => {
          const { session } = play(ECDSA, undefined, certifiedEnds(ECDSA, shownBy(side, peer)));
          expect(kindsOf(session.events.left)).toContain('child-established');
        },
      ),
      { numRuns: 4 },
    );
  });

  it.each(CERTIFICATE_RULES)('does not believe who breaks a rule: $name', ({ name }) => {
    fc.assert(
      fc.property(breakingCertificate(name, AT, publicKeyOfEnd('left', ECDSA)), (peer) => {
        const { session } = play(ECDSA, undefined, certifiedEnds(ECDSA, shownBy('left', peer)));
        expect(kindsOf(session.events.right)).not.toContain('ike-established');
        const refused = session.delivered.flatMap(({ result }) => (result.ok ? [] : result.reason));
        expect(refused).toContain('certificate-refused');
      }),
      { numRuns: 1 },
    );
  });

  it('does not believe a certificate with an octet that is another, sealed by who has the key', () => {
    const [certificate, authority] = [1, 2];
    const change = fc.record({
      at: fc.constantFrom(certificate, authority),
      // Behind the octet of the encoding.
      octets: fc.record({
        change: fc.constant('flip'),
        at: fc.integer({ min: 1, max: 300 }),
        mask: fc.integer({ min: 1, max: 0xff }),
      }),
    });
    fc.assert(
      fc.property(change, ({ at, octets }) => {
        const mutation = { where: 'payloads', payloads: { change: 'body', at, octets }, hash: 'right' } as const;
        const step = { step: { exchange: 'phase-1', message: 5 }, mutation } as const;
        const { mutant } = play(ECDSA, step, certifiedEnds(ECDSA, { at: AT }));
        expect(mutant?.result).toMatchObject({ ok: false });
      }),
      { numRuns: 4 },
    );
  });
});

it('what chains are looked at with is named where it is bad', () => {
  const ends = (options: unknown): unknown => Reflect.apply(certifiedEnds, undefined, [ECDSA, options]);
  expect(() => ends(undefined)).toThrow(/options/);
  expect(() => ends({ at: Number.NaN })).toThrow(/options.at/);
  expect(() => ends({ at: AT, when: AT })).toThrow(/when/);
});
