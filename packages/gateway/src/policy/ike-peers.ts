import type { ChildPolicy, IdentityPattern, PeerConfig } from '@espalier/ike';
import {
  formatAddress,
  type Identification,
  type IdentificationPorts,
  IPV4_OCTETS,
  ipv4AddressId,
  ipv4RangeId,
  ipv4SubnetId,
  ipv6AddressId,
  ipv6RangeId,
  ipv6SubnetId,
  parseAddress,
} from '@espalier/wire';
import type { GatewayConfig, GatewayPeer, PolicyConfig, Prefix, Protection, Selectors } from '../config.ts';
import { type AddressRange, formatAddressRange, readAddressRange } from '../selectors/address-set.ts';
import { SelectorMatcher } from '../selectors/selectors.ts';

/** A policy that protects: what it is called and for which packets, and how. */
export interface ProtectingPolicy extends PolicyConfig {
  readonly action: { readonly kind: 'protect' } & Protection;
}

/** RFC 2409 §5: messages of phase 1 and 2 go over UDP port 500. */
export const IKE_PORT = 500;

export function protects(policy: PolicyConfig): policy is ProtectingPolicy {
  return policy.action?.kind === 'protect';
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

/** Whether its tunnels come and go: those of live peers of a template, or those that packets ask for. */
export function hasLiveTunnels({ action }: ProtectingPolicy, peer: GatewayPeer): boolean {
  return isTemplate(peer) || populates(action) || action.assigned === 'remote';
}

export function populates({ populate = [] }: Pick<Protection, 'populate'>): boolean {
  return populate.length > 0;
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
export function childPolicy(policy: ProtectingPolicy, peer: GatewayPeer): ChildPolicy {
  const { name, selectors = {}, action } = policyFor(policy, peer);
  const { suites, bundles, lifetime, lifetimeKilobytes, pfsGroup, esn } = action;
  return {
    name,
    suites,
    lifetime,
    ...(bundles === undefined ? {} : { bundles }),
    ...(lifetimeKilobytes === undefined ? {} : { lifetimeKilobytes }),
    ...(pfsGroup === undefined ? {} : { pfsGroup }),
    ...(esn === undefined ? {} : { esn }),
    ...(action.tellReplayStatus === true && {
      replayStatus: action.antiReplayWindow === 'off' ? ('disabled' as const) : ('enabled' as const),
    }),
    ...(action.mode === 'transport' ? { mode: action.mode } : {}),
    ...identitiesOf(selectors, action, peer),
  };
}

/**
 * The policy as it is for its peer: in transport mode the one end is this gateway and the other the peer (RFC 4301 §4.1), of
 * which a template says where it may be.
 */
export function policyFor(policy: ProtectingPolicy, peer: GatewayPeer): ProtectingPolicy {
  if (policy.action.mode !== 'transport') return policy;
  const ends = { local: peer.local, ...(typeof peer.remote === 'string' ? { remote: peer.remote } : {}) };
  return { ...policy, selectors: { ...policy.selectors, ...ends } };
}

function identitiesOf(selectors: Selectors, action: Protection, peer: GatewayPeer): ClientIdentities {
  if (action.assigned === 'local') return { ...proxyIdentities(selectors), localIdentity: 'assigned' };
  if (action.assigned === 'remote') return { ...clientPatterns(selectors), remoteIdentity: 'assigned' };
  if (isTemplate(peer) || populates(action)) return clientPatterns(selectors);
  return action.mode === 'transport' ? hostIdentities(selectors, peer) : proxyIdentities(selectors);
}

function hostIdentities(selectors: Selectors, { local, remote }: GatewayPeer): ClientIdentities {
  const matcher = new SelectorMatcher(selectors);
  const idOf = (address: string, side: 'local' | 'remote'): Identification =>
    parseAddress(address).length === IPV4_OCTETS
      ? ipv4AddressId(address, portsOf(matcher, side))
      : ipv6AddressId(address, portsOf(matcher, side));
  return {
    localIdentity: idOf(local, 'local'),
    remoteIdentity: idOf(typeof remote === 'string' ? remote : local, 'remote'),
  };
}

type ClientIdentities = Pick<ChildPolicy, 'localIdentity' | 'remoteIdentity'>;

function clientPatterns(selectors: Selectors): ClientIdentities {
  const matcher = new SelectorMatcher(selectors);
  return { localIdentity: within(matcher, 'local'), remoteIdentity: within(matcher, 'remote') };
}

function within(matcher: SelectorMatcher, side: 'local' | 'remote'): IdentityPattern {
  const ranges = matcher[side]?.ranges ?? EVERYTHING.map(readAddressRange);
  return { within: ranges.map((range) => identityOf(range, portsOf(matcher, side))) };
}

const EVERYTHING: readonly Prefix[] = ['0.0.0.0/0', '::/0'];

/**
 * The addresses of the selectors, where they name none all that there are, with the protocol and port if these are one
 * (RFC 2407 §4.6.2): the least that IKE can say and that takes all of them.
 */
export function proxyIdentities(selectors: Selectors): {
  readonly localIdentity: Identification;
  readonly remoteIdentity: Identification;
} {
  const matcher = new SelectorMatcher(selectors);
  const octets = (matcher.local ?? matcher.remote)?.octets ?? IPV4_OCTETS;
  const everything = readAddressRange(octets === IPV4_OCTETS ? '0.0.0.0/0' : '::/0');
  return {
    localIdentity: identityOf(matcher.local?.ranges[0] ?? everything, portsOf(matcher, 'local')),
    remoteIdentity: identityOf(matcher.remote?.ranges[0] ?? everything, portsOf(matcher, 'remote')),
  };
}

function portsOf({ upper }: SelectorMatcher, side: 'local' | 'remote'): IdentificationPorts {
  const protocol = upper?.protocol?.only;
  const port = (side === 'local' ? upper?.localPort : upper?.remotePort)?.only;
  if (protocol === undefined) return {};
  return port === undefined ? { protocol } : { protocol, port };
}

function identityOf(range: AddressRange, ports: IdentificationPorts): Identification {
  const is4 = range.first.length === IPV4_OCTETS;
  if (range.bits >= 0) return (is4 ? ipv4SubnetId : ipv6SubnetId)(formatAddressRange(range), ports);
  return (is4 ? ipv4RangeId : ipv6RangeId)(formatAddress(range.first), formatAddress(range.last), ports);
}
