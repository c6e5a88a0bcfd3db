import { octetsView } from '@espalier/crypto';
import { IPV4_OCTETS, IPV6_MIN_MTU, parseAddress, parsePrefix } from '@espalier/wire';
import type { Addresses, GatewayConfig, GatewayPeer, Numbers, PolicyConfig, Protection, Selectors } from './config.ts';
import { isTemplate } from './policy/ike-peers.ts';
import { SelectorMatcher } from './policy/selectors.ts';
import { IPV4_LEAST_MTU } from './sas/path-mtu.ts';

/**
 * Refuses a configuration that cannot work, before anything is built from it.
 * @throws TypeError for what is of the wrong type, RangeError for what is of the right one and cannot work; both name
 * the argument.
 */
export function checkConfig(config: GatewayConfig): void {
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
  policies.forEach((policy, i) => {
    checkPolicy(policy, peersByName, protectors, `config.policies[${i}]`);
  });
}

/** The same for one peer more, of whatever name. */
export function checkNewPeer(peer: GatewayPeer): void {
  requireObject(peer, 'peer');
  requireText(peer.name, 'peer.name');
  checkPeer(peer, 'peer');
}

/** The same for one policy more among others, of whatever name. */
export function checkNewPolicy(
  policy: PolicyConfig,
  peers: ReadonlyMap<string, GatewayPeer>,
  protectors: Protectors,
): void {
  requireObject(policy, 'policy');
  requireText(policy.name, 'policy.name');
  checkPolicy(policy, peers, protectors, 'policy');
}

/** The policies that protect, by name. */
type Protectors = Pick<ReadonlyMap<string, Protection>, 'get'>;

function protectorsOf(policies: readonly PolicyConfig[]): Protectors {
  return new Map(policies.flatMap(({ name, action }) => (action?.kind === 'protect' ? [[name, action] as const] : [])));
}

const ESTABLISH = ['immediately', 'on-traffic', 'responder-only'];

