import { readFileSync } from 'node:fs';
import { type Certificate, REFUSAL_REASONS, type RefusalReason, readCertificate } from '@espalier/pki';
import { type IssuedExtensions, issueCertificate, issueCrl, issueOcspResponse } from '@espalier/pki/issue';
import { fqdnId, ipv4AddressId } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { rsaKey } from '../../../../test/support/signing-keys.ts';
import {
  AT,
  BY_ISSUING,
  BY_ROOT,
  DAY,
  ISSUING,
  issue,
  issueAuthority,
  issueRoot,
  KEYS,
  NAME,
  publicKey,
  ROOT,
  reasonOf,
  verify,
} from '../support/authorities.ts';

const leaf = issue(BY_ISSUING);
const chain = [leaf, ISSUING];
const required = { revocation: 'required' } as const;
const rootCrl = issueCrl(BY_ROOT, { thisUpdate: AT - DAY, nextUpdate: AT + DAY });
const issuingCrl = (
  revoked: readonly Certificate[] = [],
  thisUpdate = AT - DAY,
  nextUpdate: number | undefined = AT + DAY,
) =>
  issueCrl(BY_ISSUING, {
    thisUpdate,
    ...(nextUpdate === undefined ? {} : { nextUpdate }),
    revoked: revoked.map(({ serial }) => ({ serial, at: AT - DAY })),
  });
const ofLeaf = (extensions: Parameters<typeof issue>[1]) => [issue(BY_ISSUING, extensions), ISSUING];
const rsaWith = (modulusOctets: number, exponent: number): Certificate[] =>
  ofLeaf({
    publicKey: {
      kind: 'rsa',
      modulus: new Uint8Array(modulusOctets).fill(0xc5),
      exponent: Uint8Array.from(exponent < 256 ? [exponent] : [1, 0, exponent & 1]),
    },
  });
/** Authorities that stand between the root and an end entity, each issued by the one before. */
function ladder(rungs: number): Certificate[] {
  const all: Certificate[] = [];
  let above = ROOT;
  for (let i = 0; i < rungs; i++) {
    above = issueAuthority({ name: above, key: KEYS.root }, `CN=rung ${i}`, KEYS.root);
    all.unshift(above);
  }
  return [issue({ name: above, key: KEYS.root }), ...all];
}

/** What provokes each reason, and what the refusal says then. */
const PROVOKED: Readonly<
  Record<RefusalReason, readonly (readonly [string, () => ReturnType<typeof verify>, RegExp])[]>
