import {
  type Attribute,
  DOI_IPSEC,
  FLAG,
  type HeaderFields,
  ID_TYPE,
  type Identification,
  PAYLOAD,
  type Payload,
  type Proposal,
  prefixMask,
  type SaPayload,
  SITUATION,
  type Transform,
} from '@espalier/wire';
import fc from 'fast-check';
import { list, octets, u8, u16, u32 } from './octets.ts';

const attribute: fc.Arbitrary<Attribute> = fc.record({
  type: fc.integer({ min: 0, max: 0x7fff }),
  value: fc.oneof(u16, octets(0, 12)),
});

const transform: fc.Arbitrary<Transform> = fc.record({
  number: u8,
  id: u8,
  attributes: list(attribute, 0, 6),
});

const proposal: fc.Arbitrary<Proposal> = fc.record({
  number: u8,
  protocol: u8,
  spi: octets(0, 16),
  transforms: list(transform, 1, 4),
});

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

const KNOWN_TYPES: ReadonlySet<number> = new Set([
  PAYLOAD.none,
  PAYLOAD.sa,
  PAYLOAD.configuration,
  ...Array.from({ length: 10 }, (_, i) => PAYLOAD.ke + i),
  PAYLOAD.natD,
  PAYLOAD.natOa,
  PAYLOAD.natDDraft,
  PAYLOAD.natOaDraft,
]);

/** A type that has no codec; 2 and 3 are proposal and transform, which stand inside an SA only. */
export const unknownType: fc.Arbitrary<number> = u8.filter((type) => !KNOWN_TYPES.has(type));

export const saPayload: fc.Arbitrary<SaPayload> = fc.record({
  kind: fc.constant('sa' as const),
  doi: fc.constant(DOI_IPSEC),
  situation: fc.constant(SITUATION.identityOnly),
  proposals: list(proposal, 1, 3),
});

/** Attributes of Mode Config and XAuth, and whatever else a peer may send. */
const configurationPayload = fc.record(
  {
    kind: fc.constant('configuration' as const),
    type: u8,
    identifier: u16,
    attributes: list(attribute, 0, 8),
    padding: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: ['kind', 'type', 'identifier', 'attributes'] },
);

const deletePayload = fc.integer({ min: 1, max: 16 }).chain((spiOctets) =>
  fc.record({
    kind: fc.constant('delete' as const),
    doi: u32,
    protocol: u8,
    spiOctets: fc.constant(spiOctets),
    spis: list(octets(spiOctets), 0, 5),
  }),
);

export const payload: fc.Arbitrary<Payload> = fc.oneof(
  saPayload,
  fc.record({ kind: fc.constantFrom('ke', 'hash', 'signature', 'nonce', 'vendor-id'), data: octets(0, 40) }),
  identification.map((id) => ({ kind: 'id' as const, ...id })),
  anyIdentification.map((id) => ({ kind: 'id' as const, ...id })),
  fc.record({ kind: fc.constant('cert'), encoding: u8, data: octets(0, 40) }),
  fc.record({ kind: fc.constant('cert-request'), encoding: u8, authority: octets(0, 40) }),
  fc.record({
    kind: fc.constant('notification'),
    doi: u32,
    protocol: u8,
    notifyType: u16,
    spi: octets(0, 16),
    data: octets(0, 20),
  }),
  configurationPayload,
  deletePayload,
  fc.record({ kind: fc.constant('nat-d'), type: fc.constantFrom(20 as const, 130 as const), hash: octets(0, 32) }),
  fc.record({
    kind: fc.constant('nat-oa'),
    type: fc.constantFrom(21 as const, 131 as const),
    idType: fc.constant(ID_TYPE.ipv4Address),
    address: octets(4),
  }),
  fc.record({
    kind: fc.constant('nat-oa'),
    type: fc.constantFrom(21 as const, 131 as const),
    idType: fc.constant(ID_TYPE.ipv6Address),
    address: octets(16),
  }),
  fc.record({ kind: fc.constant('unknown'), type: unknownType, data: octets(0, 40) }),
);

export const payloads: fc.Arbitrary<readonly Payload[]> = list(payload, 0, 6);

/** A message in clear. */
const headerFields: fc.Arbitrary<HeaderFields> = fc.record({
  initiatorCookie: octets(8),
  responderCookie: octets(8),
  exchange: u8,
  flags: fc.constantFrom(0, FLAG.commit, FLAG.authenticationOnly, FLAG.commit | FLAG.authenticationOnly),
  messageId: u32,
});

export interface Message {
  readonly fields: HeaderFields;
  readonly payloads: readonly Payload[];
}

export const message: fc.Arbitrary<Message> = fc.record({ fields: headerFields, payloads });
