import { type Certificate, type Crl, certificatePayloads, type OcspResponse, Pki, type PkiConfig } from '@espalier/pki';
import { issueCrl, issueOcspResponse } from '@espalier/pki/issue';
import { fqdnId } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AT,
  BY_ISSUING,
  BY_ROOT,
  DAY,
  ISSUING,
  issue,
  issueAuthority,
  KEYS,
  NAME,
  ROOT,
  reasonOf,
} from '../support/authorities.ts';

const leaf = issue(BY_ISSUING);
const HOUR = 3_600_000;
const rootCrl = issueCrl(BY_ROOT, { thisUpdate: AT - DAY, nextUpdate: AT + DAY });
const FORGER = { name: ISSUING, key: KEYS.other };

interface Said {
  /** Hours ago. */
  readonly ago: number;
  readonly isForged?: boolean;
}

function list(isListed: boolean, { ago, isForged = false }: Said, number = 1000 - ago): Crl {
  const revoked = isListed ? [{ serial: leaf.serial, at: AT - 30 * DAY }] : [];
  const thisUpdate = AT - ago * HOUR;
  return issueCrl(isForged ? FORGER : BY_ISSUING, { thisUpdate, nextUpdate: AT + 10 * DAY, revoked, number });
}

function answer(status: 'good' | 'revoked' | 'on hold', { ago, isForged = false }: Said): OcspResponse {
  const revoked = { revokedAt: AT - 30 * DAY, isOnHold: status === 'on hold' };
  return issueOcspResponse(isForged ? FORGER : BY_ISSUING, {
    certificate: leaf,
    issuer: ISSUING,
    status: status === 'good' ? 'good' : revoked,
    thisUpdate: AT - ago * HOUR,
    nextUpdate: AT + 10 * DAY,
  });
}

/** `isIssuerKnown`: else the issuer's certificate comes with each chain alone. */
class Holder {
  readonly pki: Pki;

  constructor(isIssuerKnown = true, config: Partial<PkiConfig> = {}) {
    const certificates = isIssuerKnown ? [ISSUING] : [];
    this.pki = new Pki({ trustAnchors: [ROOT], certificates, crls: [rootCrl], ...config });
  }

  add(...all: readonly (Crl | OcspResponse)[]): this {
    for (const one of all) 'answers' in one ? this.pki.addOcspResponse(one) : this.pki.addCrl(one);
    return this;
  }

  get verdict(): string {
    const certificates = certificatePayloads([leaf, ISSUING]);
    return reasonOf(this.pki.verifyChain(AT, { identity: fqdnId(NAME), certificates }));
  }
}

