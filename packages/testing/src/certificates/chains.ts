import type { PublicKey } from '@espalier/crypto';
import type { Certificate } from '@espalier/pki';
import { type IssuedExtensions, issueCertificate, type NameText } from '@espalier/pki/issue';
import { fqdnId, type Identification, ipv4AddressId, ipv6AddressId, userFqdnId } from '@espalier/wire';
import fc from 'fast-check';
import { around, authority, ISSUING_KEYS, type Issuer, PEER_KEYS, ROOT_KEYS, type Validity } from './authority.ts';

/** A peer with a certificate, and who vouches for it. */
export interface CertifiedPeer {
  /** Believed in. */
  readonly trustAnchor: Certificate;
  /** Of the peer first, then those above it; the trust anchor is not among them. */
  readonly chain: readonly Certificate[];
  /** Whom the peer says it is: one of the names in its certificate. */
  readonly identity: Identification;
  /** Milliseconds since 1970: when the chain is to be looked at. */
  readonly at: number;
}

/** A name that stands in a certificate, and the identity that it certifies (RFC 4945 §5.1.3.6). */
export interface CertifiedName {
  readonly name: NameText;
  readonly identity: Identification;
}

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
const host = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'));

const dns = host.map((text) => ({ name: { dns: text }, identity: fqdnId(text) }));
const email = fc
  .tuple(label, host)
  .map(([user, host]) => `${user}@${host}`)
  .map((text) => ({ name: { email: text }, identity: userFqdnId(text) }));
const address4 = fc.ipV4().map((text) => ({ name: { address: text }, identity: ipv4AddressId(text) }));
const address6 = fc
  .array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((group) => group.toString(16)).join(':'))
  .map((text) => ({ name: { address: text }, identity: ipv6AddressId(text) }));

/** A host, a user, or an address. */
export const certifiedName: fc.Arbitrary<CertifiedName> = fc.oneof(dns, email, address4, address6);

/** For what IKE peers have certificates (RFC 4945 §5.1.3.12); or it is not said. */
const purposes = fc.option(
  fc.constantFrom(['1.3.6.1.5.5.7.3.17'], ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'], ['2.5.29.37.0']),
);

/** What a chain is made of, whatever is broken in it. */
export interface Drawn {
  /** The peer's. */
  readonly key: PublicKey;
  readonly names: readonly CertifiedName[];
  readonly serial: string;
  readonly common: string;
  readonly purposes: readonly string[] | null;
  /** Whether an authority stands between the trust anchor and the peer. */
  readonly isLong: boolean;
  /** Any number: what it means is for each rule to say. */
  readonly pick: number;
}

/** All of it but the key. */
export function drawn(key: PublicKey): fc.Arbitrary<Drawn> {
  return fc.record({
    key: fc.constant(key),
    names: fc.array(certifiedName, { minLength: 1, maxLength: 3 }),
    serial: fc.integer({ min: 0x0100_0000, max: 0x7fff_ffff }).map((number) => number.toString(16).padStart(8, '0')),
    common: label,
    purposes,
    isLong: fc.boolean(),
    pick: fc.nat(),
  });
}

/** What is otherwise in a chain. */
export interface Otherwise {
  readonly peer?: IssuedExtensions;
  readonly peerValidity?: Validity;
  readonly issuing?: IssuedExtensions;
  readonly root?: IssuedExtensions;
}

/** The chain of what was drawn, but for what is otherwise. */
export function chainOf(at: number, one: Drawn, otherwise: Otherwise = {}): CertifiedPeer {
  const validity = around(at);
  const root = authority('O=Espalier, CN=Root', ROOT_KEYS, validity, undefined, otherwise.root);
  const isLong = one.isLong || otherwise.issuing !== undefined;
  const issuer = isLong ? authority('O=Espalier, CN=Issuing', ISSUING_KEYS, validity, root, otherwise.issuing) : root;
  const peer = peerOf(issuer, one, otherwise.peerValidity ?? validity, otherwise.peer);
  return { trustAnchor: root.name, chain: isLong ? [peer, issuer.name] : [peer], identity: identityOf(one), at };
}

/** One of its names. */
function identityOf({ names, pick }: Drawn): Identification {
  return (names[pick % names.length] ?? names[0])?.identity ?? fqdnId('nobody.example');
}

function peerOf(issuer: Issuer, one: Drawn, validity: Validity, extensions: IssuedExtensions = {}): Certificate {
  return issueCertificate(issuer, {
    serial: one.serial,
    subject: `O=Espalier, CN=${one.common}`,
    key: one.key,
    ...validity,
    extensions: {
      keyUsage: ['digitalSignature'],
      subjectAltNames: one.names.map(({ name }) => name),
      ...(one.purposes === null ? {} : { extendedKeyUsage: one.purposes }),
      ...extensions,
    },
  });
}

/**
 * A peer whom one believes at that time, in milliseconds since 1970 (RFC 5280 §6, RFC 4945 §5). `key`: the peer's, by default that
 * of `PEER_KEYS`.
 */
export function certifiedPeer(at: number, key: PublicKey = PEER_KEYS.publicKey): fc.Arbitrary<CertifiedPeer> {
  return drawn(key).map((one) => chainOf(at, one));
}

/** A certificate in DER: a peer's, or that of an authority. */
export function certificate(at: number): fc.Arbitrary<Uint8Array> {
  return drawn(PEER_KEYS.publicKey).map((one) => {
    const { chain, trustAnchor } = chainOf(at, one);
    return (chain[one.pick % chain.length] ?? trustAnchor).octets;
  });
}
