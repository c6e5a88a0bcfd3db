import {
  certificateRequests,
  expectedIdentity,
  type IdentityKind,
  identityOf,
  nameFromText,
} from '../../packages/pki/src/index.ts';
import { issueCrl, issueOcspResponse } from '../../packages/pki/src/issue/index.ts';
import { fqdnId, type Identification, ipv4AddressId, userFqdnId } from '../../packages/wire/src/index.ts';
import { ecdsaKey, rsaKey } from '../support/signing-keys.ts';
import { AT, authorityBelow, credentialOf, DAY, KEYS, MAIN_CA, OTHER_CA, rootOf } from './support/authority.ts';
import type { X509Row } from './support/x509.ts';

type Terms = Omit<X509Row, 'name' | 'mode' | 'about'>;

const MODES = ['main', 'aggressive'] as const;
const ENDS = ['initiator', 'responder'] as const;

/** In both modes, and of either end. */
function everywhere(what: string, terms: Terms | ((about: X509Row['about']) => Terms)): readonly X509Row[] {
  return MODES.flatMap((mode) =>
    ENDS.map((about): X509Row => {
      const given = typeof terms === 'function' ? terms(about) : terms;
      const verdict = given.refused === undefined ? 'is believed' : 'is refused';
      return { name: `${mode} mode, the ${about}: ${what} ${verdict}`, mode, about, ...given };
    }),
  );
}

const NAMES = [
  { email: 'first@example.com' },
  { email: 'second@example.com' },
  { address: '192.0.2.77' },
  { dns: 'gateway.example.com' },
] as const;

function claims(kind: IdentityKind): NonNullable<X509Row['identity']> {
  return (certificate) => identityOf(certificate, kind) ?? fqdnId('nobody');
}

const claiming =
  (identity: Identification): NonNullable<X509Row['identity']> =>
  () =>
    identity;
const NOT_ITS_OWN = 'wrong-identity';

function identities(): readonly X509Row[] {
  const holder = { names: NAMES };
  const wrong = (what: string, identity: Identification): readonly X509Row[] =>
    everywhere(what, { holder, identity: claiming(identity), refused: NOT_ITS_OWN });
  return [
    ...everywhere('its first e-mail address', { holder, identity: claims('email') }),
    ...everywhere('another of its e-mail addresses', { holder, identity: claiming(userFqdnId('second@example.com')) }),
    ...everywhere('its address', { holder, identity: claims('address') }),
    ...everywhere('its DNS name', { holder, identity: claims('dns') }),
    ...everywhere('its subject', { holder, identity: claims('name') }),
    ...wrong('an e-mail address that it has not', userFqdnId('third@example.com')),
    ...wrong('an address that it has not', ipv4AddressId('192.0.2.78')),
    ...wrong('a DNS name that it has not', fqdnId('other.example.com')),
    ...wrong('another subject', {
      idType: 9,
      protocol: 0,
      port: 0,
      data: nameFromText('C=CH, O=Example, OU=Research, CN=somebody else').octets,
    }),
    ...everywhere('an identity that it has not, where that does not count,', {
      holder,
      identity: claiming(fqdnId('other.example.com')),
      ignoresIdentity: true,
    }),
    ...everywhere('a subject like a pattern', {
      identity: claims('name'),
      remoteIdentity: 'any',
      trust: () => ({ expected: [expectedIdentity('C=CH, O=Example, OU=Research, CN=*')] }),
    }),
    ...everywhere('a subject unlike a pattern', {
      identity: claims('name'),
      remoteIdentity: 'any',
      trust: () => ({ expected: [expectedIdentity('C=CH, O=Example, OU=Sales, CN=*')] }),
      refused: NOT_ITS_OWN,
    }),
  ];
}

function dates(): readonly X509Row[] {
  return [
    ...everywhere('a certificate that has expired', { holder: { notAfter: AT - DAY }, refused: 'expired' }),
    ...everywhere('a certificate that is not yet valid', { holder: { notBefore: AT + DAY }, refused: 'not-yet-valid' }),
  ];
}

const SELF = (about: X509Row['about']) => rootOf('O=Alone, CN=self', KEYS[about]);

