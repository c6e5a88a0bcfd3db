import { parseAddress } from '@espalier/wire';
import type { GivenCertificates } from '../phase1.ts';
import type { JunosCaProfile } from '../pki.ts';
import type { Block, Value } from '../places/block.ts';
import { Definitions } from '../places/definitions.ts';
import { choice, hostAddress, identifier, integer, text } from '../places/values.ts';
import { unexpected } from '../text/error.ts';
import type { Word } from '../text/tokenizer.ts';
import { type Tunnels, tunnelsOf } from '../tunnels.ts';
import type { IkePolicy, IpsecPolicy, ManualSas, Rule, ServiceSet } from '../vpn.ts';
import type { AccessProfile } from './access.ts';
import { dynamicEndpoints, resolveProfile } from './dynamic-endpoints.ts';
import { existing, existingDevice, type JunosInterface } from './interfaces.ts';
import { type IpsecVpn, readIpsecVpn } from './ipsec-vpn.ts';
import type { RuleStatement } from './rules.ts';
import { effectiveOptions, readTunnelOptions, type TunnelOptions } from './tunnel-options.ts';

/** What stands elsewhere in the configuration, or beside it. */
export interface ServicesContext {
  readonly interfaces: readonly JunosInterface[];
  readonly access: Definitions<AccessProfile>;
  readonly caProfiles: Definitions<JunosCaProfile>;
  readonly given: GivenCertificates;
}

/** What a service set may refer to, and what those before it have taken. */
interface ServiceSetContext {
  readonly vpn: IpsecVpn;
  readonly caProfiles: Definitions<JunosCaProfile>;
  readonly given: GivenCertificates;
  readonly interfaces: readonly JunosInterface[];
  readonly takenInterfaces: Set<string>;
  /** By the pair of gateways: between two there is one IKE SA. */
  readonly takenPolicies: Map<string, IkePolicy>;
  /** Of manual SAs: the protocol and SPI of each that comes in, between a pair of gateways. */
  readonly takenSpis: Set<string>;
  /** Of this end, with an access profile: those who call one are told apart by nothing else. */
  readonly takenGateways: Set<string>;
}

/** `services { ... }` */
export function readServices(block: Block, { interfaces, access, caProfiles, given }: ServicesContext): Tunnels {
  block.refuseMisspelt(['service-set', 'ipsec-vpn']);
  const vpn = block.section('ipsec-vpn', (ipsecVpn) => readIpsecVpn(ipsecVpn, interfaces, access)) ?? {
    rules: new Definitions('a rule'),
    ruleSets: new Definitions('a rule set'),
    accessProfiles: access.map((profile) => resolveProfile(profile, NO_POLICIES)),
    establishTunnels: 'on-traffic',
    natTraversal: true,
  };
  const context = {
    vpn,
    caProfiles,
    given,
    interfaces,
    takenInterfaces: new Set<string>(),
    takenPolicies: new Map(),
    takenSpis: new Set<string>(),
    takenGateways: new Set<string>(),
  };
  const serviceSets = block.named('service-set', (set, name) => readServiceSet(set, name, context)).flat();
  block.passOver();
  vpn.rules.reportUnused(block);
  vpn.ruleSets.reportUnused(block);
  vpn.accessProfiles.reportUnused(block);
  return tunnelsOf(serviceSets, vpn.establishTunnels, given);
}

const NO_POLICIES = {
  ike: new Definitions<IkePolicy>('an IKE policy'),
  ipsec: new Definitions<IpsecPolicy>('an IPsec policy'),
};

/** Rules of other services that a service set may have beside those of IPsec. */
const OTHER_RULES = ['stateful-firewall', 'nat', 'ids', 'cos', 'softwire', 'pgcp', 'ptsp', 'captive-portal'];

