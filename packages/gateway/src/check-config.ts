import { octetsView } from '@espalier/crypto';
import type { Resynchronisation } from '@espalier/esp';
import { requireMembers } from '@espalier/wire';
import {
  addressOctets,
  requireAddress,
  requireArray,
  requireBoolean,
  requireInteger,
  requireNamed,
  requireNumber,
  requireObject,
  requireOneOf,
  requireOuterMtu,
  requireSome,
  requireText,
} from './arguments.ts';
import { ACTIONS, RESYNCHRONISATION, SELECTORS } from './check-members.ts';
import { checkHost, checkTreatment } from './check-treatment.ts';
import type {
  Addresses,
  GatewayConfig,
  GatewayPeer,
  Numbers,
  PolicyConfig,
  PopulatedSelector,
  Protection,
  Selectors,
} from './config.ts';
import { checkManual, inboundSaOf, type ManualContext, requireOwnSpi } from './manual/check.ts';
import { isManual, peerOf, sharesSas } from './manual/policy.ts';
import { isTemplate } from './policy/ike-peers.ts';
import { SelectorMatcher } from './selectors/selectors.ts';

/**
 * Refuses a configuration that cannot work, before anything is built from it.
 * @throws TypeError for what is of the wrong type, RangeError for what is of the right one and cannot work; both name
 * the argument.
 */
export function checkConfig(config: GatewayConfig, manual: ManualContext): void {
  requireObject(config, 'config');
  const { peers, policies, establish } = config;
  requireNamed(peers, 'config.peers');
  requireNamed(policies, 'config.policies');
  if (establish !== undefined) requireOneOf(establish, ESTABLISH, 'config.establish');
  peers.forEach((peer, i) => {
    checkPeer(peer, `config.peers[${i}]`);
  });
  const peersByName = new Map(peers.map((peer) => [peer.name, peer]));
  const protectors = protectorsOf(policies);
  const inboundSas = new Map<string, string>();
  policies.forEach((policy, i) => {
    const at = `config.policies[${i}]`;
    checkPolicy(policy, { peers: peersByName, protectors, manual }, at);
    if (!isManual(policy)) return;
    requireOwnSpi(policy, inboundSas, at);
    inboundSas.set(inboundSaOf(policy), policy.name);
  });
}

/** The same for one peer more, of whatever name. */
export function checkNewPeer(peer: GatewayPeer): void {
  requireObject(peer, 'peer');
  requireText(peer.name, 'peer.name');
  checkPeer(peer, 'peer');
}

/** The same for one policy more among others, of whatever name. */
export function checkNewPolicy(policy: PolicyConfig, among: Among): void {
  requireObject(policy, 'policy');
  requireText(policy.name, 'policy.name');
  checkPolicy(policy, among, 'policy');
}

/** What a policy is judged among. */
export interface Among {
  readonly peers: ReadonlyMap<string, GatewayPeer>;
  readonly protectors: Protectors;
  readonly manual: ManualContext;
}

/** The policies that have SAs, by name: of each the peer that IKE speaks with, if it does. */
type Protectors = Pick<ReadonlyMap<string, string | undefined>, 'get' | 'has'>;

function protectorsOf(policies: readonly PolicyConfig[]): Protectors {
  return new Map(policies.flatMap((policy) => (sharesSas(policy) ? [[policy.name, peerOf(policy)] as const] : [])));
}

const ESTABLISH = ['immediately', 'on-traffic', 'responder-only'];

function checkPeer(peer: GatewayPeer, at: string): void {
  const family = requireAddress(peer.local, `${at}.local`);
  for (const octets of remoteFamilies(peer.remote, `${at}.remote`)) {
    if (octets !== family) throw new RangeError(`${at}: local and remote must be of one family`);
  }
  requireArray(peer.proposals, `${at}.proposals`);
  requireSome(peer.proposals, `${at}.proposals`);
  const { preSharedKey } = peer;
  if (preSharedKey !== undefined && preSharedKey !== 'ask') {
    if (octetsView(`${at}.preSharedKey`, preSharedKey).length === 0) {
      throw new RangeError(`${at}.preSharedKey: must not be empty`);
    }
  }
  requireNumber(peer.lifetime, `${at}.lifetime`);
  if (peer.outsideMtu !== undefined) requireOuterMtu(peer.outsideMtu, family, `${at}.outsideMtu`);
}

/** Octets of the addresses that a peer may have. */
function remoteFamilies(remote: GatewayPeer['remote'], at: string): readonly number[] {
  if (typeof remote === 'string') return [requireAddress(remote, at)];
  if (typeof remote !== 'object' || remote === null) throw new TypeError(`${at}: must be an address, or a pattern`);
  const { addresses } = remote;
  if (addresses === 'any') return [];
  requireArray(addresses, `${at}.addresses`);
  requireSome(addresses, `${at}.addresses`);
  return addresses.map((prefix, i) => addressOctets(prefix, `${at}.addresses[${i}]`));
}

