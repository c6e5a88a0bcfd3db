import { DH_GROUPS, type PrivateGroup } from '@espalier/crypto';
import { fromHex } from '@espalier/wire';

/** The prime of group 2 with other generators than everybody knows it by: groups of 1,024 bits without a number. */
export const PRIVATE_GROUP: PrivateGroup = groupOf(DH_GROUPS[2].prime, 3n);
export const OTHER_GROUP: PrivateGroup = groupOf(DH_GROUPS[2].prime, 5n);

function groupOf(prime: bigint, generator: bigint): PrivateGroup {
  return { prime: octetsOf(prime), generator: octetsOf(generator) };
}

function octetsOf(value: bigint): Uint8Array {
  const hex = value.toString(16);
  return fromHex(hex.padStart(hex.length + (hex.length % 2), '0'));
}
