import { certificatePayloads, Pki, type RefusalReason, readCertificate } from '@espalier/pki';
import {
  almostCertifiedPeer,
  breakingCertificate,
  CERTIFICATE_RULES,
  type CertificateRuleName,
  type CertifiedPeer,
  certificate,
  certifiedPeer,
  PEER_KEYS,
} from '@espalier/testing/certificates';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const AT = Date.UTC(2026, 5, 1);

const REASONS: Readonly<Record<CertificateRuleName, RefusalReason>> = {
  'certificate-not-before': 'not-yet-valid',
  'certificate-not-after': 'expired',
  'certificate-signature': 'bad-signature',
  'certificate-trust-anchor': 'no-trust-anchor',
  'certificate-ca': 'not-a-ca',
  'certificate-path-length': 'path-length',
  'certificate-key-cert-sign': 'key-usage',
  'certificate-digital-signature': 'key-usage',
  'certificate-purpose': 'extended-key-usage',
  'certificate-name-constraints': 'name-constraints',
  'certificate-critical-extension': 'unknown-critical-extension',
  'certificate-identity': 'wrong-identity',
};

/** The peer's key, or why it is not believed. */
function verdictOf({ trustAnchor, chain, identity, at }: CertifiedPeer): unknown {
  const pki = new Pki({ trustAnchors: [trustAnchor], policy: { revocation: 'off' } });
  const verdict = pki.verifyChain(at, { identity, certificates: certificatePayloads(chain) });
  return verdict.ok ? verdict.key : verdict.refusal.reason;
}

describe('a certified peer', () => {
  it('is believed, with its key', () => {
    fc.assert(
      fc.property(certifiedPeer(AT), (peer) => {
        expect(verdictOf(peer)).toEqual(PEER_KEYS.publicKey);
      }),
      { numRuns: 6 },
    );
  });

  it.each(CERTIFICATE_RULES)('that is almost one is refused for the reason that fits: $name', ({ name }) => {
    fc.assert(
      fc.property(breakingCertificate(name, AT), (peer) => {
        expect(verdictOf(peer)).toBe(REASONS[name]);
      }),
      { numRuns: 2 },
    );
  });

  it('that is almost one breaks any of the rules', () => {
    const seen = fc.sample(almostCertifiedPeer(AT), { seed: 1, numRuns: 16 }).map(({ rule }) => rule.name);
    expect(new Set(seen).size).toBeGreaterThan(5);
    expect(() => Reflect.apply(breakingCertificate, undefined, ['ca', AT])).toThrow(
      /name must be that of one of CERTIFICATE_RULES/,
    );
  });

  it('has certificates that are read', () => {
    fc.assert(
      fc.property(certificate(AT), (octets) => {
        expect(readCertificate(octets)).toMatchObject({ ok: true });
      }),
      { numRuns: 4 },
    );
  });
});
