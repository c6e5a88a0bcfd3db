import type { PrivateGroup } from '@espalier/crypto';
import {
  type Attribute,
  attributeNumber,
  DOI_IPSEC,
  equalOctets,
  KEY_IKE,
  OAKLEY_ATTRIBUTE,
  OAKLEY_GROUP_TYPE,
  PROTOCOL_ID,
  type SaPayload,
  SITUATION,
  type Transform,
} from '@espalier/wire';
import { isPrivateGroupNumber, type PrivateGroupNumber, withoutZeros } from '../../configuration/private-groups.ts';

/** A group, and the number that it is to have under an IKE SA. */
export interface NumberedGroup {
  readonly number: PrivateGroupNumber;
  readonly group: PrivateGroup;
}

const { groupDescription, groupType, groupPrime, groupGeneratorOne } = OAKLEY_ATTRIBUTE;

/** The SA payload that asks for a group by the attributes of RFC 2409 Appendix A. */
export function offerGroup({ number, group }: NumberedGroup): SaPayload {
  return saOf({
    number: 1,
    id: KEY_IKE,
    attributes: [
      { type: groupDescription, value: number },
      { type: groupType, value: OAKLEY_GROUP_TYPE.modp },
      { type: groupPrime, value: group.prime },
      { type: groupGeneratorOne, value: group.generator },
    ],
  });
}

/** An SA payload of one proposal with one transform. */
export function saOf(transform: Transform): SaPayload {
  return {
    kind: 'sa',
    doi: DOI_IPSEC,
    situation: SITUATION.identityOnly,
    proposals: [{ number: 1, protocol: PROTOCOL_ID.isakmp, spi: new Uint8Array(0), transforms: [transform] }],
  };
}

/** The group that a transform describes; undefined unless it is one modulo a prime, with a number for private use. */
export function readGroup({ id, attributes }: Transform): NumberedGroup | undefined {
  const said = new Map(attributes.map((attribute) => [attribute.type, attribute]));
  const [description, type] = [groupDescription, groupType].map((one) => numberOf(said.get(one)));
  const [prime, generator] = [groupPrime, groupGeneratorOne].map((one) => octetsOf(said.get(one)));
  if (id !== KEY_IKE || attributes.length !== 4 || type !== OAKLEY_GROUP_TYPE.modp) return undefined;
  if (description === undefined || prime === undefined || generator === undefined) return undefined;
  return isPrivateGroupNumber(description) ? { number: description, group: { prime, generator } } : undefined;
}

export function isSameGroup(a: PrivateGroup, b: PrivateGroup): boolean {
  return equalOctets(a.prime, b.prime) && equalOctets(a.generator, b.generator);
}

function numberOf(attribute: Attribute | undefined): number | undefined {
  return attribute && attributeNumber(attribute);
}

/** A number of any length, in as few octets as it takes. */
function octetsOf(attribute: Attribute | undefined): Uint8Array | undefined {
  if (attribute === undefined) return undefined;
  const { value } = attribute;
  return withoutZeros(typeof value === 'number' ? Uint8Array.of(value >> 8, value) : value);
}
