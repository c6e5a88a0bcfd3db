import type { Rng } from '../rng.ts';
import { curve25519Group } from './curve25519.ts';
import { ecpGroup } from './ecp.ts';
import { type ModpGroup, modpGroup } from './modp.ts';
import { MODP_GROUPS, type ModpNumber } from './modp-groups.ts';
import { SUBGROUPS } from './modp-subgroups.ts';
import type { DhGroup, DhGroupNumber, DhKeyPair } from './types.ts';

/** Every group, computed by BigInt and @noble/curves. */
export const DH_GROUPS: Readonly<Record<DhGroupNumber, DhGroup> & Record<ModpNumber, ModpGroup>> = {
  1: modpGroup(MODP_GROUPS[1]),
  2: modpGroup(MODP_GROUPS[2]),
  5: modpGroup(MODP_GROUPS[5]),
  14: modpGroup(MODP_GROUPS[14]),
  15: modpGroup(MODP_GROUPS[15]),
  16: modpGroup(MODP_GROUPS[16]),
  17: modpGroup(MODP_GROUPS[17]),
  18: modpGroup(MODP_GROUPS[18]),
  19: ecpGroup(19),
  20: ecpGroup(20),
  21: ecpGroup(21),
  22: modpGroup(SUBGROUPS[22]),
  23: modpGroup(SUBGROUPS[23]),
  24: modpGroup(SUBGROUPS[24]),
  25: ecpGroup(25),
  26: ecpGroup(26),
  27: ecpGroup(27),
  28: ecpGroup(28),
  29: ecpGroup(29),
  30: ecpGroup(30),
  31: curve25519Group(),
};

/** @throws RangeError for a group that is not in `DH_GROUPS`. */
export function dhGroup(number: DhGroupNumber): DhGroup {
  return groupIn(DH_GROUPS, number);
}

/** The group of that number in an engine's table. @throws RangeError where it is not there. */
export function groupIn(groups: Readonly<Record<DhGroupNumber, DhGroup>>, number: DhGroupNumber): DhGroup {
  if (!Object.hasOwn(groups, number)) throw new RangeError(`group ${number} is not known`);
  return groups[number];
}

/** A fresh key pair. @throws RangeError for a group that is not in `DH_GROUPS`. */
export function createDhKeyPair(group: DhGroupNumber, rng: Rng): DhKeyPair {
  return dhGroup(group).createKeyPair(rng);
}

/** The key pair of a known private value. @throws RangeError as `DhGroup.keyPairFrom`, and for a group that is not known. */
export function dhKeyPairFrom(group: DhGroupNumber, privateValue: Uint8Array): DhKeyPair {
  return dhGroup(group).keyPairFrom(privateValue);
}
