import { createDiffieHellman, type DiffieHellman } from 'node:crypto';
import type { DhPowers } from '../../dh/key-pair.ts';
import { bigintPowers, modpGroup } from '../../dh/modp.ts';
import type { ModpParameters } from '../../dh/modp-groups.ts';
import type { DhGroup } from '../../dh/types.ts';
import { toInteger, toOctets } from '../../integers.ts';
import { keyedPowers, padded } from './modp-keys.ts';

/** A MODP group, its powers computed by OpenSSL in constant time; by BigInt where a platform has neither way to it that is any good. */
export function nodeModpGroup(modp: ModpParameters): DhGroup {
  return modpGroup(modp, opensslPowers(modp));
}

function opensslPowers(modp: ModpParameters): DhPowers {
  return {
    publicValue: (x) => platformPowers(modp).publicValue(x),
    secret: (x, y) => {
      if (!isPublicValue(modp, y)) return undefined;
      const { secret } = platformPowers(modp);
      try {
        return secret(x, y);
      } catch {
        // What some releases of Node and of OpenSSL throw for a value outside of the subgroup that g generates.
        return secretOfOpposite(modp, secret, x, y);
      }
    },
  };
}

/** The first release whose `createDiffieHellman` tests every prime: two seconds for group 14, half a minute for group 16. */
const TESTS_PRIMES = 24;

const chosen = new Map<ModpParameters['number'], DhPowers>();

/**
 * By whichever of the two tests no prime, and is the faster of them where neither does. Bun's BoringSSL tests every prime and
 * reads no such keys.
 */
function platformPowers(modp: ModpParameters): DhPowers {
  let powers = chosen.get(modp.number);
  if (powers === undefined) {
    const major = Number.parseInt(process.versions.node, 10);
    powers = major < TESTS_PRIMES ? exchangePowers(modp) : (keyedPowers(modp) ?? bigintPowers(modp));
    chosen.set(modp.number, powers);
  }
  return powers;
}

/** By one object a group, which lasts. */
function exchangePowers(modp: ModpParameters): DhPowers {
  return {
    publicValue: (x) => withPrivateValue(modp, x, (dh) => dh.generateKeys()),
    secret: (x, y) => withPrivateValue(modp, x, (dh) => dh.computeSecret(y)),
  };
}

/** y^x where y is not in the subgroup: p - y is, as p is a safe prime, and y^x = (-1)^x (p - y)^x. */
function secretOfOpposite(
  modp: ModpParameters,
  secret: DhPowers['secret'],
  x: Uint8Array,
  y: Uint8Array,
): Uint8Array | undefined {
  const power = secret(x, opposite(modp, y));
  if (power === undefined) return undefined;
  const isOdd = ((x.at(-1) ?? 0) & 1) === 1;
  return isOdd ? opposite(modp, power) : power;
}

/** p - y. */
function opposite({ prime, octets }: ModpParameters, y: Uint8Array): Uint8Array {
  return toOctets(prime - toInteger(y), octets);
}

/** Making one of these tests the prime anew, which costs tens of milliseconds in groups that OpenSSL does not know. */
const exchanges = new Map<ModpParameters['number'], DiffieHellman>();
const NO_PRIVATE_VALUE = Uint8Array.of(1);

function exchangeOf(modp: ModpParameters): DiffieHellman {
  let dh = exchanges.get(modp.number);
  if (dh === undefined) {
    dh = createDiffieHellman(toOctets(modp.prime, modp.octets), Uint8Array.of(2));
    exchanges.set(modp.number, dh);
  }
  return dh;
}

/** The result of `power`, left-padded to the group's length. The group's object does not keep the private value. */
function withPrivateValue(modp: ModpParameters, x: Uint8Array, power: (dh: DiffieHellman) => Uint8Array): Uint8Array {
  const dh = exchangeOf(modp);
  dh.setPrivateKey(x);
  try {
    const result = power(dh);
    const own = padded(result, modp.octets);
    result.fill(0);
    return own;
  } finally {
    dh.setPrivateKey(NO_PRIVATE_VALUE);
  }
}

/** Whether 1 < y < p - 1, in exactly as many octets as p has (RFC 2412 §2, RFC 6989 §2.1). */
function isPublicValue(modp: ModpParameters, y: Uint8Array): boolean {
  if (y.length !== modp.octets) return false;
  const isAboveOne = y.some((octet, i) => octet > (i === y.length - 1 ? 1 : 0));
  return isAboveOne && Buffer.compare(y, highestOf(modp)) < 0;
}

/** p - 1 of each group, which no public value is or exceeds. */
const highest = new Map<ModpParameters['number'], Uint8Array>();

function highestOf(modp: ModpParameters): Uint8Array {
  const known = highest.get(modp.number);
  if (known !== undefined) return known;
  const octets = toOctets(modp.prime - 1n, modp.octets);
  highest.set(modp.number, octets);
  return octets;
}
