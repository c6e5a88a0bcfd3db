import { equalOctets, IPV4_OCTETS, parseAddress, parsePrefix } from '@espalier/wire';
import type { GatewayConfig, IkePolicyConfig, ServiceSetConfig, TermConfig, TermFrom } from './config.ts';

/**
 * Refuses a configuration that cannot work, before anything is built from it.
 * @throws RangeError that names the argument.
 */
export function checkConfig(config: GatewayConfig): void {
  requireSome(config.serviceSets, 'config.serviceSets');
  requireDistinct(config.serviceSets, 'config.serviceSets');
  const insideInterfaces = new Set<string>();
  const policies = new Map<string, IkePolicyConfig>();
  config.serviceSets.forEach((serviceSet, i) => {
    const at = `config.serviceSets[${i}]`;
    checkServiceSet(serviceSet, at);
    checkInsideInterface(serviceSet, at, insideInterfaces);
    checkOnePolicyPerPeer(serviceSet, at, policies);
  });
}

function checkServiceSet(serviceSet: ServiceSetConfig, at: string): void {
  const { localGateway, outsideMtu, rules } = serviceSet;
  requireIpv4(localGateway, `${at}.localGateway`);
  if (outsideMtu !== undefined) requireInteger(outsideMtu, 576, 65535, `${at}.outsideMtu`);
  requireSome(rules, `${at}.rules`);
  requireDistinct(rules, `${at}.rules`);
  rules.forEach((rule, i) => {
    requireSome(rule.terms, `${at}.rules[${i}].terms`);
    requireDistinct(rule.terms, `${at}.rules[${i}].terms`);
    rule.terms.forEach((term, j) => {
      checkTerm(term, `${at}.rules[${i}].terms[${j}]`);
    });
  });
}

function checkTerm(term: TermConfig, at: string): void {
  requireIpv4(term.remoteGateway, `${at}.remoteGateway`);
  checkFrom(term.from, `${at}.from`);
  if (term.antiReplayWindow !== 'off') requireInteger(term.antiReplayWindow, 32, 4096, `${at}.antiReplayWindow`);
  if (term.tunnelMtu !== undefined) requireInteger(term.tunnelMtu, 256, 9192, `${at}.tunnelMtu`);
  requireSome(term.ipsec.suites, `${at}.ipsec.suites`);
  requireSome(term.ike.proposals, `${at}.ike.proposals`);
  if (term.ike.preSharedKey.length === 0) throw new RangeError(`${at}.ike.preSharedKey: must not be empty`);
}

function checkFrom({ sourceAddress, destinationAddress }: TermFrom, at: string): void {
  const source = sourceAddress === undefined ? undefined : addressOctets(sourceAddress, `${at}.sourceAddress`);
  const destination =
    destinationAddress === undefined ? undefined : addressOctets(destinationAddress, `${at}.destinationAddress`);
  if (source !== undefined && destination !== undefined && source !== destination) {
    throw new RangeError(`${at}: sourceAddress and destinationAddress must be of one family`);
  }
}

function checkInsideInterface({ style }: ServiceSetConfig, at: string, taken: Set<string>): void {
  if (style.kind !== 'next-hop') return;
  if (style.insideInterface === style.outsideInterface) {
    throw new RangeError(`${at}.style: insideInterface and outsideInterface must differ`);
  }
  if (taken.has(style.insideInterface)) {
    throw new RangeError(`${at}.style.insideInterface: ${style.insideInterface} belongs to another service set`);
  }
  taken.add(style.insideInterface);
}

/** Between two gateways there is one IKE SA, so one IKE policy: a pre-shared key is found by address (RFC 2409 §5.4). */
function checkOnePolicyPerPeer(serviceSet: ServiceSetConfig, at: string, known: Map<string, IkePolicyConfig>): void {
  for (const term of serviceSet.rules.flatMap((rule) => rule.terms)) {
    const peer = `${serviceSet.localGateway} - ${term.remoteGateway}`;
    const policy = known.get(peer);
    if (policy !== undefined && !samePolicy(policy, term.ike)) {
      throw new RangeError(`${at}: the terms from ${peer} must share one IKE policy; ${term.name} has another`);
    }
    known.set(peer, term.ike);
  }
}

function samePolicy(a: IkePolicyConfig, b: IkePolicyConfig): boolean {
  return a === b || (a.name === b.name && equalOctets(a.preSharedKey, b.preSharedKey));
}

function requireIpv4(text: string, argument: string): void {
  if (addressOctets(text, argument) !== IPV4_OCTETS || text.includes('/')) {
    throw new RangeError(`${argument}: must be an IPv4 address`);
  }
}

function addressOctets(text: string, argument: string): number {
  try {
    return text.includes('/') ? parsePrefix(text).address.length : parseAddress(text).length;
  } catch {
    throw new RangeError(`${argument}: not an address or prefix: ${JSON.stringify(text)}`);
  }
}

function requireInteger(value: number, least: number, most: number, argument: string): void {
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw new RangeError(`${argument}: must be an integer from ${least} to ${most}`);
  }
}

function requireSome(list: readonly unknown[], argument: string): void {
  if (list.length === 0) throw new RangeError(`${argument}: must not be empty`);
}

function requireDistinct(list: readonly { readonly name: string }[], argument: string): void {
  const names = new Set<string>();
  for (const { name } of list) {
    if (names.has(name)) throw new RangeError(`${argument}: the name ${name} is there twice`);
    names.add(name);
  }
}
