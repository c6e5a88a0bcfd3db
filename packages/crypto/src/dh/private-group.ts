import { toInteger } from '../integers.ts';
import { octetsView } from '../octets.ts';
import type { Rng } from '../rng.ts';
import { bigintPowers, drawKeyPair, publicInteger } from './modp.ts';
import type { ModpParameters } from './modp-groups.ts';
import type { DhSide } from './types.ts';

/** A MODP group without a number that everybody knows: a prime p and a generator g, most significant octet first. */
export interface PrivateGroup {
  /** 1,024 to 4,096 bits in 128 to 512 octets, the highest bit of the first one set. */
  readonly prime: Uint8Array;
  /** 2 to p - 2. */
  readonly generator: Uint8Array;
}

const PRIME_OCTETS_LEAST = 128;
const PRIME_OCTETS_MOST = 512;

/**
 * Looks at the form of a group. Whether p is prime, and what order g has, is not found out: who names a group vouches for it.
 * @throws TypeError or RangeError naming the argument: unless p has 1,024 to 4,096 bits, the first octet's highest among
 * them, and is odd; and unless g is from 2 to p - 2 in at most as many octets.
 */
export function checkPrivateGroup(argument: string, { prime, generator }: PrivateGroup): void {
  const p = octetsView(`${argument}.prime`, prime);
  const g = octetsView(`${argument}.generator`, generator);
  if (p.length < PRIME_OCTETS_LEAST || p.length > PRIME_OCTETS_MOST) {
    throw new RangeError(`${argument}.prime: must be from ${PRIME_OCTETS_LEAST} to ${PRIME_OCTETS_MOST} octets`);
  }
  if (((p[0] ?? 0) & 0x80) === 0) throw new RangeError(`${argument}.prime: must have the highest bit set`);
  if (((p.at(-1) ?? 0) & 1) === 0) throw new RangeError(`${argument}.prime: must be odd`);
  const isLong = g.length === 0 || g.length > p.length;
  const integer = isLong ? 0n : toInteger(g);
  if (integer < 2n || integer > toInteger(p) - 2n)
    throw new RangeError(`${argument}.generator: must be from 2 to p - 2`);
}

/** Whether a value is one that a peer may send: 1 < y < p - 1, in as many octets as p has (RFC 2412 §2, RFC 6989 §2.1). */
export function isPrivateGroupValue(group: PrivateGroup, value: Uint8Array): boolean {
  return publicInteger(parametersOf(group), octetsView('value', value)) !== undefined;
}

/**
 * A fresh key pair, by BigInt on every engine. Nobody says what order the generator has, so the private value is as long as
 * p: of a group with small subgroups a short one could be put together (RFC 6989 §2.2).
 * @throws as `checkPrivateGroup`.
 */
export function createPrivateGroupKeyPair(group: PrivateGroup, rng: Rng): DhSide {
  checkPrivateGroup('group', group);
  const modp = parametersOf(group);
  return drawKeyPair(modp, rng, bigintPowers(modp));
}

function parametersOf({ prime, generator }: PrivateGroup): ModpParameters<'private'> {
  const octets = prime.length;
  return {
    number: 'private',
    bits: 8 * octets,
    octets,
    prime: toInteger(prime),
    generator: toInteger(generator),
    privateOctets: octets,
  };
}