/** A service set without anything of IPsec is one of another service, and passed over. */
function readServiceSet(block: Block, name: Word, context: ServiceSetContext): ServiceSet[] {
  identifier(63)(name);
  if (!IPSEC_STATEMENTS.some((keyword) => block.has(keyword)) && isOfOthers(block)) {
    block.notice(name.position, `not read: service-set ${name.text}, which has no IPsec`);
    block.drop();
    return [];
  }
  refuseOthers(block);
  const { localGateway, options, natTraversal, access, trustedCas, sendsChain } = block.requiredSection(
    'ipsec-vpn-options',
    (inner) => readVpnOptions(inner, context.caProfiles),
  );
  const profile = access && context.vpn.accessProfiles.find(access);
  const rules = readRules(block, context.vpn, profile === undefined).map((rule) => completeRule(rule, options));
  checkPolicies(block, localGateway, rules, context);
  const policies = [...rules.flatMap(ikePoliciesOf), ...(profile === undefined ? [] : [profile.ike])];
  checkCertificates(block, policies, trustedCas, context.given);
  const style = readStyle(block, name, rules, context);
  const tcpMss = block.one('tcp-mss', integer(536, 65_535));
  const set = {
    name: name.text,
    ...style,
    localGateway,
    natTraversal: natTraversal && context.vpn.natTraversal,
    trustedCas,
    sendsChain,
    ...(tcpMss !== undefined && { tcpMss }),
    rules,
  };
  if (profile === undefined) return [set];
  if (context.takenGateways.has(localGateway))
    block.incomplete(`one ike-access-profile for all peers of ${localGateway}`);
  context.takenGateways.add(localGateway);
  return [{ ...set, dynamic: dynamicEndpoints(profile, style.style, options, context.interfaces, block) }];
}

const IPSEC_STATEMENTS = ['ipsec-vpn-options', 'ipsec-vpn-rules', 'ipsec-vpn-rule-sets'];

function isOfOthers(block: Block): boolean {
  return OTHER_RULES.some((service) => block.has(`${service}-rules`) || block.has(`${service}-rule-sets`));
}

function refuseOthers(block: Block): void {
  for (const service of OTHER_RULES) {
    for (const kind of ['rules', 'rule-sets']) block.notYet(`${service}-${kind}`, `${service} beside IPsec`);
  }
  block.notYet('allow-multicast', 'multicast');
  block.withoutEffect('description', text);
  block.passOver(new Set(['syslog', 'service-order', 'max-flows', 'max-drop-flows', 'max-session-setup-rate']));
}

function readRules(block: Block, vpn: IpsecVpn, areNeeded: boolean): readonly RuleStatement[] {
  const rules = [
    ...block.list('ipsec-vpn-rules', vpn.rules.find),
    ...block.list('ipsec-vpn-rule-sets', vpn.ruleSets.find).flat(),
  ];
  if (rules.length === 0 && areNeeded) return block.incomplete('ipsec-vpn-rules, or an ike-access-profile,');
  if (new Set(rules).size < rules.length) return block.incomplete('each rule only once');
  return rules;
}

function checkPolicies(
  block: Block,
  localGateway: string,
  rules: readonly Rule[],
  { takenPolicies, takenSpis }: ServiceSetContext,
): void {
  for (const { keying, remoteGateway } of rules.flatMap(({ terms }) => terms)) {
    const gateways = `${localGateway} and ${remoteGateway}`;
    if (parseAddress(localGateway).length !== parseAddress(remoteGateway).length) {
      block.incomplete(`gateways of one family, not ${gateways}`);
    }
    if (keying.kind === 'manual') {
      takeSpi(block, gateways, keying.sas, takenSpis);
      continue;
    }
    const { ike } = keying;
    const policy = takenPolicies.get(gateways) ?? ike;
    if (policy !== ike) block.incomplete(`one IKE policy for all terms between ${gateways}`);
    takenPolicies.set(gateways, policy);
  }
}

/** Whoever shows a certificate is believed because of an authority; whoever is called by its subject must have it. */
function checkCertificates(
  block: Block,
  policies: readonly IkePolicy[],
  trustedCas: readonly string[],
  { localCertificates }: GivenCertificates,
): void {
  const uses = policies.flatMap(({ certificates }) => certificates ?? []);
  if (uses.length > 0 && trustedCas.length === 0) {
    block.incomplete('trusted-ca of the ipsec-vpn-options, since certificates are configured,');
  }
  for (const { isNamedBySubject, localCertificate } of uses) {
    if (!isNamedBySubject || localCertificates.has(localCertificate)) continue;
    block.incomplete(`a local-id other than the subject of ${localCertificate}, which readJunos has not been given,`);
  }
}