> = {
  malformed: [
    ['octets', () => verify([], { payloads: [{ encoding: 4, data: Uint8Array.of(1, 2, 3) }] }), /certificate 1/],
    ['a PKCS#7', () => verify([], { payloads: [{ encoding: 1, data: Uint8Array.of(0x30, 0) }] }), /PKCS#7/],
    ['a CRL', () => verify(chain, { payloads: [{ encoding: 7, data: Uint8Array.of(0x30, 0x80) }] }), /CRL 1/],
  ],
  'too-large': [
    ['a certificate', () => verify([], { payloads: [{ encoding: 4, data: new Uint8Array(40_000) }] }), /32768/],
  ],
  'too-many-certificates': [['100 of them', () => verify(Array.from({ length: 100 }, () => leaf)), /more than 20/]],
  'no-certificate': [['none', () => verify([]), /none/]],
  'no-trust-anchor': [
    ['an issuer that nobody knows', () => verify([leaf]), /O=Example, CN=Issuing/],
    ['a circle', () => verify(circle()), /no path/],
    ['a path that is too long', () => verify(ladder(12)), /no path/],
    ['a self-signed one', () => verify([issue({ name: `O=Example, CN=${NAME}`, key: KEYS.leaf })]), /no path/],
  ],
  'too-complex': [['all certify each other', () => verify(mesh()), /too many/]],
  'bad-signature': [['another key', () => verify([issue({ name: ISSUING, key: KEYS.root }), ISSUING]), /not signed/]],
  'unsupported-signature': [
    ['an algorithm of no name', () => verify([renamed(leaf), ISSUING]), /1\.2\.840\.10045\.4\.3\.9/],
  ],
  'weak-signature': [
    ['SHA-1', () => verify([issue({ ...BY_ISSUING, algorithm: 'ecdsa-with-SHA1' }), ISSUING]), /SHA1/],
    [
      'MD5',
      () =>
        verify([issue({ name: RSA_CA, key: KEYS.rsa, algorithm: 'md5WithRSAEncryption' }), RSA_CA], {
          policy: { revocation: 'off', allowSha1: true },
        }),
      /md5/,
    ],
  ],
  'unsupported-key': [
    ['a curve of no name', () => verify([withOtherCurve()], { trustAnchors: [withOtherCurve()] }), /curve/],
  ],
  'small-key': [
    ['RSA of 512 bits', () => verify(rsaWith(64, 0x10001)), /fewer/],
    ['RSA of 1024 bits', () => verify(ofLeaf({ key: KEYS.short })), /1024 bits/],
    [
      'an even modulus',
      () =>
        verify(
          ofLeaf({
            publicKey: { kind: 'rsa', modulus: new Uint8Array(256).fill(0xc4), exponent: Uint8Array.of(1, 0, 1) },
          }),
        ),
      /even/,
    ],
  ],
  'large-key': [['RSA of 16,384 bits', () => verify(rsaWith(2048, 0x10001)), /more bits/]],
  'bad-exponent': [
    ['e = 1', () => verify(rsaWith(256, 1)), /65537/],
    ['e = 3', () => verify(rsaWith(256, 3)), /65537/],
    ['an even e', () => verify(rsaWith(256, 0x10000)), /65537/],
  ],
  'not-yet-valid': [['from tomorrow on', () => verify(ofLeaf({ notBefore: AT + DAY })), /from 2026-01-16/]],
  expired: [
    ['until yesterday', () => verify(ofLeaf({ notAfter: AT - DAY })), /until 2026-01-14T12:00:00Z/],
    ['an authority', () => verify([issue({ name: OLD_CA, key: KEYS.issuing }), OLD_CA]), /CN=Old/],
    ['a trust anchor', () => verify(chain, { trustAnchors: [issueRoot({}, { notAfter: AT - DAY })] }), /CN=Root/],
  ],
  'not-a-ca': [
    [
      'an end entity that issues',
      () => verify([issue({ name: leaf, key: KEYS.leaf }, { subject: 'CN=below', key: KEYS.other }), leaf, ISSUING]),
      /CN=router2/,
    ],
    ['one that says no', () => verify([issue({ name: NO_CA, key: KEYS.other }), NO_CA]), /CN=No/],
    ['one of before extensions', () => verify([issue({ name: V1_CA, key: KEYS.other }), V1_CA]), /CN=Old ways/],
  ],
  'path-length': [['one below, where none may be', () => verify(tooDeep()), /0 may be/]],
  'key-usage': [
    [
      'not for signatures',
      () => verify(ofLeaf({ extensions: { keyUsage: ['keyEncipherment'], subjectAltNames: [{ dns: NAME }] } })),
      /signatures/,
    ],
    ['not for certificates', () => verify([issue({ name: CRL_CA, key: KEYS.other }), CRL_CA]), /certificates/],
  ],
  'extended-key-usage': [
    [
      'code signing',
      () =>
        verify(ofLeaf({ extensions: { extendedKeyUsage: ['1.3.6.1.5.5.7.3.3'], subjectAltNames: [{ dns: NAME }] } })),
      /7\.3\.3/,
    ],
  ],
  'name-constraints': [['a name of another domain', () => verify(constrained()), /router2/]],
  'unknown-critical-extension': [
    [
      'one of nobody',
      () =>
        verify(
          ofLeaf({
            extensions: {
              other: [{ type: '1.3.6.1.4.1.99999.1', isCritical: true, value: Uint8Array.of(5, 0) }],
              subjectAltNames: [{ dns: NAME }],
            },
          }),
        ),
      /99999/,
    ],
  ],
  'certificate-policy': [
    [
      'none where one is wanted',
      () => verify(chain, { policy: { revocation: 'off', certificatePolicies: ['1.2.3'] } }),
      /policy/,
    ],
  ],
  revoked: [
    [
      'by a CRL',
      () => verify(chain, { policy: required, crls: [rootCrl, issuingCrl([leaf])] }),
      /since 2026-01-14T12:00:00Z/,
    ],
    [
      'an authority',
      () =>
        verify(chain, {
          policy: required,
          crls: [
            issueCrl(BY_ROOT, { thisUpdate: AT, revoked: [{ serial: ISSUING.serial, at: AT - DAY }] }),
            issuingCrl(),
          ],
        }),
      /since/,
    ],
    [
      'by an old CRL',
      () => verify(chain, { policy: required, crls: [rootCrl, issuingCrl([leaf], AT - 9 * DAY, AT - 8 * DAY)] }),
      /since/,
    ],
    [
      'by OCSP',
      () => verify(chain, { policy: required, crls: [rootCrl], ocspResponses: [answerOf({ revokedAt: AT - DAY })] }),
      /since/,
    ],
  ],
  'no-crl': [
    ['none at all', () => verify(chain, { policy: required }), /none of its issuer, O=Example, CN=Root/],
    ['none of one issuer', () => verify(chain, { policy: required, crls: [rootCrl] }), /CN=Issuing/],
  ],
  'stale-crl': [
    [
      'of last week',
      () => verify(chain, { policy: required, crls: [rootCrl, issuingCrl([], AT - 9 * DAY, AT - 8 * DAY)] }),
      /until 2026-01-07/,
    ],
    [
      'of two days ago, that does not say until when',
      () => verify(chain, { policy: required, crls: [rootCrl, issueCrl(BY_ISSUING, { thisUpdate: AT - 2 * DAY })] }),
      /until/,
    ],
    [
      'of tomorrow',
      () => verify(chain, { policy: required, crls: [rootCrl, issuingCrl([], AT + DAY, AT + 2 * DAY)] }),
      /from/,
    ],
    [
      'where there need not be one',
      () => verify(chain, { policy: { revocation: 'if-present' }, crls: [issuingCrl([], AT - 9 * DAY, AT - 8 * DAY)] }),
      /until/,
    ],
    [
      'an OCSP response',
      () =>
        verify(chain, {
          policy: required,
          crls: [rootCrl],
          ocspResponses: [answerOf('good', AT - 9 * DAY, AT - 8 * DAY)],
        }),
      /until/,
    ],
  ],
  'unusable-crl': [
    [
      'signed by somebody else',
      () =>
        verify(chain, {
          policy: required,
          crls: [rootCrl, issueCrl({ name: ISSUING, key: KEYS.other }, { thisUpdate: AT })],
        }),
      /bad-signature/,
    ],
    [
      'with what is not understood',
      () =>
        verify(chain, {
          policy: required,
          crls: [
            rootCrl,
            issueCrl(BY_ISSUING, {
              thisUpdate: AT,
              other: [{ type: '1.2.3', isCritical: true, value: Uint8Array.of(5, 0) }],
            }),
          ],
        }),
      /not understood/,
    ],
    [
      'an OCSP responder that nobody let answer',
      () => verify(chain, { policy: required, crls: [rootCrl], ocspResponses: [answerBy('CN=Nobody')] }),
      /OCSP/,
    ],
    [
      'an OCSP responder that is itself revoked',
      () =>
        verify(chain, {
          policy: required,
          ocspResponses: [GOOD],
          crls: [rootCrl, issuingCrl(RESPONDERS, AT - 9 * DAY, AT - 8 * DAY)],
        }),
      /revoked/,
    ],
    [
      'an OCSP responder that knows nothing',
      () => verify(chain, { policy: required, crls: [rootCrl], ocspResponses: [answerOf('unknown')] }),
      /knows nothing/,
    ],
  ],
  'wrong-identity': [
    ['another name', () => verify(chain, { identity: fqdnId('router3.example.com') }), /says it is/],
    ['an address', () => verify(chain, { identity: ipv4AddressId('10.1.15.1') }), /says it is/],
    ['one who is not expected', () => verify(chain, { expected: [fqdnId('router9.example.com')] }), /expected/],
  ],
};

const RSA_CA = issueAuthority(BY_ROOT, 'CN=RSA', KEYS.rsa);
const OLD_CA = issueAuthority(BY_ROOT, 'CN=Old', KEYS.issuing, {}, { notAfter: AT - DAY });
const NO_CA = issueAuthority(BY_ROOT, 'CN=No', KEYS.other, { ca: false });
const CRL_CA = issueAuthority(BY_ROOT, 'CN=CRLs', KEYS.other, { keyUsage: ['cRLSign'] });
const V1_CA = issueCertificate(BY_ROOT, {
  serial: '01',
  subject: 'CN=Old ways',
  key: publicKey(KEYS.other),
  notBefore: AT - DAY,
  notAfter: AT + DAY,
});

function answerOf(status: 'good' | 'unknown' | { revokedAt: number }, thisUpdate = AT, nextUpdate = AT + DAY) {
  return issueOcspResponse(BY_ISSUING, { certificate: leaf, issuer: ISSUING, status, thisUpdate, nextUpdate });
}

/** A good answer by somebody whom the issuer has certified, for OCSP or not. */
function answerBy(subject: string, extensions: IssuedExtensions = {}) {
  const responder = issue(BY_ISSUING, { subject, key: KEYS.other, extensions });
  const fields = {
    certificate: leaf,
    issuer: ISSUING,
    status: 'good',
    thisUpdate: AT,
    certificates: [responder],
  } as const;
  return issueOcspResponse({ name: responder, key: KEYS.other }, fields);
}

const GOOD = answerBy('CN=Responder', {
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: ['1.3.6.1.5.5.7.3.9'],
});
const RESPONDERS = GOOD.certificates;

function circle(): Certificate[] {
  const [one, other] = ['CN=one', 'CN=other'];
  const byOther = issueAuthority({ name: other, key: KEYS.issuing }, one, KEYS.other);
  const byOne = issueAuthority({ name: one, key: KEYS.other }, other, KEYS.issuing);
  return [issue({ name: byOther, key: KEYS.other }), byOther, byOne];
}

/** Eighteen authorities of one name and different keys, as far as the names say each issued by all. */
function mesh(): Certificate[] {
  const name = 'CN=mesh';
  const all = Array.from({ length: 18 }, (_, i) =>
    issueAuthority(
      { name, key: KEYS.other },
      name,
      KEYS.other,
      {},
      {
        publicKey: { kind: 'rsa', modulus: new Uint8Array(256).fill(0xc1 + 2 * i), exponent: Uint8Array.of(1, 0, 1) },
      },
    ),
  );
  return [issue({ name, key: KEYS.other }), ...all];
}

function tooDeep(): Certificate[] {
  const top = issueAuthority(BY_ROOT, 'CN=top', KEYS.issuing, { ca: { pathLength: 0 } });
  const below = issueAuthority({ name: top, key: KEYS.issuing }, 'CN=below', KEYS.other);
  return [issue({ name: below, key: KEYS.other }), below, top];
}

function constrained(): Certificate[] {
  const ca = issueAuthority(BY_ROOT, 'CN=Constrained', KEYS.other, { permitted: [{ dns: 'example.org' }] });
  return [issue({ name: ca, key: KEYS.other }), ca];
}

/** The last octet of its algorithm's object identifier is another, inside and outside. */
function renamed(certificate: Certificate): Certificate {
  return altered(certificate, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02], 7, 9);
}

