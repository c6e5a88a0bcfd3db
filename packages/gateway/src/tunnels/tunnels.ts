import type { NegotiatedChild } from '@espalier/ike';
import { parseAddress } from '@espalier/wire';
import type { Selectors } from '../config.ts';
import type { ProtectingPolicy } from '../policy/ike-peers.ts';
import type { Rank } from '../policy/order.ts';
import type { PlacedEntry, Policies } from '../policy/policies.ts';
import { SelectorMatcher } from '../selectors/selectors.ts';
import type { LiveTunnelInfo } from './live-tunnel-info.ts';
import { type Admission, LiveTunnels, type Protector } from './live-tunnels.ts';
import { Tunnel } from './tunnel.ts';
import type { TunnelForm } from './tunnel-form.ts';

/** The tunnel of a policy with a peer at a fixed address, and where it stands. */
interface Fixed {
  readonly tunnel: Tunnel;
  readonly rank: Rank;
  /** As it is configured. */
  readonly form: TunnelForm;
  placed: PlacedEntry<Protector>;
}

/** What a policy that protects has: one tunnel with a peer at a fixed address, or those of the live peers of a template. */
export class Tunnels {
  readonly #policies: Policies<Protector>;
  readonly #fixed = new Map<string, Fixed>();
  readonly #live = new Map<string, LiveTunnels>();
  /** What this side is given, by the name of the peer. */
  readonly #assigned = new Map<string, readonly string[]>();
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
    this.#fixed.set(policy.name, { tunnel, rank, form, placed });
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
    const now = { ...fixed, form, rank };
    this.#fixed.set(form.policy.name, now);
    this.#place(now);
  }

  /** What Mode Config gives to this side: the policies with a peer that are for it are for these addresses; undefined: none. */
  assign(peer: string, addresses: readonly string[] | undefined): void {
    if (addresses === undefined) this.#assigned.delete(peer);
    else this.#assigned.set(peer, addresses);
    for (const fixed of this.#fixed.values()) if (fixed.form.peer.name === peer) this.#place(fixed);
  }

  #place(fixed: Fixed): void {
    const form = this.#withAssigned(fixed.form);
    this.#policies.delete(fixed.placed);
    fixed.tunnel.configure(form);
    fixed.placed = this.#policies.add(form.policy, { kind: 'protect', target: fixed.tunnel }, fixed.rank);
  }

  #withAssigned(form: TunnelForm): TunnelForm {
    const { policy, peer } = form;
    const { action, selectors = {} } = policy;
    const addresses = this.#assigned.get(peer.name);
    if (addresses === undefined || action.kind !== 'protect' || action.assigned !== 'local') return form;
    const local = ofFamily(addresses, selectors);
    return local.length === 0 ? form : { ...form, policy: { ...policy, selectors: { ...selectors, local } } };
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

/** Of the addresses that are given one, of the family of what is at the other end. */
function ofFamily(addresses: readonly string[], selectors: Selectors): readonly string[] {
  const octets = new SelectorMatcher(selectors).remote?.octets;
  return addresses.filter((address) => octets === undefined || parseAddress(address).length === octets).slice(0, 1);
}
