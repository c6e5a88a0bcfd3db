import { parseAddress } from '@espalier/wire';
import type { Outbox } from '../runtime/outbox.ts';
import type { AssignedConfiguration, ChildPolicy, ClientIdentity, PeerConfig } from '../types.ts';
import { addressId, addressOctets, isOne } from '../v1/identities.ts';

type End = 'localIdentity' | 'remoteIdentity';

/** Whose it is. */
interface Assigned {
  readonly name: string;
  readonly entry: { readonly config: PeerConfig };
}

/** What Mode Config has given to one end of a peer: it outlives IKE SAs, and ends with the last SA of the peer. */
export class Assignment {
  readonly #outbox: Pick<Outbox, 'emit'>;
  readonly #of: Assigned;
  #configuration: AssignedConfiguration | undefined;

  constructor(outbox: Pick<Outbox, 'emit'>, of: Assigned) {
    this.#outbox = outbox;
    this.#of = of;
  }

  get configuration(): AssignedConfiguration | undefined {
    return this.#configuration;
  }

  /** What the gateway has told, or the client is told, in the place of what was. */
  begin(configuration: AssignedConfiguration): void {
    if (configuration === this.#configuration) return;
    this.end();
    this.#configuration = configuration;
    this.#tell('configured', configuration);
  }

  end(): void {
    const configuration = this.#configuration;
    this.#configuration = undefined;
    if (configuration !== undefined) this.#tell('configuration-ended', configuration);
  }

  #tell(kind: 'configured' | 'configuration-ended', configuration: AssignedConfiguration): void {
    const { name, entry } = this.#of;
    const side = entry.config.modeConfig?.side ?? 'client';
    this.#outbox.emit({ kind, peer: name, side, configuration });
  }
}

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
