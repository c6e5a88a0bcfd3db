import { unexpected } from '../text/error.ts';
import type { Word } from '../text/tree.ts';
import { type IkePolicy, type Rule, type ServiceSet, type Tunnels, tunnelsOf } from '../tunnels.ts';
import type { Block, Value } from './block.ts';
import { Definitions } from './definitions.ts';
import { existing, existingDevice, type JunosInterface } from './interfaces.ts';
import { type IpsecVpn, readIpsecVpn } from './ipsec-vpn.ts';
import type { RuleStatement } from './rules.ts';
import { effectiveOptions, readTunnelOptions, type TunnelOptions } from './tunnel-options.ts';
import { ipv4Address } from './values.ts';

/** What a service set may refer to, and what those before it have taken. */
interface ServiceSetContext {
  readonly vpn: IpsecVpn;
  readonly interfaces: readonly JunosInterface[];
  readonly takenInterfaces: Set<string>;
  /** By the pair of gateways: between two there is one IKE SA. */
  readonly takenPolicies: Map<string, IkePolicy>;
}

/** `services { ... }` */
export function readServices(block: Block, interfaces: readonly JunosInterface[]): Tunnels {
  const vpn = block.section('ipsec-vpn', (ipsecVpn) => readIpsecVpn(ipsecVpn, interfaces)) ?? {
    rules: new Definitions('a rule'),
    ruleSets: new Definitions('a rule set'),
    establishTunnels: 'on-traffic',
  };
  const context = { vpn, interfaces, takenInterfaces: new Set<string>(), takenPolicies: new Map() };
  const serviceSets = block.named('service-set', (set, name) => readServiceSet(set, name, context));
  vpn.rules.reportUnused(block);
  vpn.ruleSets.reportUnused(block);
  return tunnelsOf(serviceSets, vpn.establishTunnels);
}

function readServiceSet(block: Block, name: Word, context: ServiceSetContext): ServiceSet {
  const { localGateway, options } = block.requiredSection('ipsec-vpn-options', readVpnOptions);
  const rules = readRules(block, context.vpn).map((rule) => completeRule(rule, options));
  checkPolicies(block, localGateway, rules, context);
  return { name: name.text, ...readStyle(block, rules, context), localGateway, rules };
}

function readRules(block: Block, vpn: IpsecVpn): readonly RuleStatement[] {
  const rules = [
    ...block.list('ipsec-vpn-rules', vpn.rules.find),
    ...block.list('ipsec-vpn-rule-sets', vpn.ruleSets.find).flat(),
  ];
  if (rules.length === 0) return block.incomplete('ipsec-vpn-rules');
  if (new Set(rules).size < rules.length) return block.incomplete('each rule only once');
  return rules;
}

function checkPolicies(
  block: Block,
  localGateway: string,
  rules: readonly Rule[],
  { takenPolicies }: ServiceSetContext,
): void {
  for (const { ike, remoteGateway } of rules.flatMap(({ terms }) => terms)) {
    const gateways = `${localGateway} and ${remoteGateway}`;
    const policy = takenPolicies.get(gateways) ?? ike;
    if (policy !== ike) block.incomplete(`one IKE policy for all terms between ${gateways}`);
    takenPolicies.set(gateways, policy);
  }
}

type Style = Pick<ServiceSet, 'pic' | 'style'>;

/** Exactly one of both styles. */
function readStyle(block: Block, rules: readonly Rule[], context: ServiceSetContext): Style {
  const nextHop = block.section('next-hop-service', (service) => readNextHopStyle(service, context));
  const onInterface = block.section('interface-service', (service) => readInterfaceStyle(service, rules, context));
  if (nextHop && onInterface) return block.incomplete('either next-hop-service or interface-service');
  return nextHop ?? onInterface ?? block.incomplete('next-hop-service or interface-service');
}

function readNextHopStyle(block: Block, { interfaces, takenInterfaces }: ServiceSetContext): Style {
  const inside: Value<string> = (word) => {
    const name = existing(interfaces, 'inside')(word);
    if (takenInterfaces.has(name)) throw unexpected(word.position, 'an interface of no other service set', `"${name}"`);
    takenInterfaces.add(name);
    return name;
  };
  const insideInterface = block.required('inside-service-interface', inside);
  const outsideInterface = block.required('outside-service-interface', existing(interfaces, 'outside'));
  return { pic: deviceOf(insideInterface), style: { kind: 'next-hop', insideInterface, outsideInterface } };
}

/**
 * The interface that the service set is applied to is not read; the direction of the rules tells on which side it must
 * be, for traffic on its way into the tunnel. What no term takes is discarded (RFC 4301 §4.4.1).
 */
function readInterfaceStyle(block: Block, rules: readonly Rule[], { interfaces }: ServiceSetContext): Style {
  const pic = block.required('service-interface', existingDevice(interfaces));
  const [direction, other] = new Set(rules.map(({ matchDirection }) => matchDirection));
  if (other !== undefined) return block.incomplete('rules of one match-direction (both are not supported yet)');
  const appliedTo = direction === 'output' ? 'outside' : 'inside';
  return { pic, style: { kind: 'interface', appliedTo } };
}

function readVpnOptions(block: Block): { localGateway: string; options: TunnelOptions } {
  block.notYet('ike-access-profile', 'dynamic endpoints');
  block.notYet('trusted-ca', 'certificates');
  block.notYet('passive-mode-tunneling', 'passive mode tunneling');
  return { localGateway: block.required('local-gateway', ipv4Address), options: readTunnelOptions(block) };
}

function completeRule({ terms, ...rule }: RuleStatement, serviceSet: TunnelOptions): Rule {
  return {
    ...rule,
    terms: terms.map(({ options, ...term }) => ({ ...term, ...effectiveOptions(serviceSet, options) })),
  };
}

/** `sp-1/2/0` of `sp-1/2/0.1`. */
function deviceOf(unit: string): string {
  return unit.slice(0, unit.lastIndexOf('.'));
}
