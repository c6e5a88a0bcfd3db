import type { IkeEndpoint, SasOfOld } from '@espalier/ike';
import type { Instant } from '@espalier/wire';
import { checkNewPeer, checkNewPolicy } from '../check-config.ts';
import type { GatewayConfig, GatewayPeer, PolicyConfig } from '../config.ts';
import type { SasByHand } from '../manual/by-hand.ts';
import { inboundSaOf, type ManualContext, requireOwnSpi } from '../manual/check.ts';
import { endsOf } from '../manual/ends.ts';
import { hasSas, isManual, type ManualPolicy, peerOf, sharesSas, type TunnelPolicy } from '../manual/policy.ts';
import type { FiledPairs } from '../sas/filed-pairs.ts';
import type { KeyManagement } from '../sas/key-management.ts';
import type { SaPair } from '../sas/sa-pair.ts';
import { Several } from '../sas/several.ts';
import { StatisticsCounters } from '../sas/statistics.ts';
import type { Protector } from '../tunnels/live-tunnels.ts';
import type { TunnelForm, TunnelPeer } from '../tunnels/tunnel-form.ts';
import type { Tunnels } from '../tunnels/tunnels.ts';
import {
  childPolicy,
  hasLiveTunnels,
  ikePeer,
  isTemplate,
  type ProtectingPolicy,
  policyFor,
  protects,
} from './ike-peers.ts';
import type { LocalAddresses } from './local-addresses.ts';
import { PolicyOrder, type Rank } from './order.ts';
import { DISCARD, type PlacedEntry, type Policies } from './policies.ts';
import type { SpdAction } from './spd.ts';

/** What is managed. */
export interface Managed {
  readonly ike: IkeEndpoint;
  readonly keys: KeyManagement;
  readonly byHand: SasByHand;
  readonly pairs: FiledPairs;
  readonly tunnels: Tunnels;
  readonly policies: Policies<Protector>;
  readonly localAddresses: LocalAddresses;
  readonly outside: 'ip' | 'udp';
  readonly manual: ManualContext;
}

/** A policy that is configured: where it stands, and its entry in an SPD unless that is a tunnel's. */
interface Standing {
  readonly policy: PolicyConfig;
  readonly rank: Rank;
  readonly placed: PlacedEntry<Protector> | undefined;
}

/** The management interface of RFC 4301 §4.4: entries of the PAD and of the SPDs come and go, each by itself. */
export class Management {
  readonly statistics: StatisticsCounters = new StatisticsCounters();
  readonly #managed: Managed;
  readonly #peers = new Map<string, GatewayPeer>();
  readonly #standing = new Map<string, Standing>();
  /** Those that share the SAs of a policy, by its name. */
  readonly #sharing = new Several<string, PolicyConfig>();
  readonly #order = new PolicyOrder();
  /** Of SAs given by hand: whose each is, by `inboundSaOf`. */
  readonly #inboundSas = new Map<string, string>();
  /** Peers that are configured no more, and the addresses at which SAs of theirs are still received. */
  readonly #lingering = new Map<string, string>();
  #sweptAt: number | undefined;

  constructor(managed: Managed) {
    this.#managed = managed;
  }

  /** The names of the policies, in order. */
  get policyNames(): readonly string[] {
    return this.#order.names;
  }

