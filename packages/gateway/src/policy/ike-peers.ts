import type { ChildPolicy, PeerConfig } from '@espalier/ike';
import { type Identification, IPV6_OCTETS, ipv4SubnetId, ipv6SubnetId, parsePrefix } from '@espalier/wire';
import type { GatewayConfig, GatewayPeer, PolicyConfig, Protection, Selectors } from '../config.ts';

/** A policy that protects: what it is called and for which packets, and how. */
export interface ProtectingPolicy extends PolicyConfig {
  readonly action: { readonly kind: 'protect' } & Protection;
}

/** RFC 2409 §5: messages of phase 1 and 2 go over UDP port 500. */
export const IKE_PORT = 500;

export function protects(policy: PolicyConfig): policy is ProtectingPolicy {
  return policy.action.kind === 'protect';
}

/** What the IKE endpoint is told of the peers: each with a child for each policy that protects by it. */
export function ikePeers({ peers, policies }: GatewayConfig, outside: 'ip' | 'udp'): readonly PeerConfig[] {
  const byPeer = new Map<string, ProtectingPolicy[]>(peers.map(({ name }) => [name, []]));
  for (const policy of policies) if (protects(policy)) byPeer.get(policy.action.peer)?.push(policy);
  return peers.map((peer) => ikePeer(peer, byPeer.get(peer.name) ?? [], outside));
}

/** A gateway whose outside is UDP sockets cannot send ESP but in UDP. */
export function ikePeer(
  { local, remote, outsideMtu: _, ...peer }: GatewayPeer,
  policies: readonly ProtectingPolicy[],
  outside: 'ip' | 'udp',
): PeerConfig {
  return {
    ...peer,
    local: { address: local, port: IKE_PORT },
    remote: { address: remote, port: IKE_PORT },
    natTraversal: outside === 'udp' ? 'force' : (peer.natTraversal ?? 'auto'),
    children: policies.map(ikeChild),
  };
}

export function ikeChild({ name, selectors = {}, action }: ProtectingPolicy): ChildPolicy {
  const { suites, lifetime, lifetimeKilobytes, pfsGroup, esn } = action;
  return {
    name,
    suites,
    lifetime,
    ...(lifetimeKilobytes === undefined ? {} : { lifetimeKilobytes }),
    ...(pfsGroup === undefined ? {} : { pfsGroup }),
    ...(esn === undefined ? {} : { esn }),
    encapsulation: 'tunnel',
    ...proxyIdentities(selectors),
  };
}

/** The subnets of the selectors; where they name none, the subnet of all addresses. */
function proxyIdentities({ local, remote }: Selectors): {
  readonly localIdentity: Identification;
  readonly remoteIdentity: Identification;
} {
  const named = local ?? remote;
  const ipv6 = named !== undefined && parsePrefix(named).address.length === IPV6_OCTETS;
  const subnetId = ipv6 ? ipv6SubnetId : ipv4SubnetId;
  const everything = ipv6 ? '::/0' : '0.0.0.0/0';
  return { localIdentity: subnetId(local ?? everything), remoteIdentity: subnetId(remote ?? everything) };
}