function checkPeer(peer: GatewayPeer, at: string): void {
  const family = requireAddress(peer.local, `${at}.local`);
  for (const octets of remoteFamilies(peer.remote, `${at}.remote`)) {
    if (octets !== family) throw new RangeError(`${at}: local and remote must be of one family`);
  }
  requireArray(peer.proposals, `${at}.proposals`);
  requireSome(peer.proposals, `${at}.proposals`);
  if (peer.preSharedKey !== 'ask' && octetsView(`${at}.preSharedKey`, peer.preSharedKey).length === 0) {
    throw new RangeError(`${at}.preSharedKey: must not be empty`);
  }
  requireNumber(peer.lifetime, `${at}.lifetime`);
  if (peer.outsideMtu !== undefined)
    requireInteger(peer.outsideMtu, family === IPV4_OCTETS ? IPV4_LEAST_MTU : IPV6_MIN_MTU, 65535, `${at}.outsideMtu`);
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

function checkPolicy(
  { interface: own, selectors = {}, action }: PolicyConfig,
  peers: ReadonlyMap<string, GatewayPeer>,
  protectors: Protectors,
  at: string,
): void {
  if (own !== undefined) requireText(own, `${at}.interface`);
  requireObject(selectors, `${at}.selectors`);
  checkSelectors(selectors, `${at}.selectors`);
  requireObject(action, `${at}.action`);
  requireOneOf(action.kind, ['protect', 'share', 'bypass', 'discard'], `${at}.action.kind`);
  if (action.kind === 'protect') {
    checkProtection(action, own, peers, `${at}.action`);
    const peer = peers.get(action.peer);
    if (peer !== undefined && !isTemplate(peer)) checkAgreeable(selectors, `${at}.selectors`);
  }
  if (action.kind === 'share') checkShare(action.policy, peers, protectors, `${at}.action`);
}

/** Quick Mode agrees on one range of addresses a side (RFC 2407 §4.6.2). */
function checkAgreeable(selectors: Selectors, at: string): void {
  for (const side of ['local', 'remote'] as const) {
    const addresses = selectors[side];
    if (typeof addresses === 'object' && addresses.length > 1) {
      throw new RangeError(`${at}.${side}: SAs are agreed on for one prefix or range: make a policy of each`);
    }
  }
}

/** The tunnels of a template's peers are each another's: which of them is meant cannot be told. */
function checkShare(policy: string, peers: ReadonlyMap<string, GatewayPeer>, protectors: Protectors, at: string): void {
  const protector = protectors.get(policy);
  if (protector === undefined) throw new RangeError(`${at}.policy: no policy of the name ${policy} protects`);
  const peer = peers.get(protector.peer);
  if (peer !== undefined && isTemplate(peer)) {
    throw new RangeError(`${at}.policy: ${policy} protects by a template of peers, which has no SAs of its own`);
  }
}

function checkProtection(
  protection: Protection,
  own: string | undefined,
  peers: ReadonlyMap<string, GatewayPeer>,
  at: string,
): void {
  const { peer: name, suites, antiReplayWindow, mtu, lifetime } = protection;
  const peer = peers.get(name);
  if (peer === undefined) throw new RangeError(`${at}.peer: there is no peer of the name ${name}`);
  checkLive(protection, own, isTemplate(peer), at);
  requireArray(suites, `${at}.suites`);
  requireSome(suites, `${at}.suites`);
  requireNumber(lifetime, `${at}.lifetime`);
  if (antiReplayWindow !== undefined && antiReplayWindow !== 'off') {
    requireInteger(antiReplayWindow, 32, 4096, `${at}.antiReplayWindow`);
  }
  if (mtu !== undefined) requireInteger(mtu, 256, 9192, `${at}.mtu`);
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
  for (const side of ['local', 'remote'] as const) {
    const addresses = selectors[side];
    if (addresses !== undefined) checkAddresses(addresses, `${at}.${side}`);
  }
  for (const name of NUMBERS) {
    const numbers = selectors[name];
    if (numbers !== undefined) checkNumbers(numbers, `${at}.${name}`);
  }
  try {
    new SelectorMatcher(selectors);
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

/** Octets of the address: 4 or 16. */
function requireAddress(text: string, argument: string): number {
  const octets = addressOctets(text, argument);
  if (text.includes('/')) throw new RangeError(`${argument}: must be an address, not a prefix`);
  if (parseAddress(text).every((octet) => octet === 0))
    throw new RangeError(`${argument}: ${text} is nobody's address`);
  return octets;
}

function addressOctets(text: string, argument: string): number {
  requireText(text, argument);
  try {
    return text.includes('/') ? parsePrefix(text).address.length : parseAddress(text).length;
  } catch {
    throw new RangeError(`${argument}: not an address or prefix: ${JSON.stringify(text)}`);
  }
}

/** @throws TypeError that names the argument. */
export function requireFunction(value: unknown, argument: string): void {
  if (typeof value !== 'function') throw new TypeError(`${argument}: must be a function`);
}

/** @throws TypeError that names the argument. */
export function requireObject(value: unknown, argument: string): void {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${argument}: must be an object`);
}

function requireText(value: unknown, argument: string): void {
  if (typeof value !== 'string') throw new TypeError(`${argument}: must be a string`);
}

function requireNumber(value: unknown, argument: string): void {
  if (typeof value !== 'number') throw new TypeError(`${argument}: must be a number`);
}

function requireOneOf(value: unknown, choices: readonly string[], argument: string): void {
  if (typeof value !== 'string' || !choices.includes(value)) {
    throw new TypeError(`${argument}: must be one of ${choices.join(', ')}`);
  }
}

function requireInteger(value: number, least: number, most: number, argument: string): void {
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw new RangeError(`${argument}: must be an integer from ${least} to ${most}`);
  }
}

function requireArray(value: unknown, argument: string): void {
  if (!Array.isArray(value)) throw new TypeError(`${argument}: must be an array`);
}

function requireSome(list: readonly unknown[], argument: string): void {
  if (list.length === 0) throw new RangeError(`${argument}: must not be empty`);
}

function requireNamed(list: readonly { readonly name: string }[], argument: string): void {
  requireArray(list, argument);
  const names = new Set<string>();
  list.forEach((entry, i) => {
    requireObject(entry, `${argument}[${i}]`);
    requireText(entry.name, `${argument}[${i}].name`);
    if (names.has(entry.name)) throw new RangeError(`${argument}: the name ${entry.name} is there twice`);
    names.add(entry.name);
  });
}
