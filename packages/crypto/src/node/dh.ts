import { createDiffieHellman, type DiffieHellman } from 'node:crypto';
import type { DhGroup } from '../dh/groups.ts';
import { drawKeyPair, groupOf, type ModpPowers } from '../dh/modp-key-pair.ts';
import type { DhGroupNumber, DhKeyPair } from '../dh/types.ts';
import type { Rng } from '../rng.ts';

/**
 * A fresh key pair, its powers computed by OpenSSL in constant time. The private value comes from `rng`, its highest
 * bit set.
 * @throws RangeError for a group that is not in `DH_GROUPS`.
 */
export function createNodeDhKeyPair(group: DhGroupNumber, rng: Rng): DhKeyPair {
  return drawKeyPair(groupOf(group), rng, OPENSSL_POWERS);
}

const OPENSSL_POWERS: ModpPowers = {
  publicValue: (modp, x) => withPrivateValue(modp, x, (dh) => dh.generateKeys()),
  secret: (modp, x, y) => {
    if (!isPublicValue(modp, y)) return undefined;
    try {
      return withPrivateValue(modp, x, (dh) => dh.computeSecret(y));
    } catch (error) {
      // What Node 22 throws, Node 20 and 24 not, for a value outside of the subgroup that g generates: no honest peer
      // sends one.
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  },
};

interface NodeGroup {
  readonly dh: DiffieHellman;
  /** p - 1 in as many octets as p has. */
  readonly last: Uint8Array;
}

/** Making one of these tests the prime anew, which costs tens of milliseconds in groups that OpenSSL does not know. */
const groups = new Map<DhGroupNumber, NodeGroup>();
const NO_PRIVATE_VALUE = Uint8Array.of(1);

function nodeGroup({ number, prime, octets }: DhGroup): NodeGroup {
  let group = groups.get(number);
  if (group === undefined) {
    const hex = (value: bigint) => Buffer.from(value.toString(16).padStart(2 * octets, '0'), 'hex');
    group = { dh: createDiffieHellman(hex(prime), Uint8Array.of(2)), last: hex(prime - 1n) };
    groups.set(number, group);
  }
  return group;
}

/** The result of `power`, left-padded to the group's length. The group's object does not keep the private value. */
function withPrivateValue(modp: DhGroup, x: Uint8Array, power: (dh: DiffieHellman) => Uint8Array): Uint8Array {
  const { dh } = nodeGroup(modp);
  dh.setPrivateKey(x);
  try {
    const result = power(dh);
    const padded = new Uint8Array(modp.octets);
    padded.set(result, modp.octets - result.length);
    return padded;
  } finally {
    dh.setPrivateKey(NO_PRIVATE_VALUE);
  }
}

/** Whether 1 < y < p - 1, in exactly as many octets as p has (RFC 2412 §2, RFC 6989 §2.1). */
function isPublicValue(modp: DhGroup, y: Uint8Array): boolean {
  if (y.length !== modp.octets) return false;
  const isAboveOne = y.some((octet, i) => octet > (i === y.length - 1 ? 1 : 0));
  return isAboveOne && Buffer.compare(y, nodeGroup(modp).last) < 0;
}
