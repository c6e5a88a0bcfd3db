import type { Engine } from '@espalier/crypto';
import type { GivenCertificates, JunosCertificatePeer, JunosPki, JunosRevocation } from '@espalier/junos';
import {
  type Certificate,
  type Credential,
  type Crl,
  distinguishedNameId,
  type ExpectedIdentity,
  nameFromText,
  Pki,
} from '@espalier/pki';

/** What a router has of certificates, under the names by which its configuration refers to them. */
export interface Holdings {
  /** By CA profile. */
  readonly authorities: ReadonlyMap<string, Certificate>;
  /** By CA profile, as far as they have been fetched: the authority's, and of those that it has made authorities. */
  readonly crls: ReadonlyMap<string, readonly Crl[]>;
  /** Likewise, certificates of those: peers may leave them out. */
  readonly between?: ReadonlyMap<string, readonly Certificate[]>;
  /** By certificate-id. */
  readonly own: ReadonlyMap<string, Credential>;
}

/** What a configuration leaves to its certificates. */
export function namesOf({ authorities, own }: Holdings): GivenCertificates {
  return { authorities, localCertificates: new Map([...own].map(([id, { certificate }]) => [id, certificate])) };
}

/** Whom a router believes, and what it shows, by the name of the peer: what its configuration says of certificates. */
export function pkisOf(
  { caProfiles, peers }: JunosPki,
  { authorities, crls, own, between }: Holdings,
  engine: Pick<Engine, 'signatures'>,
): ReadonlyMap<string, Pki> {
  const pkiOf = (peer: JunosCertificatePeer): Pki => {
    const profiles = caProfiles.filter(({ name }) => peer.trustedCas.includes(name));
    const credential = own.get(peer.localCertificate);
    const credentials: readonly Credential[] = credential === undefined ? [] : [credential];
    return new Pki({
      engine,
      trustAnchors: profiles.flatMap(({ name }) => authorities.get(name) ?? []),
      certificates: profiles.flatMap(({ name }) => between?.get(name) ?? []),
      crls: profiles.flatMap(({ name }) => crls.get(name) ?? []),
      credentials,
      policy: {
        revocation: strictest(profiles.map(({ revocation }) => revocation)),
        freshHours: Math.min(...profiles.map(({ crlRefreshHours }) => crlRefreshHours || CRL_HOURS)),
        ...(peer.policyOids.length > 0 && { certificatePolicies: peer.policyOids }),
      },
      ...(peer.expected !== undefined && { expected: peer.expected.map(expectedIdentity) }),
      chainEncoding: peer.sendsChain ? peer.encoding : 'end-entity',
    });
  };
  return new Map(peers.map((peer) => [peer.peer, pkiOf(peer)]));
}

/** Of a CRL that does not say when the next one comes, where `refresh-interval` is 0. */
const CRL_HOURS = 24;

/** A peer may have a certificate of any of its authorities: so what the strictest asks is asked of all. */
function strictest(all: readonly JunosRevocation[]): JunosRevocation {
  return (['required', 'if-present'] as const).find((one) => all.includes(one)) ?? 'off';
}

function expectedIdentity(expected: NonNullable<JunosCertificatePeer['expected']>[number]): ExpectedIdentity {
  if (!('match' in expected)) return expected;
  const name = nameFromText(expected.name);
  return expected.match === 'exact' ? distinguishedNameId(name) : { match: expected.match, name };
}
