import type { IkeEndpoint, SasOfOld } from '@espalier/ike';
import type { Instant } from '@espalier/wire';
import { checkPeer, checkPolicy, requireName } from './check-config.ts';
import type { GatewayConfig, GatewayPeer, PolicyConfig } from './config.ts';
import { ikeChild, ikePeer, type ProtectingPolicy, protects } from './policy/ike-peers.ts';
import type { LocalAddresses } from './policy/local-addresses.ts';
import type { Policies } from './policy/policies.ts';
import type { KeyManagement } from './sas/key-management.ts';
import { type IpsecStatistics, StatisticsCounter } from './sas/statistics.ts';
import { Tunnel } from './sas/tunnel.ts';

/** What a configuration has an effect on. */
export interface ConfiguredParts {
  readonly ike: IkeEndpoint;
  readonly keys: KeyManagement;
  readonly policies: Policies<Tunnel>;
  readonly localAddresses: LocalAddresses;
  readonly outside: 'ip' | 'udp';
}

/**
 * The peers and policies of a gateway, as they come and go. Every change is checked first, and then made in IKE, in the
 * tunnels and in the SPDs together.
 */
export class Configured {
  readonly #parts: ConfiguredParts;
  readonly #peers = new Map<string, GatewayPeer>();
  readonly #statistics = new Map<string, StatisticsCounter>();