/** An authority that has revoked for good `since` so many hours, and whatever it, and a forger, have said. */
const history = fc
  .record({
    since: fc.integer({ min: 1, max: 80 }),
    said: fc.array(
      fc.record({
        kind: fc.constantFrom('list', 'answer'),
        ago: fc.integer({ min: 0, max: 100 }),
        isForged: fc.boolean(),
        // An answer may lag behind: another server, another clock.
        isLate: fc.boolean(),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  })
  .map(({ since, said }) =>
    said.map(({ kind, isLate, ...one }) => {
      const isRevoked = one.ago <= since && !one.isForged;
      const told = kind === 'list' ? list(isRevoked, one) : answer(isRevoked && !isLate ? 'revoked' : 'good', one);
      return { told, revokes: isRevoked && (kind === 'list' || !isLate) };
    }),
  );

describe('a certificate that has been revoked', () => {
  it('is refused from then on, in whatever order lists and answers come', () => {
    fc.assert(
      fc.property(history, fc.boolean(), fc.boolean(), (all, isIssuerKnown, isAskedBetween) => {
        // Where nobody knows the issuer nothing is proved until it is asked for, and of that there is room for four of a kind.
        const holder = new Holder(isIssuerKnown || all.length > 4);
        let isRevoked = false;
        for (const { told, revokes } of all) {
          holder.add(told);
          isRevoked ||= revokes;
          if (isRevoked && isAskedBetween) expect(holder.verdict).toBe('revoked');
        }
        if (isRevoked) expect(holder.verdict).toBe('revoked');
      }),
      { numRuns: 20 },
    );
  });

  const [old, late] = [{ ago: 48 }, { ago: 1 }];
  const forged = { ago: 0, isForged: true };
  it.each<[string, readonly (Crl | OcspResponse)[]]>([
    ['a good answer before that which revokes', [answer('good', old), answer('revoked', late)]],
    ['a good answer after it', [answer('revoked', late), answer('good', old)]],
    ['a good answer that is later', [answer('revoked', old), answer('good', late)]],
    ['a good answer where a list revokes', [answer('good', old), list(true, late)]],
    ['a good answer later than the list', [list(true, old), answer('good', late)]],
    ['an older list that comes later', [list(true, late), list(false, old)]],
    ['an older list behind a forged one', [list(true, late), list(false, forged, 9999), list(false, old)]],
    [
      'older lists between forged ones',
      [list(true, late), ...[1, 2, 3, 4, 5, 6].map((n) => list(false, forged, 9000 + n)), list(false, old)],
    ],
    ['a list of a number that is none', [list(true, late), list(false, { ago: 0 }, 1)]],
    [
      'forged answers',
      [answer('revoked', late), ...[0, 2, 3, 4, 5, 6].map((ago) => answer('good', { ago, isForged: true }))],
    ],
  ])('was accepted once: by %s', (_, all) => {
    expect(new Holder().add(...all).verdict).toBe('revoked');
  });

  it('was accepted once by an older list, where only the peer knows the issuer', () => {
    const holder = new Holder(false).add(list(true, late), list(false, forged, 9999), list(false, old));
    expect(holder.verdict).toBe('revoked');
    holder.add(...[1, 2, 3, 4, 5, 6].map((n) => list(false, { ago: 0, isForged: true }, 9000 + n)), list(false, old));
    expect(holder.verdict).toBe('revoked');
  });
});

describe('an answer of an authority that is known', () => {
  const other = issueAuthority(BY_ROOT, 'O=Example, CN=Other', KEYS.rsa);
  const byOther = (issuer: Certificate) =>
    issueOcspResponse(
      { name: other, key: KEYS.rsa },
      { certificate: leaf, issuer, status: 'good', thisUpdate: AT - 5 * HOUR, nextUpdate: AT + 10 * DAY },
    );

  it('replaces nothing that it does not speak for', () => {
    for (const issuer of [ISSUING, other]) {
      const holder = new Holder(true, { certificates: [other, ISSUING] });
      expect(holder.add(answer('on hold', { ago: 10 }), byOther(issuer)).verdict).toBe('revoked');
    }
  });

  it('is not pushed out by others of the configuration, nor are they by what is fetched', () => {
    const forged = [0, 1, 2, 3, 4, 5].map((ago) => answer('good', { ago, isForged: true }));
    const ocspResponses = [answer('revoked', { ago: 7 }), ...forged];
    expect(new Holder(true, { ocspResponses }).verdict).toBe('revoked');
    expect(new Holder(false, { ocspResponses: [answer('revoked', { ago: 7 })] }).add(...forged).verdict).toBe(
      'revoked',
    );
  });
});

describe('a certificate on hold', () => {
  it.each([true, false])('is good again by a later answer (answers in order: %s)', (isInOrder) => {
    const all = [answer('on hold', { ago: 10 }), answer('good', { ago: 5 })];
    expect(new Holder().add(...(isInOrder ? all : all.toReversed())).verdict).toBe('ok');
    expect(new Holder().add(answer('good', { ago: 10 }), answer('on hold', { ago: 5 })).verdict).toBe('revoked');
    expect(new Holder().add(answer('on hold', { ago: 10 }), answer('good', { ago: -5 })).verdict).toBe('revoked');
  });

  it.each([true, false])('is good again by a later list (issuer known: %s)', (isIssuerKnown) => {
    const all = [list(true, { ago: 10 }), list(false, { ago: 5 })];
    expect(new Holder(isIssuerKnown).add(...all).verdict).toBe('ok');
    expect(new Holder(isIssuerKnown).add(...all.toReversed()).verdict).toBe('ok');
    expect(new Holder(isIssuerKnown, { crls: [rootCrl, ...all] }).verdict).toBe('ok');
  });
});

describe('what is held', () => {
  it('is one list of a scope, once it has proved genuine, and few that have not', () => {
    const holder = new Holder(false);
    for (let i = 0; i < 20; i++) holder.add(list(false, { ago: 100 - i, isForged: i % 2 === 0 }));
    expect(holder.pki.crls).toHaveLength(1 + 4);
    expect(holder.verdict).toBe('ok');
    expect(holder.pki.crls).toHaveLength(1 + 1 + 2);
    const known = new Holder();
    for (let i = 0; i < 20; i++) known.add(list(false, { ago: 100 - i }));
    expect(known.pki.crls).toHaveLength(2);
  });

  it('is of lists of issuers that nobody knows bounded in all', () => {
    const holder = new Holder();
    for (let i = 0; i < 50; i++) holder.add(issueCrl({ name: `CN=${i}`, key: KEYS.other }, { thisUpdate: AT }));
    expect(holder.pki.crls).toHaveLength(1 + 32);
    expect(holder.pki.crls[0]).toBe(rootCrl);
  });
});
