import { compareAddresses, formatAddress } from '../addresses/address.ts';
import { maskLength } from '../addresses/prefix.ts';
import type { Fault } from '../decode-error.ts';
import { equalOctets, requireObject, toHex } from '../octets.ts';
import { ID_TYPE } from './registry/isakmp.ts';
import type { Identification } from './types.ts';

type Form = 'address' | 'subnet' | 'range' | 'text' | 'opaque';

interface TypeRule {
  /** As Junos prints it. */
  readonly name: string;
  readonly form: Form;
  /** Octets of an address of the family; 0 for what is not an address. */
  readonly addressOctets: number;
}

const RULES: ReadonlyMap<number, TypeRule> = new Map<number, TypeRule>([
  [ID_TYPE.ipv4Address, { name: 'ipv4', form: 'address', addressOctets: 4 }],
  [ID_TYPE.fqdn, { name: 'fqdn', form: 'text', addressOctets: 0 }],
  [ID_TYPE.userFqdn, { name: 'usr@fqdn', form: 'text', addressOctets: 0 }],
  [ID_TYPE.ipv4Subnet, { name: 'ipv4_subnet', form: 'subnet', addressOctets: 4 }],
  [ID_TYPE.ipv6Address, { name: 'ipv6', form: 'address', addressOctets: 16 }],
  [ID_TYPE.ipv6Subnet, { name: 'ipv6_subnet', form: 'subnet', addressOctets: 16 }],
  [ID_TYPE.ipv4Range, { name: 'ipv4_range', form: 'range', addressOctets: 4 }],
  [ID_TYPE.ipv6Range, { name: 'ipv6_range', form: 'range', addressOctets: 16 }],
  [ID_TYPE.derAsn1Dn, { name: 'der_asn1_dn', form: 'opaque', addressOctets: 0 }],
  [ID_TYPE.derAsn1Gn, { name: 'der_asn1_gn', form: 'opaque', addressOctets: 0 }],
  [ID_TYPE.keyId, { name: 'key_id', form: 'opaque', addressOctets: 0 }],
]);

const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'any'],
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
]);

/**
 * Whether the data fit the type (RFC 2407 §4.6.2): lengths of addresses, a contiguous netmask, a range in order,
 * text without a terminator. A type that the RFC does not define passes.
 */
export function checkIdentification(id: Identification): Fault | undefined {
  const rule = RULES.get(id.idType);
  if (rule === undefined) return undefined;
  const { data } = id;
  const [first, second] = addressPair(data);
  switch (rule.form) {
    case 'address':
      return data.length === rule.addressOctets ? undefined : 'length';
    case 'subnet':
      if (data.length !== 2 * rule.addressOctets) return 'length';
      return maskLength(second) === undefined ? 'value' : undefined;
    case 'range':
      if (data.length !== 2 * rule.addressOctets) return 'length';
      return compareAddresses(first, second) > 0 ? 'value' : undefined;
    case 'text':
      if (data.length === 0) return 'length';
      return data.includes(0) ? 'value' : undefined;
    case 'opaque':
      return data.length === 0 ? 'length' : undefined;
  }
}

/** Equal octet for octet, protocol and port included. */
export function equalIdentification(a: Identification, b: Identification): boolean {
  return a.idType === b.idType && a.protocol === b.protocol && a.port === b.port && equalOctets(a.data, b.data);
}

/** Whether an address, subnet or range holds `address` (4 or 16 octets). No other identification holds any. */
export function identificationContains(id: Identification, address: Uint8Array): boolean {
  const rule = RULES.get(id.idType);
  if (rule === undefined || rule.addressOctets !== address.length || checkIdentification(id) !== undefined)
    return false;
  const [first, second] = addressPair(id.data);
  if (rule.form === 'address') return equalOctets(id.data, address);
  if (rule.form === 'range') return compareAddresses(first, address) <= 0 && compareAddresses(address, second) <= 0;
  return address.every((octet, i) => ((octet ^ (first[i] ?? 0)) & (second[i] ?? 0)) === 0);
}

/** As Junos prints it: `ipv4_subnet(any:0,[0..7]=10.1.12.0/24)`. Octets that are not printable ASCII are escaped. */
export function formatIdentification(id: Identification): string {
  requireObject('id', id);
  const rule = RULES.get(id.idType);
  const protocol = PROTOCOL_NAMES.get(id.protocol) ?? String(id.protocol);
  const name = rule?.name ?? `id_type_${id.idType}`;
  return `${name}(${protocol}:${id.port},[0..${Math.max(0, id.data.length - 1)}]=${formatData(id, rule)})`;
}

/** What an identification says, without its type: `vpn.example.org`, `10.1.12.0/24`, `0x30819f`. */
export function identificationText(id: Identification): string {
  return formatData(id, RULES.get(id.idType));
}

function formatData(id: Identification, rule: TypeRule | undefined): string {
  if (rule === undefined || rule.form === 'opaque') return `0x${toHex(id.data)}`;
  if (rule.form === 'text') return escapeText(id.data);
  if (checkIdentification(id) !== undefined) return `0x${toHex(id.data)}`;
  if (rule.form === 'address') return formatAddress(id.data);
  const [first, second] = addressPair(id.data);
  if (rule.form === 'subnet') return `${formatAddress(first)}/${maskLength(second)}`;
  return `${formatAddress(first)}-${formatAddress(second)}`;
}

function addressPair(data: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const half = data.length >> 1;
  return [data.subarray(0, half), data.subarray(half)];
}

function escapeText(data: Uint8Array): string {
  let text = '';
  for (const octet of data) {
    const printable = octet > 0x1f && octet < 0x7f && octet !== 0x5c;
    text += printable ? String.fromCharCode(octet) : `\\x${toHex(Uint8Array.of(octet))}`;
  }
  return text;
}
