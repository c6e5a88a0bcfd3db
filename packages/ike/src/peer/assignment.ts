import { parseAddress, seconds } from '@espalier/wire';
import type { ConfigurationEnd } from '../failures.ts';
import type { Environment } from '../runtime/environment.ts';
import type { AssignedConfiguration, ChildPolicy, ClientIdentity, PeerConfig } from '../types.ts';
import { addressId, addressOctets, isOne } from '../v1/identities.ts';
import { LeaseTime } from './life/lease-time.ts';

type End = 'localIdentity' | 'remoteIdentity';

/** Whose it is. */
interface Assigned {
  readonly name: string;
  readonly entry: { readonly config: PeerConfig };
  /** As client: its time is up soon, and it is to be asked for anew. `attempt` counts from 1. */
  renewLease(attempt: number): void;
  /** As client: nothing may be done any more under what has just ended. */
  leaseExpired(): void;
  /** Other addresses have taken the place of those that were. */
  leaseReplaced(): void;
}

/**
 * What Mode Config has given to one end of a peer: it outlives IKE SAs, and ends with the last SA of the peer; a client's, that
 * has a time, with that time, unless it is renewed (draft-dukes-ike-mode-cfg-02 §3.3).
 */
export class Assignment {
  readonly #environment: Pick<Environment, 'now' | 'timers' | 'outbox'>;
  readonly #of: Assigned;
  #configuration: AssignedConfiguration | undefined;
  #time: LeaseTime | undefined;

  constructor(environment: Pick<Environment, 'now' | 'timers' | 'outbox'>, of: Assigned) {
    this.#environment = environment;
    this.#of = of;
  }

  get configuration(): AssignedConfiguration | undefined {
    return this.#configuration;
  }

  /** What the gateway has told, or the client is told, in the place of what was: of the same addresses it is renewed. */
  begin(configuration: AssignedConfiguration): void {
    const before = this.#configuration;
    if (configuration === before) return;
    const isRenewed = before !== undefined && hasSameAddresses(before, configuration);
    if (!isRenewed) this.end('replaced');
    this.#configuration = configuration;
    this.#count(configuration);
    this.#environment.outbox.emit({ kind: 'configured', ...this.#whose, configuration });
    if (before !== undefined && !isRenewed) this.#of.leaseReplaced();
  }

  end(reason: ConfigurationEnd): void {
    const configuration = this.#configuration;
    this.#time?.stop();
    this.#time = undefined;
    this.#configuration = undefined;
    if (configuration === undefined) return;
    this.#environment.outbox.emit({ kind: 'configuration-ended', ...this.#whose, configuration, reason });
  }

  /** A gateway's clients may know nothing of time: what they have is theirs for as long as they have an SA. */
  #count({ expirySeconds }: AssignedConfiguration): void {
    this.#time?.stop();
    this.#time = undefined;
    if (expirySeconds === undefined || this.#whose.side === 'gateway') return;
    this.#time = new LeaseTime(this.#environment, seconds(expirySeconds), {
      renew: (attempt) => this.#of.renewLease(attempt),
      expired: () => {
        this.end('expired');
        this.#of.leaseExpired();
      },
    });
  }

  get #whose(): { readonly peer: string; readonly side: 'client' | 'gateway' } {
    const { name, entry } = this.#of;
    return { peer: name, side: entry.config.modeConfig?.side ?? 'client' };
  }
}

/** Whether the policy is for an address that Mode Config gives. */
export function isForAssigned({ localIdentity, remoteIdentity }: ChildPolicy): boolean {
  return localIdentity === 'assigned' || remoteIdentity === 'assigned';
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
  if (!isForAssigned(policy)) return policy;
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

function hasSameAddresses(a: AssignedConfiguration, b: AssignedConfiguration): boolean {
  return a.addresses.length === b.addresses.length && a.addresses.every((address) => b.addresses.includes(address));
}
