import { parseAddress } from '@espalier/wire';
import type { AssignedConfiguration, ChildPolicy, ClientIdentity } from '../types.ts';
import { addressId, addressOctets, isOne } from '../v1/identities.ts';

type End = 'localIdentity' | 'remoteIdentity';

/** A policy as this side begins it: an assigned address in the place of 'assigned', where there is one. */
export function asBegun(policy: ChildPolicy, configuration: AssignedConfiguration | undefined): ChildPolicy {
  const { localIdentity, remoteIdentity } = policy;
  if (configuration === undefined) return policy;
  if (localIdentity === 'assigned') return withAddress(policy, 'localIdentity', remoteIdentity, configuration);
  return remoteIdentity === 'assigned' ? withAddress(policy, 'remoteIdentity', localIdentity, configuration) : policy;
}

/**
 * A policy as this side answers it: the end that has an assigned address is for the addresses that are assigned, and
 * nothing where none is; the other may be narrower.
 */
export function asAnswered(policy: ChildPolicy, configuration: AssignedConfiguration | undefined): ChildPolicy {
  const { localIdentity, remoteIdentity } = policy;
  if (localIdentity !== 'assigned' && remoteIdentity !== 'assigned') return policy;
  const within = (configuration?.addresses ?? []).map(addressId);
  const answered = (identity: ClientIdentity): ClientIdentity => {
    if (identity === 'assigned') return { within };
    return isOne(identity) ? { within: [identity] } : identity;
  };
  return { ...policy, localIdentity: answered(localIdentity), remoteIdentity: answered(remoteIdentity) };
}

function withAddress(
  policy: ChildPolicy,
  end: End,
  other: ClientIdentity,
  { addresses }: AssignedConfiguration,
): ChildPolicy {
  const family = isOne(other) ? addressOctets(other) : undefined;
  const address = addresses.find((one) => family === undefined || parseAddress(one).length === family);
  return address === undefined ? policy : { ...policy, [end]: addressId(address) };
}
