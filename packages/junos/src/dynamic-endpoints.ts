import type { GatewayPeer, PolicyConfig, Protection } from '@espalier/gateway';
import { parsePrefix } from '@espalier/wire';
import { type GivenCertificates, phase1Of } from './phase1.ts';
import type { JunosCertificatePeer } from './pki.ts';
import type { DynamicEndpoints, ProxyPair, ServiceSet } from './vpn.ts';

/** The dynamic peers of a service set, for the `show` views. */
export interface JunosDynamicEndpoints {
  readonly profile: string;
  /** Names of the gateway's policies. */
  readonly policies: readonly string[];
  /** Tunnels are numbered after the terms of the configuration, of which there are so many. */
  readonly termsBefore: number;
  /** The preference of the routes to what is behind the peers; undefined where there are none. */
  readonly routePreference: number | undefined;
}

function dynamicPeerName({ localGateway }: Pick<ServiceSet, 'localGateway'>, profile: string): string {
  return `${localGateway} - ${profile}`;
}

/** One template of peers for the access profile: they begin, in Main Mode, and all have one key. */
export function dynamicPeer(set: ServiceSet, given: GivenCertificates): readonly GatewayPeer[] {
  const { dynamic, localGateway: local, natTraversal } = set;
  if (dynamic === undefined) return [];
  const { ike, deadPeerDetection } = dynamic;
  return [
    {
      ...phase1Of(ike, set, given),
      name: dynamicPeerName(set, dynamic.profile),
      local,
      remote: { addresses: 'any' },
      remoteIdentity: ike.certificates?.expected === undefined ? (ike.remoteIdentity ?? 'any') : 'any',
      ...(ike.preSharedKey !== undefined && { allowWildcardKey: true }),
      ...(natTraversal ? {} : { natTraversal: 'off' }),
      ...(deadPeerDetection === undefined ? {} : { deadPeerDetection }),
    },
  ];
}

/** How the peers of an access profile show certificates, if they do. */
export function dynamicCertificatePeer(set: ServiceSet): readonly JunosCertificatePeer[] {
  const { dynamic, name: serviceSet, trustedCas, sendsChain } = set;
  const use = dynamic?.ike.certificates;
  if (dynamic === undefined || use === undefined) return [];
  return [{ ...use, peer: dynamicPeerName(set, dynamic.profile), serviceSet, trustedCas, sendsChain }];
}

export function dynamicPolicyNames({ name, dynamic }: ServiceSet): readonly string[] {
  if (dynamic === undefined) return [];
  const { profile, pairs } = dynamic;
  if (pairs.length < 2) return [`${name} / ${profile}`];
  return pairs.map((_, i) => `${name} / ${profile} / ${i + 1}`);
}

/**
 * A policy for each pair, from which the rule of each dynamic tunnel is made. Where two peers ask for the same network, the
 * newer one has it, as a later route takes the place of an earlier one: one key is everybody's, so which of them is in the
 * right cannot be told, and who comes back from another address is not to be kept out by himself.
 */
export function dynamicPolicies(set: ServiceSet): readonly PolicyConfig[] {
  const { dynamic } = set;
  if (dynamic === undefined) return [];
  const names = dynamicPolicyNames(set);
  const { interfaces, pairs } = dynamic;
  const own = interfaces.use === 'shared' ? interfaces.unit : undefined;
  const wanted = pairs.length === 0 ? [{}] : pairs.map(selectorsOf);
  return wanted.map((selectors, i) => ({
    name: names[i] ?? set.name,
    ...(own !== undefined && { interface: own }),
    selectors,
    action: { kind: 'protect', ...protection(set, dynamic) },
  }));
}

function protection(set: ServiceSet, dynamic: DynamicEndpoints): Protection {
  const { ipsec, interfaces, antiReplayWindow, clearDontFragment, setsDontFragment, tunnelMtu } = dynamic;
  const { suites, bundles, lifetime, pfsGroup } = ipsec;
  return {
    peer: dynamicPeerName(set, dynamic.profile),
    suites,
    ...(bundles !== undefined && { bundles }),
    lifetime,
    ...(pfsGroup !== undefined && { pfsGroup }),
    antiReplayWindow,
    clearDontFragment,
    ...(setsDontFragment === true && { outer: { df: 'set' as const } }),
    ...(set.tcpMss !== undefined && { tcpMss: set.tcpMss }),
    ...(tunnelMtu !== undefined && { mtu: tunnelMtu }),
    statistics: set.name,
    ...(interfaces.use === 'dedicated'
      ? { ownInterfaces: interfaces.units, admits: 'anything' }
      : { overlap: 'replace', admits: 'selectors' }),
  };
}

/** ANY-ANY is written as two prefixes of length 0, and is no bound. */
function selectorsOf({ local, remote }: ProxyPair): Partial<ProxyPair> {
  return { ...(isBound(local) && { local }), ...(isBound(remote) && { remote }) };
}

function isBound(prefix: string): boolean {
  const { address, length } = parsePrefix(prefix);
  return length > 0 || address.length !== 4;
}