function authorities(): readonly X509Row[] {
  const between = authorityBelow(MAIN_CA, 'O=Example, CN=Between', ecdsaKey('P-384', 'one'));
  const below = authorityBelow(between, 'O=Example, CN=Below', ecdsaKey('P-384', 'other'));
  const chain = { issuer: below, issuers: [below.name, between.name] };
  const gap = { issuer: below, issuers: [below.name] };
  return [
    ...everywhere('a certificate of the authority that is trusted', {}),
    ...everywhere('a certificate of another authority', { holder: { issuer: OTHER_CA }, refused: 'no-trust-anchor' }),
    ...everywhere('a certificate of an authority that is known and not trusted', {
      holder: { issuer: OTHER_CA },
      trust: () => ({ certificates: [OTHER_CA.name] }),
      refused: 'no-trust-anchor',
    }),
    ...everywhere('a whole chain', { holder: chain }),
    ...everywhere('a chain with a gap', { holder: gap, refused: 'no-trust-anchor' }),
    ...everywhere('a chain with a gap that the other end fills', {
      holder: gap,
      trust: () => ({ certificates: [between.name] }),
    }),
    ...everywhere('a chain in PKCS#7', { holder: chain, own: () => ({ chainEncoding: 'pkcs7' }) }),
    ...everywhere('a certificate that the other end has, and that is not sent,', {
      isSilent: true,
      trust: (certificate) => ({ trustAnchors: [certificate], certificates: [certificate] }),
    }),
    ...everywhere('no certificate', { isSilent: true, refused: 'no-certificate' }),
    ...everywhere('a certificate that is itself what is trusted', {
      trust: (certificate) => ({ trustAnchors: [certificate] }),
    }),
    ...everywhere('one that signs itself, and is not known,', (about) => ({
      holder: { issuer: SELF(about), subject: 'O=Alone, CN=self' },
      refused: 'no-trust-anchor',
    })),
    ...everywhere('of two certificates the one whose authority is asked for', (about) => ({
      own: (shown) => ({
        credentials: [
          credentialOf(about === 'initiator' ? 'west' : 'east', { key: KEYS[about], issuer: OTHER_CA }),
          shown,
        ],
      }),
      requests: certificateRequests([MAIN_CA.name]),
    })),
  ];
}

const CRL_TIMES = { thisUpdate: AT - DAY, nextUpdate: AT + DAY };

function revocation(): readonly X509Row[] {
  const required = { policy: { revocation: 'required' } } as const;
  const ifPresent = { policy: { revocation: 'if-present' } } as const;
  const old = { thisUpdate: AT - 9 * DAY, nextUpdate: AT - 8 * DAY };
  const revoked = (serial: string) => [{ serial, at: AT - 9 * DAY }];
  const ocsp =
    (
      status: 'good' | { readonly revokedAt: number },
      policy: typeof required | typeof ifPresent,
    ): NonNullable<X509Row['trust']> =>
    (certificate) => ({
      ...policy,
      ocspResponses: [issueOcspResponse(MAIN_CA, { certificate, issuer: MAIN_CA.name, status, ...CRL_TIMES })],
    });
  return [
    ...everywhere('a certificate that a fresh CRL does not name', {
      trust: () => ({ ...required, crls: [issueCrl(MAIN_CA, CRL_TIMES)] }),
    }),
    ...everywhere('a certificate that a fresh CRL names', {
      trust: ({ serial }) => ({ ...required, crls: [issueCrl(MAIN_CA, { ...CRL_TIMES, revoked: revoked(serial) })] }),
      refused: 'revoked',
    }),
    ...everywhere('a certificate that an old CRL names, where one need not be there,', {
      trust: ({ serial }) => ({ ...ifPresent, crls: [issueCrl(MAIN_CA, { ...old, revoked: revoked(serial) })] }),
      refused: 'revoked',
    }),
    ...everywhere('a certificate that an old CRL does not name, where a fresh one is asked for,', {
      trust: () => ({ ...required, crls: [issueCrl(MAIN_CA, old)] }),
      refused: 'crl',
    }),
    ...everywhere('a certificate without a CRL, where one is asked for,', { trust: () => required, refused: 'no-crl' }),
    ...everywhere('a certificate without a CRL, where one need not be there,', { trust: () => ifPresent }),
    ...everywhere('a certificate that OCSP calls good, where an answer is asked for,', {
      trust: ocsp('good', required),
    }),
    ...everywhere('a certificate that OCSP calls good', { trust: ocsp('good', ifPresent) }),
    ...everywhere('a certificate that OCSP calls revoked', {
      trust: ocsp({ revokedAt: AT - 2 * DAY }, ifPresent),
      refused: 'revoked',
    }),
    ...everywhere(
      'a certificate of which only a stranger says by OCSP that it is good, where an answer is asked for,',
      {
        trust: (certificate) => ({
          ...required,
          ocspResponses: [
            issueOcspResponse(OTHER_CA, { certificate, issuer: MAIN_CA.name, status: 'good', ...CRL_TIMES }),
          ],
        }),
        refused: 'crl',
      },
    ),
  ];
}

function keys(): readonly X509Row[] {
  return [
    ...everywhere('a signature by another key than that of the certificate', (about) => ({
      signsWith: about === 'initiator' ? rsaKey('other') : rsaKey('one'),
      refused: 'authentication-failed',
    })),
  ];
}

/** Certificates in phase 1, each a test. */
export const X509: readonly X509Row[] = [...identities(), ...dates(), ...authorities(), ...revocation(), ...keys()];
