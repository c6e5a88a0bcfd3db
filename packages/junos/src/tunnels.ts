import type { GatewayConfig, GatewayPeer, PolicyConfig } from '@espalier/gateway';
import {
  dynamicCertificatePeer,
  dynamicPeer,
  dynamicPolicies,
  dynamicPolicyNames,
  type JunosDynamicEndpoints,
} from './dynamic-endpoints.ts';
import { type GivenCertificates, phase1Of } from './phase1.ts';
import type { JunosCertificatePeer } from './pki.ts';
import type { Rule, ServiceSet, ServiceStyle, Term } from './vpn.ts';

/** Which policy of the gateway a term has become. */
export interface JunosTerm {
  readonly serviceSet: string;
  readonly rule: string;
  readonly term: string;
  /** From 1, over all terms of the configuration. */
  readonly tunnelIndex: number;
  /** Name of the gateway's policy. */
  readonly policy: string;
  readonly localGateway: string;
  readonly remoteGateway: string;
  /** Octets, where it is configured. */
  readonly tunnelMtu?: number;
  /** TTL and DSCP of the outer header, where they are configured. */
  readonly outer?: Term['outer'];
}

/** A service set and its terms: what the `show` views call the gateway's policies. */
export interface JunosServiceSet {
  readonly name: string;
  /** The services PIC, for example `sp-1/2/0`. */
  readonly pic: string;
  readonly localGateway: string;
  readonly style: ServiceStyle;
  /** In the order in which they are asked. */
  readonly terms: readonly JunosTerm[];
  /** Of an access profile. */
  readonly dynamic?: JunosDynamicEndpoints;
}

/** The gateway that service sets describe, and under which names Junos knows its policies. */
export interface Tunnels {
  readonly gateway: GatewayConfig;
  readonly serviceSets: readonly JunosServiceSet[];
  readonly certificatePeers: readonly JunosCertificatePeer[];
}

/**
 * Makes a policy of each term, and a peer of each pair of gateways. A service set of next-hop style is an SPD of its
 * service interfaces, whose last entry takes what no term does: a route has sent it there. Those of interface style are
 * the SPD of all other interfaces.
 */
export function tunnelsOf(
  sets: readonly ServiceSet[],
  establish: GatewayConfig['establish'],
  given: GivenCertificates,
): Tunnels {
  const serviceSets = nameTerms(sets);
  const onInterfaces = sets.filter(({ style }) => style.kind === 'interface');
  const policies = [
    ...sets.flatMap((set, i) => policiesOf(set, serviceSets[i]?.terms ?? [])),
    ...onInterfaces.flatMap(dynamicPolicies),
  ];
  const peers = [...peersOf(sets, given), ...sets.flatMap((set) => dynamicPeer(set, given))];
  const certificatePeers = [...sets.flatMap(certificatePeersOf), ...sets.flatMap(dynamicCertificatePeer)];
  return { gateway: { peers, policies, ...(establish && { establish }) }, serviceSets, certificatePeers };
}

function nameTerms(sets: readonly ServiceSet[]): readonly JunosServiceSet[] {
  let tunnelIndex = 0;
  const named = sets.map((set) => ({
    set,
    terms: set.rules.flatMap((rule) =>
      rule.terms.map((term) => {
        tunnelIndex += 1;
        return nameTerm(set, rule, term, tunnelIndex);
      }),
    ),
  }));
  return named.map(({ set, terms }) => {
    const { name, pic, localGateway, style } = set;
    const dynamic = nameDynamic(set, tunnelIndex);
    return { name, pic, localGateway, style, terms, ...(dynamic && { dynamic }) };
  });
}

function nameTerm({ name, localGateway }: ServiceSet, rule: Rule, term: Term, tunnelIndex: number): JunosTerm {
  const policy = `${name} / ${rule.name} / ${term.name}`;
  const { remoteGateway, tunnelMtu, outer } = term;
  return {
    serviceSet: name,
    rule: rule.name,
    term: term.name,
    tunnelIndex,
    policy,
    localGateway,
    remoteGateway,
    ...(tunnelMtu !== undefined && { tunnelMtu }),
    ...(outer !== undefined && { outer }),
  };
}

/** There are no routes to what is behind a unit of its own, nor from a set of interface style. */
function nameDynamic(set: ServiceSet, termsBefore: number): JunosDynamicEndpoints | undefined {
  const { dynamic, style } = set;
  if (dynamic === undefined) return undefined;
  const { profile, interfaces, routePreference: preference } = dynamic;
  const hasRoutes = style.kind === 'next-hop' && interfaces.use === 'shared';
  return {
    profile,
    policies: dynamicPolicyNames(set),
    termsBefore,
    routePreference: hasRoutes ? preference : undefined,
  };
}

function peerName(localGateway: string, remoteGateway: string): string {
  return `${localGateway} - ${remoteGateway}`;
}

