import { ID_TYPE, type Identification, identificationText } from '@espalier/wire';
import type { ClientIdentity } from '../types.ts';
import { distinguishedName } from './distinguished-name.ts';

/** An identification as it is read: `ID_FQDN`, `vpn.example.org`. */
export interface NamedIdentity {
  /** The RFC's name of the type (RFC 2407 §4.6.2.1), or its number. */
  readonly type: string;
  /** At most 128 characters, those that are not printable ASCII escaped. */
  readonly value: string;
  /** 0: any. */
  readonly protocol: number;
  readonly port: number;
}

/** A `ClientIdentity` as it is read: one identification, whatever lies within some, or anything. */
export type NamedClient = NamedIdentity | { readonly within: readonly NamedIdentity[] } | 'any' | 'assigned';

const VALUE_MOST = 128;
const WITHIN_MOST = 4;

const TYPES: ReadonlyMap<number, string> = new Map([
  [ID_TYPE.ipv4Address, 'ID_IPV4_ADDR'],
  [ID_TYPE.fqdn, 'ID_FQDN'],
  [ID_TYPE.userFqdn, 'ID_USER_FQDN'],
  [ID_TYPE.ipv4Subnet, 'ID_IPV4_ADDR_SUBNET'],
  [ID_TYPE.ipv6Address, 'ID_IPV6_ADDR'],
  [ID_TYPE.ipv6Subnet, 'ID_IPV6_ADDR_SUBNET'],
  [ID_TYPE.ipv4Range, 'ID_IPV4_ADDR_RANGE'],
  [ID_TYPE.ipv6Range, 'ID_IPV6_ADDR_RANGE'],
  [ID_TYPE.derAsn1Dn, 'ID_DER_ASN1_DN'],
  [ID_TYPE.derAsn1Gn, 'ID_DER_ASN1_GN'],
  [ID_TYPE.keyId, 'ID_KEY_ID'],
]);

export function nameIdentity(id: Identification): NamedIdentity {
  const name = id.idType === ID_TYPE.derAsn1Dn ? distinguishedName(id.data) : undefined;
  const text =
    name ?? identificationText(id.data.length > VALUE_MOST ? { ...id, data: id.data.subarray(0, VALUE_MOST) } : id);
  return {
    type: TYPES.get(id.idType) ?? String(id.idType),
    value: text.length > VALUE_MOST ? `${text.slice(0, VALUE_MOST - 1)}…` : text,
    protocol: id.protocol,
    port: id.port,
  };
}

export function nameClient(client: ClientIdentity): NamedClient {
  if (client === 'any' || client === 'assigned') return client;
  return 'within' in client ? { within: client.within.slice(0, WITHIN_MOST).map(nameIdentity) } : nameIdentity(client);
}
