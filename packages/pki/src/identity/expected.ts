import {
  equalOctets,
  fqdnId,
  ID_TYPE,
  type Identification,
  ipv4AddressId,
  ipv6AddressId,
  parseAddress,
  userFqdnId,
} from '@espalier/wire';
import type { Certificate } from '../certificate/certificate.ts';
import { latinText } from '../der/text.ts';
import {
  ANY_VALUE,
  type DistinguishedName,
  equalNames,
  nameContains,
  nameFromOctets,
  nameFromText,
  nameMatches,
} from '../name/distinguished-name.ts';
import { equalHosts } from './certified.ts';
import { distinguishedNameId } from './own.ts';

/** Whom a peer is expected to be: one identity, or everybody whose subject is like a pattern. */
export type ExpectedIdentity =
  | Identification
  /** 'wildcard': as many parts, of which `*` is any value. 'container': all these parts, among others, in any order. */
  | { readonly match: 'wildcard' | 'container'; readonly name: DistinguishedName };

/**
 * An expected identity from its text, as configurations have it: an address, `user@example.com`, `router.example.com` or
 * `@router.example.com`, a distinguished name, or one with `*` for values.
 * @throws RangeError for a text that is none of them.
 */
export function expectedIdentity(text: string): ExpectedIdentity {
  if (text.includes('=')) {
    const name = nameFromText(text);
    const isPattern = name.parts.flat().some((attribute) => attribute.text === ANY_VALUE);
    return isPattern ? { match: 'wildcard', name } : distinguishedNameId(name);
  }
  const address = addressId(text);
  if (address !== undefined) return address;
  return /^[^@]+@/.test(text) ? userFqdnId(text) : fqdnId(text.replace(/^@/, ''));
}

/** Whether what a peer has proved to be is what is expected; a pattern is about the subject of its certificate. */
export function isExpected(claimed: Identification, certificate: Certificate, expected: ExpectedIdentity): boolean {
  if ('match' in expected) {
    const isLike = expected.match === 'wildcard' ? nameMatches : nameContains;
    return isLike(certificate.subject, expected.name);
  }
  return equalIdentities(claimed, expected);
}

/** Whether two say the same, whatever their protocol and port, case of names and string types. */
function equalIdentities(a: Identification, b: Identification): boolean {
  if (a.idType !== b.idType) return false;
  if (equalOctets(a.data, b.data)) return true;
  if (a.idType === ID_TYPE.derAsn1Dn) {
    const [one, other] = [nameFromOctets(a.data), nameFromOctets(b.data)];
    return one !== undefined && other !== undefined && equalNames(one, other);
  }
  const isText = a.idType === ID_TYPE.fqdn || a.idType === ID_TYPE.userFqdn;
  return isText && equalHosts(latinText(a.data), latinText(b.data));
}

function addressId(text: string): Identification | undefined {
  try {
    return parseAddress(text).length === 4 ? ipv4AddressId(text) : ipv6AddressId(text);
  } catch {
    return undefined;
  }
}
