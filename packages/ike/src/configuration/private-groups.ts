import { checkPrivateGroup, copyOctets, type PrivateGroup } from '@espalier/crypto';
import { readInteger, readList, readObject } from './read.ts';

declare const isPrivate: unique symbol;

/** The number by which both ends of an IKE SA know a group that they have agreed on under it (RFC 2409 §5.6). */
export type PrivateGroupNumber = number & { readonly [isPrivate]: true };

/** Those from here on are for private use (RFC 2409 §5.6), in the 16 bits that an attribute has. */
const LEAST = 0x8000;
const MOST = 0xffff;

/** Groups that one peer may be configured with. */
const GROUPS_MOST = 8;

/** @throws TypeError or RangeError unless it is a whole number from 32,768 to 65,535 (RFC 2409 §5.6). */
export function privateGroupNumber(value: number): PrivateGroupNumber {
  return readPrivateGroupNumber('value', value);
}

export function isPrivateGroupNumber(value: number): value is PrivateGroupNumber {
  return Number.isInteger(value) && value >= LEAST && value <= MOST;
}

export function readPrivateGroupNumber(argument: string, value: unknown): PrivateGroupNumber {
  return readInteger(argument, value, LEAST, MOST) as PrivateGroupNumber;
}

/** A copy of our own. @throws TypeError or RangeError as `checkPrivateGroup` of @espalier/crypto. */
export function readPrivateGroup(argument: string, value: unknown): PrivateGroup {
  const fields = readObject<PrivateGroup>(argument, value);
  const prime = copyOctets(`${argument}.prime`, fields.prime);
  const group = { prime, generator: withoutZeros(copyOctets(`${argument}.generator`, fields.generator)) };
  checkPrivateGroup(argument, group);
  return group;
}

export function readPrivateGroups(argument: string, value: unknown): readonly PrivateGroup[] {
  return readList(argument, value, GROUPS_MOST, readPrivateGroup);
}

/** The same number in as few octets as it takes. */
export function withoutZeros(octets: Uint8Array): Uint8Array {
  const at = octets.findIndex((octet) => octet !== 0);
  return octets.slice(at < 0 ? octets.length : at);
}
