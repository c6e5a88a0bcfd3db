import { createDiffieHellman, type DiffieHellman } from 'node:crypto';
import type { DhPowers } from '../../dh/key-pair.ts';
import { modpGroup } from '../../dh/modp.ts';
import type { ModpParameters } from '../../dh/modp-groups.ts';
import type { DhGroup } from '../../dh/types.ts';

/** A MODP group, its powers computed by OpenSSL in constant time. */
export function nodeModpGroup(modp: ModpParameters): DhGroup {
  return modpGroup(modp, opensslPowers(modp));
}

function opensslPowers(modp: ModpParameters): DhPowers {
  return {
    publicValue: (x) => withPrivateValue(modp, x, (dh) => dh.generateKeys()),
    secret: (x, y) => {
      if (!isPublicValue(modp, y)) return undefined;
      try {
        return withPrivateValue(modp, x, (dh) => dh.computeSecret(y));
      } catch (error) {
        // What Node 22 throws, Node 20 and 24 not, for a value outside of the subgroup that g generates.
        if (error instanceof RangeError) return secretOfOpposite(modp, x, y);
        throw error;
      }
    },
  };
}

/** y^x where y is not in the subgroup: p - y is, as p is a safe prime, and y^x = (-1)^x (p - y)^x. */
function secretOfOpposite(modp: ModpParameters, x: Uint8Array, y: Uint8Array): Uint8Array {
  const power = withPrivateValue(modp, x, (dh) => dh.computeSecret(opposite(modp, y)));
  const isOdd = ((x.at(-1) ?? 0) & 1) === 1;
  return isOdd ? opposite(modp, power) : power;
}

/** p - y. */
function opposite({ prime, octets }: ModpParameters, y: Uint8Array): Uint8Array {
  const value = prime - BigInt(`0x${Buffer.from(y).toString('hex')}`);
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(2 * octets, '0'), 'hex'));
}

interface NodeGroup {
  readonly dh: DiffieHellman;
  /** p - 1 in as many octets as p has. */
  readonly last: Uint8Array;
}

/** Making one of these tests the prime anew, which costs tens of milliseconds in groups that OpenSSL does not know. */
const groups = new Map<ModpParameters['number'], NodeGroup>();
const NO_PRIVATE_VALUE = Uint8Array.of(1);

function nodeGroup({ number, prime, octets }: ModpParameters): NodeGroup {
  let group = groups.get(number);
  if (group === undefined) {
    const hex = (value: bigint) => Buffer.from(value.toString(16).padStart(2 * octets, '0'), 'hex');
    group = { dh: createDiffieHellman(hex(prime), Uint8Array.of(2)), last: hex(prime - 1n) };
    groups.set(number, group);
  }
  return group;
}

/** The result of `power`, left-padded to the group's length. The group's object does not keep the private value. */
function withPrivateValue(modp: ModpParameters, x: Uint8Array, power: (dh: DiffieHellman) => Uint8Array): Uint8Array {
  const { dh } = nodeGroup(modp);
  dh.setPrivateKey(x);
  try {
    const result = power(dh);
    const padded = new Uint8Array(modp.octets);
    padded.set(result, modp.octets - result.length);
    result.fill(0);
    return padded;
  } finally {
    dh.setPrivateKey(NO_PRIVATE_VALUE);
  }
}

/** Whether 1 < y < p - 1, in exactly as many octets as p has (RFC 2412 §2, RFC 6989 §2.1). */
function isPublicValue(modp: ModpParameters, y: Uint8Array): boolean {
  if (y.length !== modp.octets) return false;
  const isAboveOne = y.some((octet, i) => octet > (i === y.length - 1 ? 1 : 0));
  return isAboveOne && Buffer.compare(y, nodeGroup(modp).last) < 0;
}
