import { toInteger, toOctets } from '../integers.ts';
import { copyOctets, octetsView } from '../octets.ts';
import type { Rng } from '../rng.ts';
import { type DhPowers, KeyPair } from './key-pair.ts';
import type { ModpParameters } from './modp-groups.ts';
import { powerModulo } from './power.ts';
import type { DhGroup } from './types.ts';

/** A MODP group, with its prime. */
export interface ModpGroup extends DhGroup {
  readonly prime: bigint;
  readonly generator: bigint;
}

/** A MODP group by BigInt, or by what an engine has for its powers. */
export function modpGroup(modp: ModpParameters, powers: DhPowers = bigintPowers(modp)): ModpGroup {
  const { number, bits, octets } = modp;
  return {
    number,
    name: `modp-${bits}`,
    bits,
    octets,
    secretOctets: octets,
    generator: modp.generator,
    get prime(): bigint {
      return modp.prime;
    },
    isPublicValue: (value) => publicInteger(modp, octetsView('value', value)) !== undefined,
    createKeyPair: (rng) => drawKeyPair(modp, rng, powers),
    keyPairFrom: (privateValue) => {
      const x = copyOctets('privateValue', privateValue);
      if (x.length > octets || x.every((octet) => octet === 0)) {
        throw new RangeError(`privateValue must be at least 1 and at most ${octets} octets`);
      }
      return new KeyPair(number, x, powers);
    },
  };
}

/** What a MODP group is computed by. */
type ModpNumbers = Omit<ModpParameters, 'number'>;

/** The highest bit of the private value is set, so that all of a group have the same length. */
export function drawKeyPair<N>(
  { number, privateOctets }: Pick<ModpParameters<N>, 'number' | 'privateOctets'>,
  rng: Rng,
  powers: DhPowers,
): KeyPair<N> {
  const x = new Uint8Array(privateOctets);
  rng.fill(x);
  x[0] = (x[0] ?? 0) | 0x80;
  return new KeyPair(number, x, powers);
}

export function bigintPowers(modp: ModpNumbers): DhPowers {
  return {
    publicValue: (x) => toOctets(powerModulo(modp.generator, x, modp.prime), modp.octets),
    secret: (x, peerPublicValue) => {
      const y = publicInteger(modp, peerPublicValue);
      return y === undefined ? undefined : toOctets(powerModulo(y, x, modp.prime), modp.octets);
    },
  };
}

/**
 * The integer y of a public value, if 1 < y < p - 1 in exactly as many octets as p has (RFC 2412 §2, RFC 6989 §2.1), and
 * where there is a subgroup, y of it (RFC 6989 §2.2): values of other ones give the private value away piece by piece.
 */
export function publicInteger({ prime, octets, order }: ModpNumbers, value: Uint8Array): bigint | undefined {
  if (value.length !== octets) return undefined;
  const y = toInteger(value);
  if (y <= 1n || y >= prime - 1n) return undefined;
  return order === undefined || powerModulo(y, toOctets(order, octetsOf(order)), prime) === 1n ? y : undefined;
}

function octetsOf(value: bigint): number {
  return Math.ceil(value.toString(16).length / 2);
}
