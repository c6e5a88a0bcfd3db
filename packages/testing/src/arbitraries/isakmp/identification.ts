import { ID_TYPE, type Identification, prefixMask } from '@espalier/wire';
import fc from 'fast-check';
import { octets, u8, u16 } from '../octets.ts';

function addresses(idType: number, data: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Identification> {
  return fc.record({ idType: fc.constant(idType), protocol: u8, port: u16, data });
}

function subnet(length: 4 | 16): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(octets(length), fc.integer({ min: 0, max: 8 * length }))
    .map(([address, prefix]) => Uint8Array.of(...address, ...prefixMask(prefix, length)));
}

function range(length: 4 | 16): fc.Arbitrary<Uint8Array> {
  return fc.tuple(octets(length), octets(length)).map(([a, b]) => {
    const inOrder = String.fromCharCode(...a) <= String.fromCharCode(...b);
    return inOrder ? Uint8Array.of(...a, ...b) : Uint8Array.of(...b, ...a);
  });
}

const text: fc.Arbitrary<Uint8Array> = fc.uint8Array({
  min: 0x21,
  max: 0x7e,
  minLength: 1,
  maxLength: 30,
  size: 'max',
});

/** Identifications whose data fit their type. */
export const identification: fc.Arbitrary<Identification> = fc.oneof(
  addresses(ID_TYPE.ipv4Address, octets(4)),
  addresses(ID_TYPE.ipv4Subnet, subnet(4)),
  addresses(ID_TYPE.ipv4Range, range(4)),
  addresses(ID_TYPE.ipv6Address, octets(16)),
  addresses(ID_TYPE.ipv6Subnet, subnet(16)),
  addresses(ID_TYPE.ipv6Range, range(16)),
  addresses(ID_TYPE.fqdn, text),
  addresses(ID_TYPE.userFqdn, text),
  addresses(ID_TYPE.derAsn1Dn, octets(1, 30)),
  addresses(ID_TYPE.keyId, octets(1, 30)),
);

/** Identifications as a hostile peer may write them: any type, any data. */
export const anyIdentification: fc.Arbitrary<Identification> = fc.record({
  idType: fc.oneof(fc.integer({ min: 0, max: 12 }), u8),
  protocol: u8,
  port: u16,
  data: octets(0, 40),
});