function ikePoliciesOf({ terms }: Rule): readonly IkePolicy[] {
  return terms.flatMap(({ keying }) => (keying.kind === 'dynamic' ? [keying.ike] : []));
}

function trustedCa({ text: name, position }: Word, profiles: Definitions<JunosCaProfile>): string {
  if (profiles.get(name) !== undefined) return name;
  const why = 'Referenced ca-profile must be defined under [edit security pki ca-profile]';
  throw unexpected(position, 'a CA profile of this configuration', `"${name}"`).withText(why);
}

/** A packet is told by the SPI that is outermost: those of two terms between the same gateways differ. */
function takeSpi(block: Block, gateways: string, { inbound }: ManualSas, taken: Set<string>): void {
  const { esp, ah } = inbound;
  const key = `${ah === undefined ? `esp ${esp?.spi}` : `ah ${ah.spi}`} ${gateways}`;
  if (taken.has(key)) block.incomplete(`an inbound SPI of its own for each manual term between ${gateways}`);
  taken.add(key);
}

type Style = Pick<ServiceSet, 'pic' | 'style'>;

/** Exactly one of both styles. */
function readStyle(block: Block, name: Word, rules: readonly Rule[], context: ServiceSetContext): Style {
  block.notYet('sampling-service', 'sampling');
  const nextHop = block.section('next-hop-service', (service) => readNextHopStyle(service, context));
  const onInterface = block.section('interface-service', (service) =>
    readInterfaceStyle(service, name, rules, context),
  );
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
 * What enters an interface that the set is applied to meets the rules that match input, what leaves it those that match
 * output; for traffic on its way into the tunnel, that is an interface of the inside or of the outside. What no term
 * takes is discarded (RFC 4301 §4.4.1).
 */
function readInterfaceStyle(
  block: Block,
  name: Word,
  rules: readonly Rule[],
  { interfaces }: ServiceSetContext,
): Style {
  const applied = appliedInterfaces(block, name, interfaces);
  const pic = block.required('service-interface', existingDevice(interfaces));
  const [direction, other] = new Set(rules.map(({ matchDirection }) => matchDirection));
  if (other !== undefined) return block.incomplete('rules of one match-direction (both are not supported yet)');
  const appliedTo = direction === 'output' ? 'outside' : 'inside';
  return { pic, style: { kind: 'interface', appliedTo, interfaces: applied } };
}

/** Junos wants a set on both sides of an interface; one side is taken as it stands, and told of. */
function appliedInterfaces(
  block: Block,
  { text: set, position }: Word,
  interfaces: readonly JunosInterface[],
): string[] {
  const applied = interfaces.filter(({ service: { input, output } }) => input.includes(set) || output.includes(set));
  if (applied.length === 0)
    block.notice(position, `service-set ${set} is applied to no interface (service input, output)`);
  for (const { name, service } of applied) {
    const missing = service.input.includes(set) ? (service.output.includes(set) ? undefined : 'output') : 'input';
    if (missing !== undefined) block.notice(position, `service-set ${set} is not applied to the ${missing} of ${name}`);
  }
  return applied.map(({ name }) => name);
}

function readVpnOptions(
  block: Block,
  caProfiles: Definitions<JunosCaProfile>,
): {
  readonly trustedCas: readonly string[];
  readonly sendsChain: boolean;
  readonly localGateway: string;
  readonly options: TunnelOptions;
  readonly natTraversal: boolean;
  readonly access: Word | undefined;
} {
  block.notYet('passive-mode-tunneling', 'passive mode tunneling');
  const [localGateway] = block.named('local-gateway', (gateway, address) => {
    gateway.one('routing-instance', choice({ default: 'default' }, { others: 'routing instances' }));
    return hostAddress(address);
  });
  const trustedCas = block.list('trusted-ca', (word) => trustedCa(word, caProfiles));
  const off = block.flag('no-nat-traversal');
  block.withoutEffect('nat-keepalive', integer(1, 300));
  return {
    localGateway: localGateway ?? block.incomplete('local-gateway'),
    trustedCas,
    sendsChain: !block.flag('no-certificate-chain-in-ike'),
    options: readTunnelOptions(block),
    natTraversal: !off,
    access: block.one('ike-access-profile', (word) => word),
  };
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
