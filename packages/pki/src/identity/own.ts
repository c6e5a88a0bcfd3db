import {
  formatAddress,
  fqdnId,
  ID_TYPE,
  type Identification,
  ipv4AddressId,
  ipv6AddressId,
  userFqdnId,
} from '@espalier/wire';
import type { Certificate } from '../certificate/certificate.ts';
import type { DistinguishedName } from '../name/distinguished-name.ts';

/** What a certificate's owner may call itself in phase 1, by kind. */
export type IdentityKind = 'name' | 'dns' | 'email' | 'address';

/** ID_DER_ASN1_DN (RFC 2407 §4.6.2.10). */
export function distinguishedNameId({ octets }: DistinguishedName): Identification {
  return { idType: ID_TYPE.derAsn1Dn, protocol: 0, port: 0, data: octets };
}

/**
 * The first alternative name of a kind as an identity, or the subject as ID_DER_ASN1_DN; undefined where the certificate
 * has none.
 */
export function identityOf({ subject, extensions }: Certificate, kind: IdentityKind): Identification | undefined {
  if (kind === 'name') return subject.parts.length === 0 ? undefined : distinguishedNameId(subject);
  for (const name of extensions.subjectAltNames ?? []) {
    if (name.kind !== kind) continue;
    if (name.kind === 'address') {
      const address = formatAddress(name.octets);
      return name.octets.length === 4 ? ipv4AddressId(address) : ipv6AddressId(address);
    }
    if ('text' in name && name.text !== '') return name.kind === 'dns' ? fqdnId(name.text) : userFqdnId(name.text);
  }
  return undefined;
}
