import { DH_GROUPS, groupIn } from '../../dh/groups.ts';
import { MODP_GROUPS } from '../../dh/modp-groups.ts';
import type { DhGroup, DhGroupNumber, DhKeyPair } from '../../dh/types.ts';
import type { Rng } from '../../rng.ts';
import { nodeCurve25519Group } from './curve25519.ts';
import { nodeEcpGroup } from './ecp.ts';
import { nodeModpGroup } from './modp.ts';

/** Every group, computed by OpenSSL, but for those with subgroups, whose values it does not look at. */
const NODE_GROUPS: Readonly<Record<DhGroupNumber, DhGroup>> = {
  1: nodeModpGroup(MODP_GROUPS[1]),
  2: nodeModpGroup(MODP_GROUPS[2]),
  5: nodeModpGroup(MODP_GROUPS[5]),
  14: nodeModpGroup(MODP_GROUPS[14]),
  15: nodeModpGroup(MODP_GROUPS[15]),
  16: nodeModpGroup(MODP_GROUPS[16]),
  17: nodeModpGroup(MODP_GROUPS[17]),
  18: nodeModpGroup(MODP_GROUPS[18]),
  19: nodeEcpGroup(19),
  20: nodeEcpGroup(20),
  21: nodeEcpGroup(21),
  22: DH_GROUPS[22],
  23: DH_GROUPS[23],
  24: DH_GROUPS[24],
  25: nodeEcpGroup(25),
  26: nodeEcpGroup(26),
  27: nodeEcpGroup(27),
  28: nodeEcpGroup(28),
  29: nodeEcpGroup(29),
  30: nodeEcpGroup(30),
  31: nodeCurve25519Group(),
};

/**
 * A fresh key pair, its private value from `rng`: the same as `createDhKeyPair` of @espalier/crypto gives.
 * @throws RangeError for a group that is not in `DH_GROUPS`.
 */
export function createNodeDhKeyPair(group: DhGroupNumber, rng: Rng): DhKeyPair {
  return groupIn(NODE_GROUPS, group).createKeyPair(rng);
}