function checkPolicy({ interface: own, selectors = {}, action }: PolicyConfig, among: Among, at: string): void {
  if (own !== undefined) requireText(own, `${at}.interface`);
  requireObject(selectors, `${at}.selectors`);
  checkSelectors(selectors, `${at}.selectors`);
  requireObject(action, `${at}.action`);
  requireOneOf(action.kind, ['protect', 'manual', 'share', 'bypass', 'discard'], `${at}.action.kind`);
  requireMembers(`${at}.action`, action, ACTIONS[action.kind]);
  if (action.kind === 'protect') {
    const peer = among.peers.get(action.peer);
    if (peer === undefined) throw new RangeError(`${at}.action.peer: there is no peer of the name ${action.peer}`);
    checkProtection(action, own, peer, `${at}.action`);
    if (among.manual.outside === 'udp') requireWithoutAh(action, `${at}.action.bundles`);
    if (action.mode === 'transport') checkHost(selectors, peer, `${at}.selectors`);
    else if (!isTemplate(peer)) checkAgreeable(selectors, action.populate, `${at}.selectors`);
    if (action.assigned !== undefined) checkAssigned(action, selectors, peer, `${at}.action.assigned`);
    if (action.populate !== undefined) checkPopulation(action, selectors, peer, `${at}.action`);
  }
  if (action.kind === 'protect' || action.kind === 'manual') checkTreatment(action, `${at}.action`);
  if (action.kind === 'manual') checkManual(action, among.manual, `${at}.action`);
  if (action.kind === 'share') checkShare(action.policy, among, `${at}.action`);
}

/** Quick Mode agrees on one range of addresses a side (RFC 2407 §4.6.2). */
function checkAgreeable(selectors: Selectors, populated: readonly PopulatedSelector[] | undefined, at: string): void {
  for (const side of ['local', 'remote'] as const) {
    const addresses = selectors[side];
    if (typeof addresses === 'object' && addresses.length > 1 && populated?.includes(side) !== true) {
      throw new RangeError(`${at}.${side}: SAs are agreed on for one prefix or range: make a policy of each`);
    }
  }
}

function checkPopulation({ populate, mode }: Protection, selectors: Selectors, peer: GatewayPeer, at: string): void {
  requireArray(populate, `${at}.populate`);
  const names: readonly PopulatedSelector[] = populate ?? [];
  for (const name of names) {
    requireOneOf(name, ['local', 'remote', 'protocol', 'localPort', 'remotePort'], `${at}.populate`);
  }
  if (isTemplate(peer)) throw new RangeError(`${at}.populate: its peer is a template`);
  if (mode === 'transport') throw new RangeError(`${at}.populate: in transport mode there is one pair of hosts`);
  const asksPorts = names.includes('localPort') || names.includes('remotePort');
  const hasProtocol = names.includes('protocol') || new SelectorMatcher(selectors).upper?.protocol?.only !== undefined;
  if (asksPorts && !hasProtocol) throw new RangeError(`${at}.populate: ports are of a protocol: populate that as well`);
}

/** Mode Config says which addresses it gives, and which side is given one. */
function checkAssigned(
  { assigned, mode, populate }: Protection,
  selectors: Selectors,
  peer: GatewayPeer,
  at: string,
): void {
  requireOneOf(assigned, ['local', 'remote'], at);
  const side = assigned === 'local' ? 'local' : 'remote';
  const own = peer.modeConfig?.side;
  if (own !== (side === 'local' ? 'client' : 'gateway')) {
    throw new RangeError(`${at}: its peer has no modeConfig by which that side is given an address`);
  }
  if (selectors[side] !== undefined) throw new RangeError(`${at}: the selectors say already what is ${side}`);
  if (mode === 'transport') throw new RangeError(`${at}: in transport mode a host has its own address`);
  if (populate !== undefined) throw new RangeError(`${at}: with populate a packet says what its SAs are for`);
  if (side === 'local' && isTemplate(peer)) throw new RangeError(`${at}: its peer is a template`);
}

/** The tunnels of a template's peers are each another's: which of them is meant cannot be told. */
function checkShare(policy: string, { peers, protectors }: Among, at: string): void {
  requireText(policy, `${at}.policy`);
  if (!protectors.has(policy)) throw new RangeError(`${at}.policy: no policy of the name ${policy} protects`);
  const peer = peers.get(protectors.get(policy) ?? '');
  if (peer !== undefined && isTemplate(peer)) {
    throw new RangeError(`${at}.policy: ${policy} protects by a template of peers, which has no SAs of its own`);
  }
}

