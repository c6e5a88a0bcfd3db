import { ID_TYPE } from '@espalier/wire';
import fc from 'fast-check';
import { octets } from '../octets.ts';
import type { BrokenRule } from './rule.ts';

/** Names of the rules of what is in an identification. */
export const IDENTIFICATION_RULES = [
  'identification-address-length',
  'identification-subnet-length',
  'identification-mask',
  'identification-range-order',
  'identification-text-empty',
  'identification-text-terminated',
  'identification-opaque-empty',
] as const;

type IdentificationRule = (typeof IDENTIFICATION_RULES)[number];

const FAMILIES = [
  { octets: 4, address: ID_TYPE.ipv4Address, subnet: ID_TYPE.ipv4Subnet, range: ID_TYPE.ipv4Range },
  { octets: 16, address: ID_TYPE.ipv6Address, subnet: ID_TYPE.ipv6Subnet, range: ID_TYPE.ipv6Range },
] as const;

const family = fc.constantFrom(...FAMILIES);
const textType = fc.constantFrom(ID_TYPE.fqdn, ID_TYPE.userFqdn);

/** What makes each of them broken. */
export const BROKEN_IDENTIFICATION: Readonly<Record<IdentificationRule, BrokenRule>> = {
  'identification-address-length': rule(
    'an address is as long as its family has it',
    family.chain(({ octets: length, address }) => body(address, notOf(length))),
  ),
  'identification-subnet-length': rule(
    'a subnet, or a range, is two addresses',
    family.chain(({ octets: length, subnet, range }) =>
      fc.constantFrom(subnet, range).chain((type) => body(type, notOf(2 * length))),
    ),
  ),
  'identification-mask': rule(
    'the ones of a netmask come first',
    family.chain(({ octets: length, subnet }) =>
      body(
        subnet,
        fc
          .tuple(octets(length), fc.nat(8 * length - 2), octets(length))
          .map(([address, zeroAt, bits]) => Uint8Array.of(...address, ...gapped(bits, zeroAt))),
      ),
    ),
  ),
  'identification-range-order': rule(
    'a range begins with its lowest address',
    family.chain(({ octets: length, range }) =>
      body(
        range,
        fc
          .tuple(octets(length), fc.nat(length - 1), fc.integer({ min: 1, max: 0xff }))
          .map(([low, at, by]) => [raised(low, at, by), lowered(low, at, by)] as const)
          .map(([high, low]) => Uint8Array.of(...high, ...low)),
      ),
    ),
  ),
  'identification-text-empty': rule(
    'a name has characters',
    textType.chain((type) => body(type, octets(0))),
  ),
  'identification-text-terminated': rule(
    'a name has no terminator',
    fc
      .tuple(textType, octets(1, 20), fc.nat())
      .chain(([type, text, at]) =>
        body(type, fc.constant(text.map((octet, i) => (i === at % text.length ? 0 : octet | 1)))),
      ),
  ),
  'identification-opaque-empty': rule(
    'a distinguished name, or a key, has octets',
    fc.constantFrom(ID_TYPE.derAsn1Dn, ID_TYPE.derAsn1Gn, ID_TYPE.keyId).chain((type) => body(type, octets(0))),
  ),
};

function rule(says: string, octets: fc.Arbitrary<Uint8Array>): BrokenRule {
  return { structure: 'identification', clause: 'RFC 2407 §4.6.2', says, octets };
}

/** Type, protocol and port in front of the data. */
function body(type: number, data: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.tuple(octets(3), data).map(([ports, data]) => Uint8Array.of(type, ...ports, ...data));
}

function notOf(length: number): fc.Arbitrary<Uint8Array> {
  return fc.oneof(octets(0, length - 1), octets(length + 1, length + 9));
}

/** A zero bit, and a one somewhere behind it: the last bit at least. */
function gapped(bits: Uint8Array, zeroAt: number): Uint8Array {
  const mask = bits.slice();
  mask[zeroAt >> 3] = (mask[zeroAt >> 3] ?? 0) & ~(0x80 >> (zeroAt & 7));
  mask[mask.length - 1] = (mask[mask.length - 1] ?? 0) | 1;
  return mask;
}

/** The same address but for an octet, which is the higher of the two. */
function raised(address: Uint8Array, at: number, by: number): Uint8Array {
  return address.map((octet, i) => (i === at ? Math.max(octet, octet ^ by) : octet));
}

function lowered(address: Uint8Array, at: number, by: number): Uint8Array {
  return address.map((octet, i) => (i === at ? Math.min(octet, octet ^ by) : octet));
}
