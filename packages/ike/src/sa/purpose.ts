import type { Identification } from '@espalier/wire';
import type { ChildPolicy, ClientIdentity } from '../types.ts';
import { identityKey, isOne } from '../v1/identities.ts';

/** What a child is for: of several with one purpose one sends. */
export function purposeOf({ name, localIdentity, remoteIdentity }: ChildPolicy): string {
  return `${name} ${keyOf(localIdentity)} ${keyOf(remoteIdentity)}`;
}

/** Whether one Quick Mode may be for all of them: it has one pair of identities and one KE (RFC 2409 §5.5). */
export function areForTheSame(policies: readonly ChildPolicy[]): boolean {
  const keys = policies.map(({ localIdentity, remoteIdentity, mode = 'tunnel', pfsGroup }) =>
    [keyOf(localIdentity), keyOf(remoteIdentity), mode, pfsGroup].join(' '),
  );
  return new Set(keys).size <= 1;
}

function keyOf(identity: ClientIdentity): string {
  if (identity === 'any' || identity === 'assigned') return identity;
  return isOne(identity) ? oneKey(identity) : identity.within.map(oneKey).join(' ');
}

function oneKey(identity: Identification): string {
  return `${identity.protocol}:${identity.port}:${identityKey(identity)}`;
}

/** Whether this side can say what the child is for, once Mode Config has assigned an address. */
export function mayBegin({ localIdentity, remoteIdentity }: ChildPolicy): boolean {
  return [localIdentity, remoteIdentity].every((identity) => identity === 'assigned' || isOne(identity));
}

/** Whether this side can say what the child is for. */
export function canBegin({ localIdentity, remoteIdentity }: ChildPolicy): boolean {
  return isOne(localIdentity) && isOne(remoteIdentity);
}
