import type { RuleConfig } from '../config.ts';
import type { Tunnel } from '../sas/tunnel.ts';
import type { ServiceSet } from './service-set.ts';
import { type Policy, type PolicyAction, SecurityPolicyDatabase } from './spd.ts';
import { termSelectors } from './tunnel-plan.ts';

/**
 * Which packet goes where: the service sets of next-hop style by the service interface that a packet is routed into,
 * those of interface style as one SPD.
 */
export class Routing {
  readonly #byInterface = new Map<string, SecurityPolicyDatabase<Tunnel>>();
  readonly #firstInside: string | undefined;
  readonly #policies: SecurityPolicyDatabase<Tunnel> | undefined;

  constructor(serviceSets: readonly ServiceSet[]) {
    for (const serviceSet of serviceSets) {
      const { style } = serviceSet.config;
      if (style.kind !== 'next-hop') continue;
      this.#firstInside ??= style.insideInterface;
      this.#addServiceInterface(style.insideInterface, protectPolicies(serviceSet, 'input'));
      this.#addServiceInterface(style.outsideInterface, protectPolicies(serviceSet, 'output'));
    }
    this.#policies = interfaceStylePolicies(serviceSets);
  }

  /**
   * What to do with a packet from the inside; undefined when no service set takes packets from `insideInterface`.
   * Without an interface a packet is taken as routed into the first service set of next-hop style, or if there is none
   * judged by the SPD.
   */
  lookUpOutbound(packet: Uint8Array, insideInterface: string | undefined): PolicyAction<Tunnel> | undefined {
    const routedInto = insideInterface ?? this.#firstInside;
    const nextHop = routedInto === undefined ? undefined : this.#byInterface.get(routedInto);
    return (nextHop ?? this.#policies)?.lookUpOutbound(packet, routedInto);
  }

  /** What to do with a packet that came in the clear; undefined when there is no service set of interface style. */
  lookUpInbound(packet: Uint8Array): PolicyAction<Tunnel> | undefined {
    return this.#policies?.lookUpInbound(packet);
  }

  /** Junos next-hop style: what no term takes goes into the first term all the same, as a route sent it here. */
  #addServiceInterface(name: string, policies: readonly Policy<Tunnel>[]): void {
    const first = policies.find(({ selectors }) => (selectors.insideInterface ?? name) === name);
    if (first !== undefined) this.#byInterface.set(name, new SecurityPolicyDatabase(policies, first.action));
  }
}

function interfaceStylePolicies(serviceSets: readonly ServiceSet[]): SecurityPolicyDatabase<Tunnel> | undefined {
  const policies: Policy<Tunnel>[] = [];
  const unmatched = new Set<'bypass' | 'discard'>();
  for (const serviceSet of serviceSets) {
    const { style } = serviceSet.config;
    if (style.kind !== 'interface') continue;
    unmatched.add(style.unmatched);
    policies.push(...protectPolicies(serviceSet, style.appliedTo === 'outside' ? 'output' : 'input'));
  }
  if (unmatched.size === 0) return undefined;
  return new SecurityPolicyDatabase(policies, { kind: unmatched.has('discard') ? 'discard' : 'bypass' });
}

/** The terms of the rules that match packets in `direction`, in order. */
function protectPolicies({ tunnels }: ServiceSet, direction: RuleConfig['matchDirection']): readonly Policy<Tunnel>[] {
  return tunnels
    .filter(({ plan }) => plan.rule.matchDirection === direction)
    .map((tunnel) => ({ selectors: termSelectors(tunnel.plan.term), action: { kind: 'protect', target: tunnel } }));
}
