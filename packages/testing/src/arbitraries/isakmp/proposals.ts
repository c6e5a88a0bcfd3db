import { type Attribute, DOI_IPSEC, type Proposal, type SaPayload, SITUATION, type Transform } from '@espalier/wire';
import fc from 'fast-check';
import { list, octets, u8, u16 } from '../octets.ts';

/** Of any type: a number, or up to 12 octets. */
export const attribute: fc.Arbitrary<Attribute> = fc.record({
  type: fc.integer({ min: 0, max: 0x7fff }),
  value: fc.oneof(u16, octets(0, 12)),
});

/** Of any number, with up to six attributes. */
export const transform: fc.Arbitrary<Transform> = fc.record({
  number: u8,
  id: u8,
  attributes: list(attribute, 0, 6),
});

/** Of any protocol, with up to four transforms. */
export const proposal: fc.Arbitrary<Proposal> = fc.record({
  number: u8,
  protocol: u8,
  spi: octets(0, 16),
  transforms: list(transform, 1, 4),
});

/** The SA payload: proposals of any protocol, with any attributes. */
export const saPayload: fc.Arbitrary<SaPayload> = fc.record({
  kind: fc.constant('sa' as const),
  doi: fc.constant(DOI_IPSEC),
  situation: fc.constant(SITUATION.identityOnly),
  proposals: list(proposal, 1, 3),
});
