import { ID_TYPE, PAYLOAD, type Payload } from '@espalier/wire';
import fc from 'fast-check';
import { list, octets, u8, u16, u32 } from '../octets.ts';
import { anyIdentification, identification } from './identification.ts';
import { attribute, saPayload } from './proposals.ts';

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

/** Of any kind, each with what its form allows. */
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

/** Up to six, in any order. */
export const payloads: fc.Arbitrary<readonly Payload[]> = list(payload, 0, 6);
