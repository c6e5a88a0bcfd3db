import { equalIdentification } from '@espalier/wire';
import { isSameEndpoint } from '../../path.ts';
import type { ChildPolicy, ClientIdentity, PeerConfig } from '../../types.ts';
import { isSameProposal } from '../../v1/proposals/phase1.ts';

/**
 * A configuration that has in common with another what both say alike. Of thousands of peers most say the same of this
 * side and of the algorithms, one after the other.
 */
export function sharingParts(config: PeerConfig, other: PeerConfig | undefined): PeerConfig {
  if (other === undefined) return config;
  return {
    ...config,
    local: shared(config.local, other.local, isSameEndpoint),
    proposals: sharedList(config.proposals, other.proposals, isSameProposal),
    children: config.children.map((child, i) => sharingChild(child, other.children[i])),
  };
}

function sharingChild(child: ChildPolicy, other: ChildPolicy | undefined): ChildPolicy {
  if (other === undefined) return child;
  return {
    ...child,
    suites: sharedList(child.suites, other.suites, Object.is),
    localIdentity: shared(child.localIdentity, other.localIdentity, isSameIdentity),
    remoteIdentity: shared(child.remoteIdentity, other.remoteIdentity, isSameIdentity),
  };
}

function shared<T>(value: T, other: T, isSame: (a: T, b: T) => boolean): T {
  return isSame(value, other) ? other : value;
}

function sharedList<T>(list: readonly T[], others: readonly T[], isSame: (a: T, b: T) => boolean): readonly T[] {
  const isAlike =
    list.length === others.length &&
    list.every((value, i) => others.slice(i, i + 1).some((other) => isSame(value, other)));
  return isAlike ? others : list;
}

function isSameIdentity(a: ClientIdentity, b: ClientIdentity): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return !('within' in a) && !('within' in b) && equalIdentification(a, b);
}