function withOtherCurve(): Certificate {
  const read = readCertificate(altered(leaf, [0x2b, 0x81, 0x04, 0x00, 0x22], 4, 0x0a).octets);
  return read.ok ? read.value : leaf;
}

function altered(certificate: Certificate, pattern: readonly number[], at: number, octet: number): Certificate {
  const octets = Uint8Array.from(certificate.octets);
  for (let i = 0; i < octets.length - pattern.length; i++) {
    if (pattern.every((one, j) => octets[i + j] === one)) octets[i + at] = octet;
  }
  return { ...certificate, octets };
}

describe('a chain', () => {
  it('is taken where all is right, with the key and the path', () => {
    const verdict = verify(chain, { policy: required, crls: [rootCrl, issuingCrl()] });
    expect(verdict).toMatchObject({
      ok: true,
      key: publicKey(KEYS.leaf),
      path: [ROOT, ISSUING, leaf],
      certificate: leaf,
    });
  });

  it.each(REFUSAL_REASONS.flatMap((reason) => PROVOKED[reason].map((one) => [reason, ...one] as const)))(
    'is refused: %s (%s)',
    (reason, _what, provoke, text) => {
      const began = performance.now();
      const verdict = provoke();
      expect(performance.now() - began).toBeLessThan(2000);
      expect(reasonOf(verdict)).toBe(reason);
      expect(verdict.ok ? '' : `${verdict.refusal.certificate ?? ''} ${verdict.refusal.detail}`).toMatch(text);
    },
  );

  it('says of every certificate that it blames its subject and its serial number', () => {
    const [expired = leaf] = ofLeaf({ notAfter: AT - DAY });
    const verdict = verify([expired, ISSUING]);
    expect(verdict).toMatchObject({
      refusal: { reason: 'expired', certificate: `O=Example, CN=${NAME} (serial ${expired.serial})` },
    });
  });

  it('has a comment with its clause for every reason', () => {
    const source = readFileSync(new URL('../../src/chain/reasons.ts', import.meta.url), 'utf8');
    for (const reason of REFUSAL_REASONS) expect(source).toMatch(new RegExp(`/\\*\\* [^\\n]+ \\*/\\n  '${reason}',`));
  });
});