function checkProtection(protection: Protection, own: string | undefined, peer: GatewayPeer, at: string): void {
  const { suites, bundles, antiReplayWindow, tellReplayStatus, resynchronise, esn, mtu, lifetime } = protection;
  checkLive(protection, own, isTemplate(peer), at);
  requireArray(suites, `${at}.suites`);
  if (bundles === undefined) requireSome(suites, `${at}.suites`);
  else checkBundles(bundles, `${at}.bundles`);
  requireNumber(lifetime, `${at}.lifetime`);
  if (antiReplayWindow !== undefined && antiReplayWindow !== 'off') {
    requireInteger(antiReplayWindow, 32, 4096, `${at}.antiReplayWindow`);
  }
  if (esn === true && antiReplayWindow === 'off') {
    throw new RangeError(`${at}.antiReplayWindow: esn needs one, which tells the high half (RFC 4303 §3.3.3)`);
  }
  if (tellReplayStatus !== undefined) requireBoolean(tellReplayStatus, `${at}.tellReplayStatus`);
  if (resynchronise !== undefined) checkResynchronisation(resynchronise, esn, `${at}.resynchronise`);
  if (mtu !== undefined) requireInteger(mtu, 256, 9192, `${at}.mtu`);
}

function checkResynchronisation(options: Resynchronisation, esn: boolean | undefined, at: string): void {
  requireObject(options, at);
  requireMembers(at, options, RESYNCHRONISATION);
  requireInteger(options.failures, 1, 2 ** 31, `${at}.failures`);
  requireInteger(options.attempts, 1, 256, `${at}.attempts`);
  if (esn !== true) throw new RangeError(`${at}: is for esn, whose high half may be lost (RFC 4303 Appendix A3)`);
}

/** What each is made of, IKE reads. */
function checkBundles(bundles: NonNullable<Protection['bundles']>, at: string): void {
  requireArray(bundles, at);
  requireSome(bundles, at);
  bundles.forEach((bundle, i) => {
    requireObject(bundle, `${at}[${i}]`);
    if (bundle.esp === undefined && bundle.ah === undefined) {
      throw new RangeError(`${at}[${i}]: what is compressed is to be protected, by esp, ah or both`);
    }
  });
}

/** @throws RangeError where there is AH in all that may be agreed on. */
function requireWithoutAh({ suites, bundles = [] }: Protection, at: string): void {
  if (suites.length > 0 || bundles.some(({ ah }) => ah === undefined)) return;
  throw new RangeError(`${at}: AH does not go in UDP, which is all that this gateway sends (RFC 3948 §1)`);
}

/** What only a policy with a template of peers has. */
function checkLive(
  { overlap, ownInterfaces }: Protection,
  own: string | undefined,
  isOfTemplate: boolean,
  at: string,
): void {
  if (overlap !== undefined) requireOneOf(overlap, ['refuse', 'replace'], `${at}.overlap`);
  if (overlap !== undefined && !isOfTemplate) throw new RangeError(`${at}.overlap: its peer is no template`);
  if (ownInterfaces === undefined) return;
  requireArray(ownInterfaces, `${at}.ownInterfaces`);
  requireSome(ownInterfaces, `${at}.ownInterfaces`);
  for (const name of ownInterfaces) requireText(name, `${at}.ownInterfaces`);
  if (!isOfTemplate) throw new RangeError(`${at}.ownInterfaces: its peer is no template`);
  if (own !== undefined) throw new RangeError(`${at}.ownInterfaces: the policy is of interface ${own}`);
}

function checkSelectors(selectors: Selectors, at: string): void {
  requireMembers(at, selectors, SELECTORS);
  for (const side of ['local', 'remote'] as const) {
    const addresses = selectors[side];
    if (addresses !== undefined) checkAddresses(addresses, `${at}.${side}`);
  }
  for (const name of NUMBERS) {
    const numbers = selectors[name];
    if (numbers !== undefined) checkNumbers(numbers, `${at}.${name}`);
  }
  try {
    new SelectorMatcher(selectors).upper?.requireMatchable();
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`${at}${separator(error.message)}${error.message}`) : error;
  }
}

const NUMBERS = ['protocol', 'localPort', 'remotePort', 'icmpType', 'icmpCode', 'mobilityType'] as const;

/** What concerns one selector begins with its name. */
function separator(message: string): string {
  return NUMBERS.some((name) => message.startsWith(`${name}:`)) || /^(local|remote):/.test(message) ? '.' : ': ';
}

function checkAddresses(addresses: Addresses, at: string): void {
  if (typeof addresses === 'string') {
    if (!addresses.includes('-')) addressOctets(addresses, at);
    return;
  }
  if (!Array.isArray(addresses)) throw new TypeError(`${at}: must be a string, or an array of them`);
  requireFew(addresses, at);
  for (const one of addresses) requireText(one, at);
}

function checkNumbers(numbers: Numbers, at: string): void {
  const list: readonly unknown[] = Array.isArray(numbers) ? numbers : [numbers];
  requireFew(list, at);
  for (const one of list) {
    if (typeof one !== 'number' && typeof one !== 'string') throw new TypeError(`${at}: must be numbers, or text`);
  }
}

/** Entries of one list of a selector. */
const LIST_MOST = 256;

function requireFew(list: readonly unknown[], argument: string): void {
  if (list.length > LIST_MOST) throw new RangeError(`${argument}: must have at most ${LIST_MOST} entries`);
}
