import type { PolicyConfig } from '../config.ts';
import { SecurityPolicyDatabase, type SpdAction, type SpdEntry } from './spd.ts';

/** A policy where it stands. */
interface Standing<Target> {
  readonly policy: PolicyConfig;
  readonly spd: SecurityPolicyDatabase<Target>;
  readonly entry: SpdEntry<Target>;
}

/** Which packet goes where: an SPD for each interface that has policies of its own, and one for all others. */
export class Policies<Target> {
  readonly #byName = new Map<string, Standing<Target>>();
  readonly #byInterface = new Map<string, SecurityPolicyDatabase<Target>>();
  /** The interface that had one first. */
  #firstInterface: string | undefined;
  #common: SecurityPolicyDatabase<Target> | undefined;

  find(name: string): PolicyConfig | undefined {
    return this.#byName.get(name)?.policy;
  }

  all(): readonly PolicyConfig[] {
    return [...this.#byName.values()].map(({ policy }) => policy);
  }

  /** Whether the policy of a name stands in the SPD that `policy` would. */
  isBeside(name: string, policy: PolicyConfig): boolean {
    const standing = this.#byName.get(name);
    return standing !== undefined && standing.policy.interface === policy.interface;
  }

  /** Puts a policy behind the others of its SPD, or before one of them. `target` protects its packets, if it does. */
  add(policy: PolicyConfig, target: Target | undefined, before?: string): void {
    const next = before === undefined ? undefined : this.#byName.get(before);
    const entry = entryOf(policy, target);
    const spd = this.#of(policy.interface);
    spd.add(entry, next?.entry);
    this.#byName.set(policy.name, { policy, spd, entry });
  }

  /** Puts a policy in the place of the one of its name; in another SPD, behind the others. */
  replace(policy: PolicyConfig, target: Target | undefined): void {
    const old = this.#byName.get(policy.name);
    if (old === undefined || old.policy.interface !== policy.interface) {
      this.delete(policy.name);
      this.add(policy, target);
      return;
    }
    const entry = entryOf(policy, target);
    old.spd.replace(old.entry, entry);
    this.#byName.set(policy.name, { policy, spd: old.spd, entry });
  }

  delete(name: string): void {
    const old = this.#byName.get(name);
    if (old === undefined) return;
    this.#byName.delete(name);
    old.spd.delete(old.entry);
    const { interface: own } = old.policy;
    if (!old.spd.isEmpty) return;
    if (own === undefined) this.#common = undefined;
    else this.#byInterface.delete(own);
    if (own === this.#firstInterface) [this.#firstInterface] = this.#byInterface.keys();
  }

  /**
   * What to do with a packet from the inside; undefined when there is no policy for packets of `insideInterface`.
   * Without an interface a packet is judged as one of the first interface that has policies, or if there is none by the
   * SPD of all.
   */
  lookUpOutbound(packet: Uint8Array, insideInterface: string | undefined): SpdAction<Target> | undefined {
    const name = insideInterface ?? this.#firstInterface;
    const own = name === undefined ? undefined : this.#byInterface.get(name);
    return (own ?? this.#common)?.lookUpOutbound(packet);
  }

  /** What to do with a packet that came in the clear; undefined when there is no SPD of all interfaces. */
  lookUpInbound(packet: Uint8Array): SpdAction<Target> | undefined {
    return this.#common?.lookUpInbound(packet);
  }

  #of(name: string | undefined): SecurityPolicyDatabase<Target> {
    if (name === undefined) {
      this.#common ??= new SecurityPolicyDatabase<Target>([], DISCARD);
      return this.#common;
    }
    const spd = this.#byInterface.get(name) ?? new SecurityPolicyDatabase<Target>([], DISCARD);
    this.#byInterface.set(name, spd);
    this.#firstInterface ??= name;
    return spd;
  }
}

const DISCARD = { kind: 'discard' } as const;

function entryOf<Target>({ selectors = {}, action }: PolicyConfig, target: Target | undefined): SpdEntry<Target> {
  if (action.kind === 'bypass') return { selectors, action: { kind: 'bypass' } };
  return { selectors, action: target === undefined ? DISCARD : { kind: 'protect', target } };
}
