import { toHex } from '@espalier/wire';
import { type NameAttribute, namePartsIn } from '../v1/names.ts';

/** The attribute types that most names have (RFC 4514 §3), by the octets of their object identifiers. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['550403', 'CN'],
  ['550406', 'C'],
  ['550407', 'L'],
  ['550408', 'ST'],
  ['55040a', 'O'],
  ['55040b', 'OU'],
  ['550405', 'serialNumber'],
  ['2a864886f70d010901', 'E'],
  ['0992268993f22c640119', 'DC'],
  ['0992268993f22c640101', 'UID'],
]);

/** `C=NL, O=Example, CN=r3.example.org`, for people; undefined for what is no Name (X.501 §9.2) in DER. */
export function distinguishedName(der: Uint8Array): string | undefined {
  return namePartsIn(der)
    ?.map((part) => part.map((attribute) => `${TYPES.get(attribute.type) ?? attribute.type}=${textOf(attribute)}`))
    .map((part) => part.join('+'))
    .join(', ');
}

const BMP_STRING = 0x1e;

/** What is not printable ASCII is escaped. */
function textOf({ tag, value }: NameAttribute): string {
  const octets = tag === BMP_STRING ? value.filter((octet, i) => i % 2 === 1 || octet !== 0) : value;
  return Array.from(octets, (octet) =>
    octet > 0x1f && octet < 0x7f && octet !== 0x5c ? String.fromCharCode(octet) : `\\x${toHex(Uint8Array.of(octet))}`,
  ).join('');
}
