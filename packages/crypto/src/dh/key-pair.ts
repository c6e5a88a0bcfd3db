import type { Rng } from '../rng.ts';
import { drawKeyPair, groupOf, ModpKeyPair, type ModpPowers } from './modp-key-pair.ts';
import { powerModulo } from './power.ts';
import type { DhGroupNumber, DhKeyPair } from './types.ts';

/**
 * A fresh key pair. The highest bit of the private value is set, so that all of a group have the same length.
 * @throws RangeError for a group that is not in `DH_GROUPS`.
 */
export function createDhKeyPair(group: DhGroupNumber, rng: Rng): DhKeyPair {
  return drawKeyPair(groupOf(group), rng, BIGINT_POWERS);
}

/**
 * The key pair of a known private value, most significant octet first.
 * @throws RangeError unless it is at least 1 and no longer than the group.
 */
export function dhKeyPairFrom(group: DhGroupNumber, privateValue: Uint8Array): DhKeyPair {
  const modp = groupOf(group);
  if (privateValue.length > modp.octets || privateValue.every((octet) => octet === 0)) {
    throw new RangeError(`privateValue must be at least 1 and at most ${modp.octets} octets`);
  }
  return new ModpKeyPair(modp, privateValue.slice(), BIGINT_POWERS);
}

const BIGINT_POWERS: ModpPowers = {
  publicValue: ({ generator, prime, octets }, x) => toOctets(powerModulo(generator, x, prime), octets),
  secret: ({ prime, octets }, x, peerPublicValue) => {
    if (peerPublicValue.length !== octets) return undefined;
    const y = toInteger(peerPublicValue);
    if (!(y > 1n && y < prime - 1n)) return undefined;
    return toOctets(powerModulo(y, x, prime), octets);
  },
};

function toInteger(octets: Uint8Array): bigint {
  let hex = '0x0';
  for (const octet of octets) hex += octet.toString(16).padStart(2, '0');
  return BigInt(hex);
}

function toOctets(value: bigint, octets: number): Uint8Array {
  const hex = value.toString(16).padStart(2 * octets, '0');
  return Uint8Array.from({ length: octets }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