  /** `config` is checked, and IKE has been told of it. */
  constructor(parts: ConfiguredParts, { peers, policies }: GatewayConfig) {
    this.#parts = parts;
    for (const peer of peers) this.#learnPeer(peer);
    for (const policy of policies) if (protects(policy)) this.#tunnel(policy);
    for (const policy of policies) parts.policies.add(policy, this.#targetOf(policy));
  }

  /** What was counted under a label; undefined where no policy has it. */
  statistics(label: string): IpsecStatistics | undefined {
    return this.#statistics.get(label)?.snapshot();
  }

  addPeer(now: Instant, peer: GatewayPeer): void {
    requireName(peer, 'peer');
    if (this.#peers.has(peer.name)) throw new RangeError(`peer.name: the name ${peer.name} is there already`);
    checkPeer(peer, 'peer');
    const { ike, outside } = this.#parts;
    ike.addPeer(now, ikePeer(peer, [], outside));
    this.#learnPeer(peer);
  }

  /** SAs of another local address cannot last. */
  replacePeer(now: Instant, peer: GatewayPeer, sas: SasOfOld): void {
    requireName(peer, 'peer');
    const old = this.#peer(peer.name, 'peer.name');
    checkPeer(peer, 'peer');
    const { ike, localAddresses, outside, keys } = this.#parts;
    const policies = this.#policiesBy(peer.name);
    ike.replacePeer(now, ikePeer(peer, policies, outside), old.local === peer.local ? sas : 'delete');
    keys.settle(now);
    this.#learnPeer(peer);
    localAddresses.delete(old.local);
    for (const policy of policies) this.#tunnel(policy);
  }

  removePeer(now: Instant, name: string, sas: SasOfOld): void {
    const peer = this.#peer(name, 'peerName');
    const [policy] = this.#policiesBy(name);
    if (policy !== undefined) throw new RangeError(`peerName: the policy ${policy.name} protects by the peer ${name}`);
    this.#parts.ike.removePeer(now, name, sas);
    this.#peers.delete(name);
    // What is kept goes on arriving at that address.
    if (sas === 'delete') this.#parts.localAddresses.delete(peer.local);
  }

  addPolicy(now: Instant, policy: PolicyConfig, before: string | undefined): void {
    requireName(policy, 'policy');
    const { ike, policies } = this.#parts;
    if (policies.find(policy.name) !== undefined) {
      throw new RangeError(`policy.name: the name ${policy.name} is there already`);
    }
    this.#check(policy);
    if (before !== undefined && !policies.isBeside(before, policy)) {
      throw new RangeError(`before: no policy of the same interface has the name ${before}`);
    }
    if (protects(policy)) {
      ike.addChild(now, policy.action.peer, ikeChild(policy));
      this.#tunnel(policy);
    }
    policies.add(policy, this.#targetOf(policy), before);
  }

  replacePolicy(now: Instant, policy: PolicyConfig, sas: SasOfOld): void {
    requireName(policy, 'policy');
    const { ike, keys, policies } = this.#parts;
    const old = this.#policy(policy.name, 'policy.name');
    this.#check(policy);
    if (!protects(policy)) this.#requireUnshared(policy.name, 'policy.name');
    const isSamePeer = protects(policy) && protects(old) && policy.action.peer === old.action.peer;
    if (isSamePeer) ike.replaceChild(now, policy.action.peer, ikeChild(policy), sas);
    else if (protects(policy)) ike.addChild(now, policy.action.peer, ikeChild(policy));
    if (protects(old) && !isSamePeer) ike.removeChild(now, old.action.peer, old.name, sas);
    keys.settle(now);
    if (protects(policy)) this.#tunnel(policy);
    else this.#retire(old);
    policies.replace(policy, this.#targetOf(policy));
  }

  removePolicy(now: Instant, name: string, sas: SasOfOld): void {
    const { ike, keys, policies } = this.#parts;
    const policy = this.#policy(name, 'policyName');
    this.#requireUnshared(name, 'policyName');
    if (protects(policy)) ike.removeChild(now, policy.action.peer, name, sas);
    keys.settle(now);
    policies.delete(name);
    this.#retire(policy);
  }

  #check(policy: PolicyConfig): void {
    const protecting = this.#parts.policies.all().filter(({ action }) => action.kind === 'protect');
    const names = new Set(protecting.map(({ name }) => name));
    names.delete(policy.name);
    checkPolicy(policy, this.#peers, names, 'policy');
  }

  #requireUnshared(name: string, argument: string): void {
    const sharing = this.#parts.policies.all().find(({ action }) => action.kind === 'share' && action.policy === name);
    if (sharing === undefined) return;
    throw new RangeError(`${argument}: the policy ${sharing.name} shares the SAs of ${name}`);
  }

  #peer(name: string, argument: string): GatewayPeer {
    const peer = this.#peers.get(name);
    if (peer === undefined) throw new RangeError(`${argument}: there is no peer of the name ${name}`);
    return peer;
  }

  #policy(name: string, argument: string): PolicyConfig {
    const policy = this.#parts.policies.find(name);
    if (policy === undefined) throw new RangeError(`${argument}: there is no policy of the name ${name}`);
    return policy;
  }

  #policiesBy(peer: string): readonly ProtectingPolicy[] {
    return this.#parts.policies
      .all()
      .flatMap((policy) => (protects(policy) && policy.action.peer === peer ? [policy] : []));
  }

  #learnPeer(peer: GatewayPeer): void {
    this.#peers.set(peer.name, peer);
    this.#parts.localAddresses.add(peer.local);
  }

  /** The tunnel of a policy, as the policy now is; one whose SAs outlived a policy of the same name has another life. */
  #tunnel(policy: ProtectingPolicy): void {
    const { keys } = this.#parts;
    const peer = this.#peer(policy.action.peer, 'policy.action.peer');
    const counter = this.#counterOf(policy.action.statistics ?? policy.name);
    const known = keys.find(policy.name);
    if (known === undefined) keys.add(new Tunnel(policy, peer, counter));
    else keys.change(known, () => known.configure(policy, peer, counter));
  }

  #retire({ name }: PolicyConfig): void {
    const tunnel = this.#parts.keys.find(name);
    if (tunnel !== undefined) this.#parts.keys.retire(tunnel);
  }

  #targetOf({ name, action }: PolicyConfig): Tunnel | undefined {
    if (action.kind === 'protect') return this.#parts.keys.find(name);
    return action.kind === 'share' ? this.#parts.keys.find(action.policy) : undefined;
  }

  #counterOf(label: string): StatisticsCounter {
    const counter = this.#statistics.get(label) ?? new StatisticsCounter();
    this.#statistics.set(label, counter);
    return counter;
  }
}