/** Of several terms between two gateways the first that asks for liveness says how. */
function peersOf(sets: readonly ServiceSet[], given: GivenCertificates): readonly GatewayPeer[] {
  const peers = new Map<string, GatewayPeer>();
  for (const { localGateway, natTraversal, rules, trustedCas } of sets) {
    for (const { remoteGateway, keying, deadPeerDetection } of rules.flatMap(({ terms }) => terms)) {
      if (keying.kind === 'manual') continue;
      const { ike } = keying;
      const name = peerName(localGateway, remoteGateway);
      const off = natTraversal ? {} : ({ natTraversal: 'off' } as const);
      const peer = peers.get(name) ?? {
        ...phase1Of(ike, { trustedCas }, given),
        name,
        local: localGateway,
        remote: remoteGateway,
        ...off,
      };
      const probed = peer.deadPeerDetection ?? deadPeerDetection;
      peers.set(name, probed === undefined ? peer : { ...peer, deadPeerDetection: probed });
    }
  }
  return [...peers.values()];
}

/** Each peer once, of the first service set that speaks with it. */
function certificatePeersOf({
  name: serviceSet,
  localGateway,
  rules,
  trustedCas,
  sendsChain,
}: ServiceSet): readonly JunosCertificatePeer[] {
  const peers = new Map<string, JunosCertificatePeer>();
  for (const { remoteGateway, keying } of rules.flatMap(({ terms }) => terms)) {
    const use = keying.kind === 'dynamic' ? keying.ike.certificates : undefined;
    const peer = peerName(localGateway, remoteGateway);
    if (use !== undefined && !peers.has(peer)) peers.set(peer, { ...use, peer, serviceSet, trustedCas, sendsChain });
  }
  return [...peers.values()];
}

function policiesOf(set: ServiceSet, names: readonly JunosTerm[]): readonly PolicyConfig[] {
  const terms = set.rules.flatMap((rule) => rule.terms.map((term) => ({ rule, term })));
  const policies = terms.map(({ rule, term }, i) => policyOf(set, rule, term, names[i]?.policy ?? term.name));
  if (set.style.kind !== 'next-hop') return policies.filter((_, i) => isAsked(set.style, terms[i]?.rule));
  const rests = [...new Set(policies.map((policy) => policy.interface))].flatMap((name) => {
    const first = policies.find((policy) => policy.interface === name);
    return first === undefined ? [] : [restOf(first)];
  });
  return [...policies, ...dynamicPolicies(set), ...rests];
}

/** What no other policy of an interface takes goes into its first tunnel. */
function restOf({ name, interface: own }: PolicyConfig): PolicyConfig {
  const rest = { name: `${name} / rest`, action: { kind: 'share', policy: name } } as const;
  return own === undefined ? rest : { ...rest, interface: own };
}

/** A packet from the inside enters an inside interface and leaves an outside one. */
function isAsked(style: ServiceStyle, rule: Rule | undefined): boolean {
  if (style.kind === 'next-hop') return true;
  return rule?.matchDirection === (style.appliedTo === 'outside' ? 'output' : 'input');
}

function policyOf(set: ServiceSet, rule: Rule, term: Term, name: string): PolicyConfig {
  const { sourceAddress, destinationAddress } = term.from;
  const own = interfaceOf(set.style, rule, term);
  return {
    name,
    ...(own !== undefined && { interface: own }),
    selectors: {
      ...(sourceAddress !== undefined && { local: sourceAddress }),
      ...(destinationAddress !== undefined && { remote: destinationAddress }),
    },
    action: actionOf(set, term),
  };
}

function actionOf(set: ServiceSet, { keying, remoteGateway, ...term }: Term): PolicyConfig['action'] {
  const outer = { ...term.outer, ...(term.setsDontFragment === true && { df: 'set' as const }) };
  const common = {
    ...(Object.keys(outer).length > 0 && { outer }),
    ...(set.tcpMss !== undefined && { tcpMss: set.tcpMss }),
    clearDontFragment: term.clearDontFragment,
    ...(term.tunnelMtu !== undefined && { mtu: term.tunnelMtu }),
    admits: set.style.kind === 'next-hop' ? 'anything' : 'selectors',
    statistics: set.name,
  } as const;
  if (keying.kind === 'manual') {
    const { inbound, outbound, unauthenticated } = keying.sas;
    const ends = { local: set.localGateway, remote: remoteGateway };
    return { kind: 'manual', ...ends, inbound, outbound, ...(unauthenticated && { unauthenticated }), ...common };
  }
  const { suites, bundles, lifetime, pfsGroup } = keying.ipsec;
  return {
    kind: 'protect',
    peer: peerName(set.localGateway, remoteGateway),
    suites,
    ...(bundles !== undefined && { bundles }),
    lifetime,
    ...(pfsGroup !== undefined && { pfsGroup }),
    antiReplayWindow: term.antiReplayWindow,
    ...common,
  };
}

/** The service interface that packets are routed into: a term may name one of its own. */
function interfaceOf(style: ServiceStyle, { matchDirection }: Rule, { from }: Term): string | undefined {
  if (style.kind !== 'next-hop') return undefined;
  if (matchDirection === 'output') return style.outsideInterface;
  return from.insideInterface ?? style.insideInterface;
}
