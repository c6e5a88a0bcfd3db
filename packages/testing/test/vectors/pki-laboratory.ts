import type { PrivateKey, PublicKey } from '@espalier/crypto';
import type { Certificate } from '@espalier/pki';
import {
  type Authority,
  type CertificateFields,
  type IssuedExtensions,
  issueCertificate,
  issueCrl,
  issueOcspResponse,
} from '@espalier/pki/issue';
import { encodePayloadBody, fqdnId, toHex } from '@espalier/wire';
import { ecdsaKey, publicKeyOf, rsaKey } from '../../../../test/support/signing-keys.ts';
import type { PkiVector } from './format.ts';

/** A peer whose certificates, or what is said of them, are wrong in one thing that no rule of the chain alone shows. */
export type Wrong = Omit<PkiVector, 'expect'>;

const AT = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;
const NAME = 'router2.example.com';
const KEYS = { root: ecdsaKey('P-256', 'one'), issuing: ecdsaKey('P-256', 'other'), leaf: ecdsaKey('P-384', 'one') };

/** Object identifiers. */
const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const P384 = [0x2b, 0x81, 0x04, 0x00, 0x22];

const ROOT = issued(
  { name: 'O=Espalier, CN=Root', key: KEYS.root },
  '01',
  ofAuthority('O=Espalier, CN=Root', KEYS.root),
);
const BY_ROOT: Authority = { name: ROOT, key: KEYS.root };
const ISSUING = issued(BY_ROOT, '02', ofAuthority('O=Espalier, CN=Issuing', KEYS.issuing));
const BY_ISSUING: Authority = { name: ISSUING, key: KEYS.issuing };
const LEAF = ofPeer();

const ROOT_CRL = issueCrl(BY_ROOT, { thisUpdate: AT - DAY, nextUpdate: AT + DAY });
/** The issuer's, which has revoked the peer's or not. */
function crl(revoked: boolean, thisUpdate = AT - DAY, nextUpdate = AT + DAY): string {
  const entries = revoked ? [{ serial: LEAF.serial, at: AT - DAY }] : [];
  return toHex(issueCrl(BY_ISSUING, { thisUpdate, nextUpdate, revoked: entries }).octets);
}

/** An answer about the peer's. */
function ocsp(status: 'unknown' | { readonly revokedAt: number }): string {
  const times = { thisUpdate: AT, nextUpdate: AT + DAY };
  return toHex(issueOcspResponse(BY_ISSUING, { certificate: LEAF, issuer: ISSUING, status, ...times }).octets);
}

const REQUIRED = { revocation: 'required' } as const;
const ROOT_SAYS = toHex(ROOT_CRL.octets);

/** What is wrong, what was to be, and where it says so. */
export const WRONG: readonly Wrong[] = [
  wrong('malformed-1', 'RFC 5280 §4.1', 'what is sent as a certificate is one, in DER', { chain: ['010203'] }),
  wrong('no-certificate-1', 'RFC 2409 §5.1', 'a peer that signs sends a certificate that is not known', { chain: [] }),
  wrong('unsupported-signature-1', 'RFC 5280 §4.1.1.2', 'the algorithm of the signature is one that is known', {
    chain: [withOctet(LEAF, ECDSA_WITH_SHA256, 7, 9), toHex(ISSUING.octets)],
  }),
  wrong('weak-signature-1', 'RFC 8247 §4.2', 'a signature is not over SHA-1', {
    chain: chainOf(ofPeer({}, { ...BY_ISSUING, algorithm: 'ecdsa-with-SHA1' })),
  }),
  wrong('unsupported-key-1', 'RFC 4754 §3', 'the key is RSA or of a curve that has a name', {
    ...{ trustAnchor: withOctet(LEAF, P384, 4, 10), chain: [withOctet(LEAF, P384, 4, 10)] },
  }),
  wrong('small-key-1', 'RFC 8247 §4.1.1', 'an RSA modulus has 2048 bits or more', {
    chain: chainOf(ofPeer({ key: publicKeyOf(rsaKey('short')) })),
  }),
  wrong('small-key-2', 'RFC 8017 §3.1', 'an RSA modulus is the product of odd primes', {
    chain: chainOf(rsa(256, 0xc4)),
  }),
  wrong('bad-exponent-1', 'RFC 8017 §3.1', 'a public exponent of RSA is odd and not 1', {
    chain: chainOf(rsa(256, 0xc5, 1)),
  }),
  wrong('certificate-policy-1', 'RFC 5280 §6.1.5', 'the chain is issued under a policy that is asked for', {
    policy: { revocation: 'off', certificatePolicies: ['1.2.3'] },
  }),
  wrong('revoked-1', 'RFC 5280 §6.3.3', 'no CRL has the certificate', {
    ...{ policy: REQUIRED, crls: [ROOT_SAYS, crl(true)] },
  }),
  wrong('revoked-2', 'RFC 6960 §2.2', 'no OCSP response says that it is revoked', {
    ...{ policy: REQUIRED, crls: [ROOT_SAYS], ocspResponses: [ocsp({ revokedAt: AT - DAY })] },
  }),
  wrong('no-crl-1', 'RFC 5280 §6.3.3', 'there is a CRL of each issuer, where one is asked for', {
    ...{ policy: REQUIRED, crls: [ROOT_SAYS] },
  }),
  wrong('stale-crl-1', 'RFC 5280 §5.1.2.5', 'nextUpdate of the CRL is still to come', {
    ...{ policy: REQUIRED, crls: [ROOT_SAYS, crl(false, AT - 9 * DAY, AT - 8 * DAY)] },
  }),
  wrong('unusable-crl-1', 'RFC 5280 §6.3.3', 'the issuer has signed its CRL', {
    ...{
      policy: REQUIRED,
      crls: [ROOT_SAYS, toHex(issueCrl({ name: ISSUING, key: KEYS.root }, { thisUpdate: AT }).octets)],
    },
  }),
  wrong('unusable-crl-2', 'RFC 6960 §2.2', 'the responder knows of the certificate', {
    ...{ policy: REQUIRED, crls: [ROOT_SAYS], ocspResponses: [ocsp('unknown')] },
  }),
];

