import type { ChildPolicy, PeerConfig } from '@espalier/ike';
import { type Identification, IPV6_OCTETS, ipv4SubnetId, ipv6SubnetId, parsePrefix } from '@espalier/wire';
import type { GatewayConfig, RuleConfig, ServiceSetConfig, TermConfig, TermFrom } from '../config.ts';
import type { Selectors } from './selectors.ts';

/** One term of the configuration: one tunnel. */
export interface TunnelPlan {
  /** From 1, over all terms of the configuration. */
  readonly index: number;
  readonly serviceSet: ServiceSetConfig;
  readonly rule: RuleConfig;
  readonly term: TermConfig;
  /** What the IKE endpoint calls the peer and the child. */
  readonly peer: string;
  readonly child: string;
}

/** The tunnels of a configuration, in its order. */
export function planTunnels(config: GatewayConfig): readonly TunnelPlan[] {
  const plans: TunnelPlan[] = [];
  for (const serviceSet of config.serviceSets) {
    for (const rule of serviceSet.rules) {
      for (const term of rule.terms) {
        plans.push({
          index: plans.length + 1,
          serviceSet,
          rule,
          term,
          peer: `${serviceSet.localGateway} - ${term.remoteGateway}`,
          child: `${serviceSet.name} / ${rule.name} / ${term.name}`,
        });
      }
    }
  }
  return plans;
}

/**
 * The IKE peers of the tunnels: one for each pair of gateways, with a child for each term. A gateway whose outside is
 * UDP sockets cannot send ESP but in UDP.
 */
export function planPeers(tunnels: readonly TunnelPlan[], outside: 'ip' | 'udp'): readonly PeerConfig[] {
  const names = [...new Set(tunnels.map((tunnel) => tunnel.peer))];
  return names.flatMap((name) =>
    planPeer(
      tunnels.filter((tunnel) => tunnel.peer === name),
      outside,
    ),
  );
}

function planPeer(tunnels: readonly TunnelPlan[], outside: 'ip' | 'udp'): readonly PeerConfig[] {
  const [first] = tunnels;
  if (first === undefined) return [];
  const { ike, remoteGateway } = first.term;
  const deadPeerDetection = tunnels.map(({ term }) => term.deadPeerDetection).find((wanted) => wanted !== undefined);
  return [
    {
      name: first.peer,
      local: { address: first.serviceSet.localGateway, port: IKE_PORT },
      remote: { address: remoteGateway, port: IKE_PORT },
      ...(ike.localIdentity === undefined ? {} : { localIdentity: ike.localIdentity }),
      ...(ike.remoteIdentity === undefined ? {} : { remoteIdentity: ike.remoteIdentity }),
      preSharedKey: ike.preSharedKey,
      mode: ike.mode,
      proposals: ike.proposals,
      lifetime: ike.lifetime,
      children: tunnels.map(planChild),
      natTraversal: outside === 'udp' ? 'force' : (ike.natTraversal ?? 'auto'),
      ...(deadPeerDetection === undefined ? {} : { deadPeerDetection }),
    },
  ];
}

/** RFC 2409 §5: messages of phase 1 and 2 go over UDP port 500. */
export const IKE_PORT = 500;

/** A term's `from` describes packets on their way to the tunnel: its source is local. */
export function termSelectors({ from }: TermConfig): Selectors {
  return {
    ...(from.sourceAddress === undefined ? {} : { local: from.sourceAddress }),
    ...(from.destinationAddress === undefined ? {} : { remote: from.destinationAddress }),
    ...(from.insideInterface === undefined ? {} : { insideInterface: from.insideInterface }),
  };
}

function planChild({ child, term }: TunnelPlan): ChildPolicy {
  const { suites, lifetime, lifetimeKilobytes, pfsGroup } = term.ipsec;
  return {
    name: child,
    suites,
    lifetime,
    ...(lifetimeKilobytes === undefined ? {} : { lifetimeKilobytes }),
    ...(pfsGroup === undefined ? {} : { pfsGroup }),
    encapsulation: 'tunnel',
    ...proxyIdentities(term.from),
  };
}

/** The subnets of `from`; where it names none, the subnet of all addresses, as Junos does. */
function proxyIdentities({ sourceAddress, destinationAddress }: TermFrom): {
  readonly localIdentity: Identification;
  readonly remoteIdentity: Identification;
} {
  const named = sourceAddress ?? destinationAddress;
  const ipv6 = named !== undefined && parsePrefix(named).address.length === IPV6_OCTETS;
  const subnetId = ipv6 ? ipv6SubnetId : ipv4SubnetId;
  const everything = ipv6 ? '::/0' : '0.0.0.0/0';
  return {
    localIdentity: subnetId(sourceAddress ?? everything),
    remoteIdentity: subnetId(destinationAddress ?? everything),
  };
}