  /** @throws RangeError where no policy with SAs of its own has the name. */
  requireTunnels(policyName: string): void {
    if (!hasSas(this.#policy(policyName, 'policyName').policy)) {
      throw new RangeError(`policyName: ${policyName} has no SAs of its own`);
    }
  }

  /** Takes over a configuration that is checked, and whose peers IKE has been told of. */
  fill({ peers, policies }: GatewayConfig): void {
    for (const peer of peers) this.#keepPeer(peer);
    const ranks = policies.map((policy) => ({ policy, rank: this.#order.append(policy.name) }));
    for (const { policy, rank } of ranks) if (hasSas(policy)) this.#make(policy, rank);
    for (const { policy, rank } of ranks) if (!hasSas(policy)) this.#make(policy, rank);
  }

  addPeer(now: Instant, peer: GatewayPeer): void {
    checkNewPeer(peer);
    if (this.#peers.has(peer.name)) throw new RangeError(`peer.name: the name ${peer.name} is there already`);
    this.#managed.ike.addPeer(now, ikePeer(peer, [], this.#managed.outside));
    this.#keepPeer(peer);
  }

  /** SAs that end at another address of this gateway cannot last. */
  replacePeer(now: Instant, peer: GatewayPeer, sas: SasOfOld): void {
    checkNewPeer(peer);
    const before = this.#peer(peer.name, 'peer.name');
    const policies = this.#policiesOf(peer.name);
    const isOfAnotherKind = isTemplate(peer) !== isTemplate(before);
    if (isOfAnotherKind) for (const { name } of policies) this.#refuseShared(name, 'peer.name');
    const { manual } = this.#managed;
    for (const policy of policies) {
      checkNewPolicy(policy, { peers: new Map([[peer.name, peer]]), protectors: new Map(), manual });
    }
    const kept = before.local === peer.local ? sas : 'delete';
    const children = policies.map((policy) => childPolicy(policy, peer));
    this.#managed.ike.replacePeer(now, ikePeer(peer, children, this.#managed.outside), kept);
    this.#managed.keys.settle(now);
    this.#keepPeer(peer);
    this.#managed.localAddresses.release(before.local);
    for (const policy of policies) this.#refit(policy, before, kept);
  }

  removePeer(now: Instant, name: string, sas: SasOfOld): void {
    const { local } = this.#peer(name, 'peerName');
    const used = this.#policiesOf(name).map((policy) => policy.name);
    if (used.length > 0) throw new RangeError(`peerName: ${used.join(', ')} protect by the peer ${name}`);
    this.#managed.ike.removePeer(now, name, sas);
    this.#managed.keys.settle(now);
    this.#peers.delete(name);
    if (sas === 'keep') this.#leave(name, local);
    else this.#managed.localAddresses.release(local);
  }

  addPolicy(now: Instant, policy: PolicyConfig, before: string | undefined): void {
    this.#check(policy);
    if (this.#standing.has(policy.name)) throw new RangeError(`policy.name: the name ${policy.name} is there already`);
    if (before !== undefined) this.#policy(before, 'before');
    const pair = this.#buildByHand(policy);
    this.#addChild(now, policy);
    this.#make(
      policy,
      before === undefined ? this.#order.append(policy.name) : this.#order.insertBefore(policy.name, before),
      pair,
    );
  }

  replacePolicy(now: Instant, policy: PolicyConfig, sas: SasOfOld): void {
    this.#check(policy);
    const { policy: old, rank } = this.#policy(policy.name, 'policy.name');
    const canBeShared = isManual(policy) || (protects(policy) && !this.#isLive(policy));
    if (!canBeShared) this.#refuseShared(policy.name, 'policy.name');
    const isSame =
      protects(old) &&
      protects(policy) &&
      old.action.peer === policy.action.peer &&
      this.#isLive(old) === this.#isLive(policy);
    if (!isSame) {
      const pair = this.#buildByHand(policy);
      this.#addChild(now, policy);
      this.#remove(now, old, sas);
      this.#make(policy, rank, pair);
      this.#aim(policy.name);
      return;
    }
    const peer = this.#peer(policy.action.peer);
    this.#managed.ike.replaceChild(now, peer.name, childPolicy(policy, peer), sas);
    this.#managed.keys.settle(now);
    this.#configure(policy, rank, old, sas);
  }

  removePolicy(now: Instant, name: string, sas: SasOfOld): void {
    const { policy } = this.#policy(name, 'policyName');
    this.#refuseShared(name, 'policyName');
    this.#remove(now, policy, sas);
    this.#order.delete(name);
  }

  /** Forgets addresses of this end that nothing is received at any more: to be asked for whenever SAs have gone. */
  sweep(): void {
    const { ike, keys, pairs, localAddresses } = this.#managed;
    if (this.#lingering.size === 0 || this.#sweptAt === keys.departures) return;
    this.#sweptAt = keys.departures;
    for (const [name, address] of this.#lingering) {
      const isUsed = pairs.isReceivingAt(address) || ike.ikeSas().some(({ local }) => local.address === address);
      if (isUsed) continue;
      this.#lingering.delete(name);
      localAddresses.release(address);
    }
  }

  #check(policy: PolicyConfig): void {
    const protector = (name: string): TunnelPolicy | undefined => {
      const other = this.#standing.get(name)?.policy;
      return other !== undefined && name !== policy.name && sharesSas(other) ? other : undefined;
    };
    const protectors = {
      has: (name: string) => protector(name) !== undefined,
      get: (name: string) => {
        const other = protector(name);
        return other && peerOf(other);
      },
    };
    checkNewPolicy(policy, { peers: this.#peers, protectors, manual: this.#managed.manual });
    if (isManual(policy)) requireOwnSpi(policy, this.#inboundSas, 'policy');
  }

  #buildByHand(policy: PolicyConfig): SaPair | undefined {
    return isManual(policy) ? this.#managed.byHand.build({ peer: manualPeer(policy), policy }) : undefined;
  }

  #addChild(now: Instant, policy: PolicyConfig): void {
    if (!protects(policy)) return;
    const peer = this.#peer(policy.action.peer);
    this.#managed.ike.addChild(now, peer.name, childPolicy(policy, peer));
  }

  #remove(now: Instant, policy: PolicyConfig, sas: SasOfOld): void {
    if (protects(policy)) {
      this.#managed.ike.removeChild(now, policy.action.peer, policy.name, sas);
      this.#managed.keys.settle(now);
    }
    this.#unmake(policy.name);
  }

  /** A policy of a peer that is another now. */
  #refit(policy: ProtectingPolicy, before: GatewayPeer, sas: SasOfOld): void {
    const { rank } = this.#policy(policy.name, 'policy');
    if (isTemplate(before) === isTemplate(this.#peer(before.name))) this.#configure(policy, rank, policy, sas);
    else {
      this.#unmake(policy.name);
      this.#make(policy, rank);
      this.#aim(policy.name);
    }
  }

  #configure(policy: ProtectingPolicy, rank: Rank, old: ProtectingPolicy, sas: SasOfOld): void {
    const { tunnels, keys } = this.#managed;
    this.#standing.set(policy.name, { policy, rank, placed: undefined });
    tunnels.configure(this.#form(policy), rank);
    this.statistics.release(labelOf(old));
    const tunnel = tunnels.fixed(policy.name);
    if (tunnel !== undefined && sas === 'delete') keys.restart(tunnel);
  }

  #make(policy: PolicyConfig, rank: Rank, byHand: SaPair | undefined = this.#buildByHand(policy)): void {
    const { tunnels, keys, policies, localAddresses } = this.#managed;
    if (!hasSas(policy)) {
      if (policy.action.kind === 'share') this.#sharing.add(policy.action.policy, policy);
      this.#standing.set(policy.name, { policy, rank, placed: policies.add(policy, this.#actionOf(policy), rank) });
      return;
    }
    this.#standing.set(policy.name, { policy, rank, placed: undefined });
    if (isManual(policy)) {
      const form = { policy, peer: manualPeer(policy), statistics: this.statistics.hold(labelOf(policy)) };
      this.#inboundSas.set(inboundSaOf(policy), policy.name);
      for (const address of endsOf(policy.action).locals) localAddresses.hold(address);
      const tunnel = tunnels.addFixed(form, rank);
      if (byHand !== undefined) this.#managed.byHand.install(tunnel, byHand);
      return;
    }
    const form = this.#form(policy);
    if (this.#isLive(policy)) tunnels.addTemplate(form, rank);
    else keys.review(tunnels.addFixed(form, rank));
  }

  #unmake(name: string): void {
    const standing = this.#standing.get(name);
    if (standing === undefined) return;
    const { tunnels, keys, byHand, policies, localAddresses } = this.#managed;
    this.#standing.delete(name);
    const { policy } = standing;
    if (policy.action.kind === 'share') this.#sharing.delete(policy.action.policy, policy);
    if (standing.placed !== undefined) policies.delete(standing.placed);
    if (!hasSas(policy)) return;
    const tunnel = tunnels.retire(name);
    if (isManual(policy)) {
      this.#inboundSas.delete(inboundSaOf(policy));
      for (const address of endsOf(policy.action).locals) localAddresses.release(address);
    }
    if (tunnel !== undefined) {
      byHand.remove(tunnel);
      keys.endWithSas(tunnel);
    }
    this.statistics.release(labelOf(policy));
  }

  /** Policies that share a tunnel of this name share the one that there is now. */
  #aim(name: string): void {
    const { policies } = this.#managed;
    for (const policy of this.#sharing.get(name)) {
      const { rank, placed } = this.#policy(policy.name, 'policy');
      if (placed !== undefined) policies.delete(placed);
      this.#standing.set(policy.name, { policy, rank, placed: policies.add(policy, this.#actionOf(policy), rank) });
    }
  }

  #actionOf({ action }: PolicyConfig): SpdAction<Protector> {
    if (action.kind === 'bypass') return action;
    const target = action.kind === 'share' ? this.#managed.tunnels.fixed(action.policy) : undefined;
    return target === undefined ? DISCARD : { kind: 'protect', target };
  }

  #form(policy: ProtectingPolicy): TunnelForm<ProtectingPolicy> {
    const whole = this.#peer(policy.action.peer);
    const { name, local, outsideMtu } = whole;
    const peer = { name, local, ...(outsideMtu === undefined ? {} : { outsideMtu }) };
    return { policy: policyFor(policy, whole), peer, statistics: this.statistics.hold(labelOf(policy)) };
  }

  #keepPeer(peer: GatewayPeer): void {
    this.#peers.set(peer.name, peer);
    this.#managed.localAddresses.hold(peer.local);
  }

  #leave(name: string, local: string): void {
    const before = this.#lingering.get(name);
    if (before !== undefined) this.#managed.localAddresses.release(before);
    this.#lingering.set(name, local);
    this.#sweptAt = undefined;
  }

  #isLive(policy: ProtectingPolicy): boolean {
    return hasLiveTunnels(policy, this.#peer(policy.action.peer));
  }

  #peer(name: string, argument = 'peer'): GatewayPeer {
    const peer = this.#peers.get(name);
    if (peer === undefined) throw new RangeError(`${argument}: there is no peer of the name ${name}`);
    return peer;
  }

  #policy(name: string, argument: string): Standing {
    const standing = this.#standing.get(name);
    if (standing === undefined) throw new RangeError(`${argument}: there is no policy of the name ${name}`);
    return standing;
  }

  #policiesOf(peer: string): readonly ProtectingPolicy[] {
    return [...this.#standing.values()]
      .map(({ policy }) => policy)
      .filter(protects)
      .filter(({ action }) => action.peer === peer);
  }

  #refuseShared(name: string, argument: string): void {
    const [sharing] = this.#sharing.get(name);
    if (sharing !== undefined) {
      throw new RangeError(`${argument}: the policy ${sharing.name} shares the SAs of ${name}`);
    }
  }
}

function manualPeer({ action }: ManualPolicy): TunnelPeer {
  const { remote, outsideMtu } = action;
  const [local] = endsOf(action).locals;
  return { name: remote, local, ...(outsideMtu === undefined ? {} : { outsideMtu }) };
}

function labelOf({ name, action }: TunnelPolicy): string {
  return action.statistics ?? name;
}