/** What others may take: says: a limit of this library. */
export const TOO_MUCH: readonly Wrong[] = [
  limit('too-large-1', 'RFC 5280 §4.1', 'a certificate has 32,768 octets at most', {
    chain: [toHex(LEAF.octets)],
    zeros: 32_768,
  }),
  limit('too-many-certificates-1', 'RFC 2408 §3.9', 'a peer sends 20 certificates at most', {
    chain: Array.from({ length: 21 }, () => toHex(LEAF.octets)),
  }),
  limit('large-key-1', 'RFC 8017 §3.1', 'an RSA modulus has 8,192 bits at most', { chain: chainOf(rsa(2048, 0xc5)) }),
  limit('too-complex-1', 'RFC 5280 §6.1', 'there are not more ways than can be tried to a trust anchor', {
    chain: meshed(),
  }),
];

/** The same, and nothing is wrong. */
export const RIGHT: readonly Wrong[] = [
  wrong('chain-with-crls-1', 'RFC 5280 §6.3.3', undefined, { policy: REQUIRED, crls: [ROOT_SAYS, crl(false)] }),
];

function wrong(name: string, clause: string, says: string | undefined, given: Partial<PkiVector>): Wrong {
  return {
    ...{ name, clause, ...(says === undefined ? {} : { says }), trustAnchor: toHex(ROOT.octets) },
    ...{ chain: chainOf(LEAF), identity: toHex(encodePayloadBody({ kind: 'id', ...fqdnId(NAME) })), at: AT },
    ...given,
  };
}

function limit(name: string, clause: string, says: string, given: Partial<PkiVector>): Wrong {
  return wrong(name, clause, `a limit of this library, which others may have elsewhere: ${says}`, given);
}

/** Authorities of one name, each of which may have issued every other one's certificate; none is trusted. */
function meshed(): readonly string[] {
  const name = 'O=Espalier, CN=Mesh';
  const by: Authority = { name, key: KEYS.issuing };
  const authorities = Array.from({ length: 7 }, (_, i) => {
    const modulus = new Uint8Array(128).fill(0xc1 + 2 * i);
    const key: PublicKey = { kind: 'rsa', modulus, exponent: Uint8Array.of(1, 0, 1) };
    return issued(by, `1${i}`, { ...ofAuthority(name, KEYS.issuing), key });
  });
  return [ofPeer({}, by), ...authorities].map(({ octets }) => toHex(octets));
}

function chainOf(leaf: Certificate): readonly string[] {
  return [leaf, ISSUING].map(({ octets }) => toHex(octets));
}

function ofPeer(fields: Partial<CertificateFields> = {}, by: Authority = BY_ISSUING): Certificate {
  const extensions: IssuedExtensions = { keyUsage: ['digitalSignature'], subjectAltNames: [{ dns: NAME }] };
  return issued(by, '03', { subject: `O=Espalier, CN=${NAME}`, key: publicKeyOf(KEYS.leaf), extensions, ...fields });
}

/** With a public key of RSA that nobody has the private one of. */
function rsa(modulusOctets: number, octet: number, exponent?: number): Certificate {
  const e = exponent === undefined ? Uint8Array.of(1, 0, 1) : Uint8Array.of(exponent);
  const key: PublicKey = { kind: 'rsa', modulus: new Uint8Array(modulusOctets).fill(octet), exponent: e };
  return ofPeer({ key });
}

function ofAuthority(subject: string, key: PrivateKey): Pick<CertificateFields, 'subject' | 'key' | 'extensions'> {
  return { subject, key: publicKeyOf(key), extensions: { ca: true, keyUsage: ['keyCertSign', 'cRLSign'] } };
}

function issued(
  by: Authority,
  serial: string,
  fields: Pick<CertificateFields, 'subject' | 'key' | 'extensions'>,
): Certificate {
  return issueCertificate(by, { serial, notBefore: AT - 30 * DAY, notAfter: AT + 30 * DAY, ...fields });
}

/** Wherever the pattern stands, the octet at `at` of it is another. */
function withOctet({ octets }: Certificate, pattern: readonly number[], at: number, octet: number): string {
  const copy = new Uint8Array(octets);
  for (let i = 0; i < copy.length - pattern.length; i++) {
    if (pattern.every((one, j) => copy[i + j] === one)) copy[i + at] = octet;
  }
  return toHex(copy);
}
