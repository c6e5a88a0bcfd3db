import type { PublicKey } from '@espalier/crypto';
import { type Certificate, readCertificate } from '@espalier/pki';
import { fqdnId } from '@espalier/wire';
import fc from 'fast-check';
import { around, authority, OTHER_KEYS, PEER_KEYS } from './authority.ts';
import { type CertifiedPeer, chainOf, type Drawn, drawn } from './chains.ts';

/** What is to be true of a peer's chain, by name. */
const NAMES = [
  'certificate-not-before',
  'certificate-not-after',
  'certificate-signature',
  'certificate-trust-anchor',
  'certificate-ca',
  'certificate-path-length',
  'certificate-key-cert-sign',
  'certificate-digital-signature',
  'certificate-purpose',
  'certificate-name-constraints',
  'certificate-critical-extension',
  'certificate-identity',
] as const;

/** The name of one of `CERTIFICATE_RULES`. */
export type CertificateRuleName = (typeof NAMES)[number];

/** One thing that one clause asks for. */
export interface CertificateRule {
  readonly name: CertificateRuleName;
  readonly clause: string;
  /** What the clause asks for, in words. */
  readonly says: string;
}

/** A peer whose chain is good but for one rule. */
export interface AlmostCertifiedPeer extends CertifiedPeer {
  readonly rule: CertificateRule;
}

interface Broken {
  readonly clause: string;
  readonly says: string;
  readonly peer: (at: number, one: Drawn) => CertifiedPeer;
}

const YEAR = 365 * 86_400_000;
/** For signing code. */
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
/** Of an arc for examples (RFC 5612), so that nobody knows it. */
const UNKNOWN_EXTENSION = '1.3.6.1.4.1.32473.1';
const NULL_DER = Uint8Array.of(5, 0);
/** Of a length that no name above has, and no name below it. */
const ELSEWHERE = 'elsewhere.invalid';

const BROKEN: Readonly<Record<CertificateRuleName, Broken>> = {
  'certificate-not-before': {
    clause: 'RFC 5280 §4.1.2.5',
    says: 'notBefore is over',
    peer: (at, one) => chainOf(at, one, { peerValidity: { notBefore: at + 60_000 + one.pick, notAfter: at + YEAR } }),
  },
  'certificate-not-after': {
    clause: 'RFC 5280 §4.1.2.5',
    says: 'notAfter is still to come',
    peer: (at, one) => chainOf(at, one, { peerValidity: { notBefore: at - YEAR, notAfter: at - 60_000 - one.pick } }),
  },
  'certificate-signature': {
    clause: 'RFC 5280 §6.1.3',
    says: "the issuer's key made the signature",
    peer: (at, one) => {
      const peer = chainOf(at, one);
      const [leaf, ...above] = peer.chain;
      return leaf === undefined ? peer : { ...peer, chain: [withAnotherSignature(leaf), ...above] };
    },
  },
  'certificate-trust-anchor': {
    clause: 'RFC 5280 §6.1.1',
    says: 'the path begins with a trust anchor',
    peer: (at, one) => {
      const { name } = authority('O=Espalier, CN=Stranger', OTHER_KEYS, around(at));
      return { ...chainOf(at, one), trustAnchor: name };
    },
  },
  'certificate-ca': {
    clause: 'RFC 5280 §4.2.1.9',
    says: 'who issues is an authority',
    peer: (at, one) => chainOf(at, one, { issuing: { ca: false } }),
  },
  'certificate-path-length': {
    clause: 'RFC 5280 §4.2.1.9',
    says: 'there are no more authorities below one than its path length allows',
    peer: (at, one) => chainOf(at, one, { root: { ca: { pathLength: 0 } }, issuing: {} }),
  },
  'certificate-key-cert-sign': {
    clause: 'RFC 5280 §4.2.1.3',
    says: 'the key of who issues is for signing certificates',
    peer: (at, one) => chainOf(at, one, { issuing: { keyUsage: ['cRLSign'] } }),
  },
  'certificate-digital-signature': {
    clause: 'RFC 4945 §5.1.3.2',
    says: 'the key of a peer is for signatures',
    peer: (at, one) => chainOf(at, one, { peer: { keyUsage: ['keyEncipherment'] } }),
  },
  'certificate-purpose': {
    clause: 'RFC 4945 §5.1.3.12',
    says: 'a certificate that names purposes names one of IKE',
    peer: (at, one) => chainOf(at, one, { peer: { extendedKeyUsage: [CODE_SIGNING] } }),
  },
  'certificate-name-constraints': {
    clause: 'RFC 5280 §4.2.1.10',
    says: 'an issuer permits the names',
    peer: (at, one) =>
      chainOf(at, one, {
        issuing: {
          permitted: [{ dns: ELSEWHERE }, { email: ELSEWHERE }, { address: '192.0.2.255/32' }, { address: '::1/128' }],
        },
      }),
  },
  'certificate-critical-extension': {
    clause: 'RFC 5280 §4.2',
    says: 'every critical extension is one that is known',
    peer: (at, one) =>
      chainOf(at, one, { peer: { other: [{ type: UNKNOWN_EXTENSION, isCritical: true, value: NULL_DER }] } }),
  },
  'certificate-identity': {
    clause: 'RFC 4945 §5.1.3.6',
    says: 'the identity is among the names',
    peer: (at, one) => ({ ...chainOf(at, one), identity: fqdnId(ELSEWHERE) }),
  },
};

/** Every rule that can be broken. */
export const CERTIFICATE_RULES: readonly CertificateRule[] = NAMES.map((name) => {
  const { clause, says } = BROKEN[name];
  return { name, clause, says };
});

/**
 * A peer whose chain breaks that rule and no other, to be looked at `at`, in milliseconds since 1970. `key`: the peer's, by default
 * that of `PEER_KEYS`.
 * @throws RangeError for a name that no rule has.
 */
export function breakingCertificate(
  name: CertificateRuleName,
  at: number,
  key: PublicKey = PEER_KEYS.publicKey,
): fc.Arbitrary<AlmostCertifiedPeer> {
  if (!Object.hasOwn(BROKEN, name))
    throw new RangeError(`name must be that of one of CERTIFICATE_RULES: ${String(name)}`);
  const { clause, says, peer } = BROKEN[name];
  return drawn(key).map((one) => ({ ...peer(at, one), rule: { name, clause, says } }));
}

/** A peer whose chain is good but for one rule of one clause, which is told. */
export function almostCertifiedPeer(at: number, key?: PublicKey): fc.Arbitrary<AlmostCertifiedPeer> {
  return fc.oneof(...NAMES.map((name) => breakingCertificate(name, at, key)));
}

/** The last octet of the signature lies in its s, which is then another number. */
function withAnotherSignature({ octets }: Certificate): Certificate {
  const changed = octets.slice();
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  const read = readCertificate(changed);
  if (!read.ok) throw new RangeError(`certificate: ${read.detail}`);
  return read.value;
}
