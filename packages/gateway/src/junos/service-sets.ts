import type { GatewayConfig, RuleConfig, ServiceSetConfig } from '../config.ts';
import type { Block } from './block.ts';
import { Definitions } from './definitions.ts';
import { existing, existingDevice, type JunosInterface } from './interfaces.ts';
import { type IpsecVpn, readIpsecVpn } from './ipsec-vpn.ts';
import type { RuleStatement } from './rules.ts';
import type { Word } from './tree.ts';
import { effectiveOptions, readTunnelOptions, type TunnelOptions } from './tunnel-options.ts';
import { ipv4Address } from './values.ts';

/** `services { ... }` */
export function readServices(block: Block, interfaces: readonly JunosInterface[]): GatewayConfig {
  const vpn = block.section('ipsec-vpn', (ipsecVpn) => readIpsecVpn(ipsecVpn, interfaces)) ?? {
    rules: new Definitions('a rule'),
    ruleSets: new Definitions('a rule set'),
    establishTunnels: 'on-traffic',
  };
  const serviceSets = block.named('service-set', (set, name) => readServiceSet(set, name, vpn, interfaces));
  vpn.rules.reportUnused(block);
  vpn.ruleSets.reportUnused(block);
  return { serviceSets, establishTunnels: vpn.establishTunnels };
}

function readServiceSet(
  block: Block,
  name: Word,
  { rules, ruleSets }: IpsecVpn,
  interfaces: readonly JunosInterface[],
): ServiceSetConfig {
  const { localGateway, options } = block.requiredSection('ipsec-vpn-options', readVpnOptions);
  const used = [
    ...block.list('ipsec-vpn-rules', rules.find),
    ...block.list('ipsec-vpn-rule-sets', ruleSets.find).flat(),
  ];
  if (used.length === 0) return block.incomplete('ipsec-vpn-rules');
  return {
    name: name.text,
    ...readStyle(block, interfaces),
    localGateway,
    rules: used.map((rule) => completeRule(rule, options)),
  };
}

/** Next-hop style or interface style. Junos says no more about what no term takes; it is discarded (RFC 4301 §4.4.1). */
function readStyle(block: Block, interfaces: readonly JunosInterface[]): Pick<ServiceSetConfig, 'pic' | 'style'> {
  const nextHop = block.section('next-hop-service', (service) => ({
    kind: 'next-hop' as const,
    insideInterface: service.required('inside-service-interface', existing(interfaces, 'inside')),
    outsideInterface: service.required('outside-service-interface', existing(interfaces, 'outside')),
  }));
  const pic = block.section('interface-service', (service) =>
    service.required('service-interface', existingDevice(interfaces)),
  );
  if (nextHop && pic === undefined) return { pic: deviceOf(nextHop.insideInterface), style: nextHop };
  if (pic !== undefined && !nextHop) return { pic, style: { kind: 'interface', unmatched: 'discard' } };
  return block.incomplete('either next-hop-service or interface-service');
}

function readVpnOptions(block: Block): { localGateway: string; options: TunnelOptions } {
  block.notYet('ike-access-profile', 'dynamic endpoints');
  block.notYet('trusted-ca', 'certificates');
  block.notYet('passive-mode-tunneling', 'passive mode tunneling');
  return { localGateway: block.required('local-gateway', ipv4Address), options: readTunnelOptions(block) };
}

function completeRule({ terms, ...rule }: RuleStatement, serviceSet: TunnelOptions): RuleConfig {
  return {
    ...rule,
    terms: terms.map(({ options, ...term }) => ({ ...term, ...effectiveOptions(serviceSet, options) })),
  };
}

/** `sp-1/2/0` of `sp-1/2/0.1`. */
function deviceOf(unit: string): string {
  return unit.slice(0, unit.lastIndexOf('.'));
}
