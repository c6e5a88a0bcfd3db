import type { NegotiatedChild } from '@espalier/ike';
import type { ProtectingPolicy } from '../policy/ike-peers.ts';
import type { Rank } from '../policy/order.ts';
import type { PlacedEntry, Policies } from '../policy/policies.ts';
import type { LiveTunnelInfo } from './live-tunnel-info.ts';
import { type Admission, LiveTunnels, type Protector } from './live-tunnels.ts';
import { Tunnel } from './tunnel.ts';
import type { TunnelForm } from './tunnel-form.ts';

/** What a policy that protects has: one tunnel with a peer at a fixed address, or those of the live peers of a template. */
export class Tunnels {
  readonly #policies: Policies<Protector>;
  readonly #fixed = new Map<string, { readonly tunnel: Tunnel; placed: PlacedEntry<Protector> }>();
  readonly #live = new Map<string, LiveTunnels>();
  /** Those whose policies are configured no more. */
  readonly #retired = new Map<Tunnel | LiveTunnels, string>();

  #drawn = 0;
  readonly #drawNumber = (): number => {
    this.#drawn += 1;
    return this.#drawn;
  };

  constructor(policies: Policies<Protector>) {
    this.#policies = policies;
  }

  /** Of the live peers, all that there are. */
  get live(): readonly LiveTunnelInfo[] {
    return [...this.#live.values(), ...[...this.#retired.keys()].filter((one) => one instanceof LiveTunnels)].flatMap(
      ({ infos }) => infos,
    );
  }

  /** Policies that are configured no more and have SAs still. */
  get retiredPolicies(): readonly string[] {
    return [...this.#retired.values()];
  }

  /** The tunnels of a policy, those included that outlast it. */
  of(policy: string): readonly Tunnel[] {
    const fixed = this.#fixed.get(policy);
    const retired = [...this.#retired].filter(([, name]) => name === policy).map(([one]) => one);
    return [...(fixed === undefined ? [] : [fixed.tunnel]), this.#live.get(policy) ?? [], ...retired]
      .flat()
      .flatMap((one) => (one instanceof Tunnel ? [one] : one.tunnels));
  }

  /** The one tunnel of a policy with a fixed peer. */
  fixed(policy: string): Tunnel | undefined {
    return this.#fixed.get(policy)?.tunnel;
  }

  /** One whose SAs outlived a policy of the same name has another life. */
  addFixed(form: TunnelForm, rank: Rank): Tunnel {
    const { policy } = form;
    const old = [...this.#retired].find(([one, name]) => one instanceof Tunnel && name === policy.name)?.[0];
    const tunnel = old instanceof Tunnel ? old : new Tunnel(form);
    this.#retired.delete(tunnel);
    tunnel.atEnd = undefined;
    tunnel.configure(form);
    const placed = this.#policies.add(policy, { kind: 'protect', target: tunnel }, rank);
    this.#fixed.set(policy.name, { tunnel, placed });
    return tunnel;
  }

  addTemplate(form: TunnelForm<ProtectingPolicy>, rank: Rank): void {
    this.#live.set(form.policy.name, new LiveTunnels(this.#policies, rank, form, this.#drawNumber));
  }

  /** The policy of this name is another; its peer is of the same kind as before. */
  configure(form: TunnelForm<ProtectingPolicy>, rank: Rank): void {
    this.#live.get(form.policy.name)?.configure(form);
    const fixed = this.#fixed.get(form.policy.name);
    if (fixed === undefined) return;
    this.#policies.delete(fixed.placed);
    fixed.tunnel.configure(form);
    fixed.placed = this.#policies.add(form.policy, { kind: 'protect', target: fixed.tunnel }, rank);
  }

  /**
   * The policy is no more, and takes no packets: its tunnels receive as long as they have SAs. Gives the tunnel that may
   * have none already.
   */
  retire(policy: string): Tunnel | undefined {
    const live = this.#live.get(policy);
    this.#live.delete(policy);
    if (live !== undefined && live.tunnels.length > 0) this.#retired.set(live, policy);
    live?.retire(() => this.#retired.delete(live));
    const fixed = this.#fixed.get(policy);
    if (fixed === undefined) return undefined;
    const { tunnel, placed } = fixed;
    this.#fixed.delete(policy);
    this.#policies.delete(placed);
    this.#retired.set(tunnel, policy);
    tunnel.atEnd = () => {
      this.#retired.delete(tunnel);
      return undefined;
    };
    return tunnel;
  }

  /** A tunnel that a packet has asked for has failed: see `LiveTunnels`. */
  failed(tunnel: Tunnel): Tunnel | undefined {
    return this.#live.get(tunnel.name)?.failed(tunnel);
  }

  /** Whose a child is; undefined where no such policy is configured. */
  admit(child: NegotiatedChild): Admission | undefined {
    const live = this.#live.get(child.policy);
    if (live !== undefined) return live.admit(child);
    const tunnel = this.#fixed.get(child.policy)?.tunnel;
    return tunnel && { tunnel, isNew: false };
  }
}
