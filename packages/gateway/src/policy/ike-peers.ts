import type { ChildPolicy, IdentityPattern, PeerConfig } from '@espalier/ike';
import { type Identification, IPV6_OCTETS, ipv4SubnetId, ipv6SubnetId, parsePrefix } from '@espalier/wire';
import type { GatewayConfig, GatewayPeer, PolicyConfig, Prefix, Protection, Selectors } from '../config.ts';

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
  return peers.map((peer) => {
    const children = byPeer.get(peer.name)?.map((policy) => childPolicy(policy, peer));
    return ikePeer(peer, children ?? [], outside);
  });
}

/** Whether it stands for any number of peers, whose addresses are not known before they call. */
export function isTemplate({ remote }: GatewayPeer): boolean {
  return typeof remote !== 'string';
}

/** A gateway whose outside is UDP sockets cannot send ESP but in UDP. */
export function ikePeer(
  { local, remote, outsideMtu: _, ...peer }: GatewayPeer,
  children: readonly ChildPolicy[],
  outside: 'ip' | 'udp',
): PeerConfig {
  return {
    ...peer,
    local: { address: local, port: IKE_PORT },
    remote: typeof remote === 'string' ? { address: remote, port: IKE_PORT } : remote,
    natTraversal: outside === 'udp' ? 'force' : (peer.natTraversal ?? 'auto'),
    children,
  };
}

/** What IKE may agree on for a policy. With the peers of a template: whatever lies within the selectors. */
export function childPolicy({ name, selectors = {}, action }: ProtectingPolicy, peer: GatewayPeer): ChildPolicy {
  const { suites, lifetime, lifetimeKilobytes, pfsGroup, esn } = action;
  return {
    name,
    suites,
    lifetime,
    ...(lifetimeKilobytes === undefined ? {} : { lifetimeKilobytes }),
    ...(pfsGroup === undefined ? {} : { pfsGroup }),
    ...(esn === undefined ? {} : { esn }),
    ...(isTemplate(peer) ? clientPatterns(selectors) : proxyIdentities(selectors)),
  };
}

type ClientIdentities = Pick<ChildPolicy, 'localIdentity' | 'remoteIdentity'>;

function clientPatterns({ local, remote }: Selectors): ClientIdentities {
  return { localIdentity: within(local), remoteIdentity: within(remote) };
}

function within(prefix: Prefix | undefined): IdentityPattern {
  return { within: (prefix === undefined ? EVERYTHING : [prefix]).map(subnetId) };
}

const EVERYTHING: readonly Prefix[] = ['0.0.0.0/0', '::/0'];

/** The subnets of the selectors; where they name none, the subnet of all addresses. */
function proxyIdentities({ local, remote }: Selectors): ClientIdentities {
  const named = local ?? remote;
  const everything = named !== undefined && isIpv6(named) ? '::/0' : '0.0.0.0/0';
  return { localIdentity: subnetId(local ?? everything), remoteIdentity: subnetId(remote ?? everything) };
}

function subnetId(prefix: Prefix): Identification {
  return isIpv6(prefix) ? ipv6SubnetId(prefix) : ipv4SubnetId(prefix);
}

function isIpv6(prefix: Prefix): boolean {
  return parsePrefix(prefix).address.length === IPV6_OCTETS;
}
