import type { PolicyConfig } from '../config.ts';
import { SecurityPolicyDatabase, type SpdAction } from './spd.ts';

/** Which packet goes where: an SPD for each interface that has policies of its own, and one for all others. */
export class Policies<Target> {
  readonly #byInterface = new Map<string, SecurityPolicyDatabase<Target>>();
  /** That of the first policy that has one. */
  #firstInterface: string | undefined;
  #common: SecurityPolicyDatabase<Target> | undefined;

  /** Puts a policy behind the others. `target` is what protects its packets, if it does. */
  add({ interface: name, selectors = {}, action }: PolicyConfig, target: Target | undefined): void {
    this.#of(name).add({ selectors, action: actionOf(action.kind, target) });
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

function actionOf<Target>(kind: PolicyConfig['action']['kind'], target: Target | undefined): SpdAction<Target> {
  if (kind === 'bypass') return { kind };
  return target === undefined ? DISCARD : { kind: 'protect', target };
}