describe('what is taken', () => {
  it.each([
    [
      'a delegated OCSP responder',
      {
        ocspResponses: [GOOD],
      },
    ],
    ['its issuer as OCSP responder', { ocspResponses: [answerOf('good')] }],
  ])('%s instead of a CRL', (_, sources) => {
    expect(reasonOf(verify(chain, { policy: required, crls: [rootCrl], ...sources }))).toBe('ok');
  });

  it.each(['2.5.29.37.0', '1.3.6.1.5.5.7.3.17', '1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])(
    'extended key usage %s',
    (usage) => {
      const certificates = ofLeaf({ extensions: { extendedKeyUsage: [usage], subjectAltNames: [{ dns: NAME }] } });
      expect(reasonOf(verify(certificates))).toBe('ok');
    },
  );

  it('an end entity that is itself trusted, and no more', () => {
    const pinned = issue({ name: `O=Example, CN=${NAME}`, key: KEYS.leaf });
    expect(reasonOf(verify([pinned], { trustAnchors: [pinned] }))).toBe('ok');
    expect(
      reasonOf(
        verify([issue({ name: pinned, key: KEYS.leaf }, { subject: 'CN=x' }), pinned], { trustAnchors: [pinned] }),
      ),
    ).toBe('not-a-ca');
  });

  it('SHA-1 and 1024 bits where they are allowed', () => {
    const certificates = [issue({ ...BY_ISSUING, algorithm: 'ecdsa-with-SHA1' }, { key: KEYS.short }), ISSUING];
    const policy = { revocation: 'off', allowSha1: true, leastRsaBits: 1024 } as const;
    expect(reasonOf(verify(certificates, { policy }))).toBe('ok');
  });

  it('a trust anchor of before extensions', () => {
    const fields = {
      serial: '01',
      subject: 'CN=Of old',
      key: publicKey(KEYS.root),
      notBefore: AT - DAY,
      notAfter: AT + DAY,
    };
    const old = issueCertificate({ name: 'CN=Of old', key: KEYS.root }, fields);
    expect(reasonOf(verify([issue({ name: old, key: KEYS.root })], { trustAnchors: [old] }))).toBe('ok');
  });

  it('an issuer that the peer leaves out and the caller knows', () => {
    expect(reasonOf(verify([leaf], { certificates: [ISSUING] }))).toBe('ok');
  });

  it('a peer that sends no certificate and is known', () => {
    expect(reasonOf(verify([], { certificates: [leaf, ISSUING] }))).toBe('ok');
  });

  it('certificates in any order, the end entity told by its name', () => {
    expect(reasonOf(verify([ISSUING, leaf]))).toBe('ok');
  });

  it('no CRL where none need be', () => {
    expect(reasonOf(verify(chain, { policy: { revocation: 'if-present' } }))).toBe('ok');
  });

  it('RSA keys of 2048 and 3072 bits', () => {
    for (const name of ['one', 'long'] as const) {
      const ca = issueAuthority(BY_ROOT, `CN=${name}`, rsaKey(name));
      expect(reasonOf(verify([issue({ name: ca, key: rsaKey(name) }), ca]))).toBe('ok');
    }
  });
});
