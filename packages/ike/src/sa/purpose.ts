import type { Identification } from '@espalier/wire';
import type { ChildPolicy } from '../types.ts';
import { identityKey } from '../v1/identities.ts';

/** What a child is for: of several with one purpose one sends. */
export function purposeOf({ name, localIdentity, remoteIdentity }: ChildPolicy): string {
  return `${name} ${keyOf(localIdentity)} ${keyOf(remoteIdentity)}`;
}

function keyOf(identity: Identification | 'any'): string {
  return identity === 'any' ? identity : `${identity.protocol}:${identity.port}:${identityKey(identity)}`;
}
