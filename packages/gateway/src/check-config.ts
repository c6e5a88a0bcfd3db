import { octetsView } from '@espalier/crypto';
import { IPV4_OCTETS, IPV6_MIN_MTU, parseAddress, parsePrefix } from '@espalier/wire';
import type { GatewayConfig, GatewayPeer, PolicyConfig, Protection, Selectors } from './config.ts';
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
  const peerNames = new Set(peers.map(({ name }) => name));
  const protecting = new Set(policies.filter(({ action }) => action?.kind === 'protect').map(({ name }) => name));
  policies.forEach((policy, i) => {
    checkPolicy(policy, peerNames, protecting, `config.policies[${i}]`);
  });
}

const ESTABLISH = ['immediately', 'on-traffic', 'responder-only'];

/** @throws TypeError or RangeError that names the argument, whose name is `at`. */
export function checkPeer(peer: GatewayPeer, at: string): void {
  const family = requireAddress(peer.local, `${at}.local`);
  if (requireAddress(peer.remote, `${at}.remote`) !== family) {
    throw new RangeError(`${at}: local and remote must be of one family`);
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

/** @throws TypeError or RangeError that names the argument, whose name is `at`. */
export function checkPolicy(
  { interface: own, selectors = {}, action }: PolicyConfig,
  peers: Pick<ReadonlySet<string>, 'has'>,
  protecting: ReadonlySet<string>,
  at: string,
): void {
  if (own !== undefined) requireText(own, `${at}.interface`);
  requireObject(selectors, `${at}.selectors`);
  checkSelectors(selectors, `${at}.selectors`);
  requireObject(action, `${at}.action`);
  requireOneOf(action.kind, ['protect', 'share', 'bypass', 'discard'], `${at}.action.kind`);
  if (action.kind === 'protect') checkProtection(action, peers, `${at}.action`);
  if (action.kind === 'share' && !protecting.has(action.policy)) {
    throw new RangeError(`${at}.action.policy: no policy of the name ${action.policy} protects`);
  }
}

function checkProtection(protection: Protection, peers: Pick<ReadonlySet<string>, 'has'>, at: string): void {
  const { peer, suites, antiReplayWindow, mtu, lifetime } = protection;
  if (!peers.has(peer)) throw new RangeError(`${at}.peer: there is no peer of the name ${peer}`);
  requireArray(suites, `${at}.suites`);
  requireSome(suites, `${at}.suites`);
  requireNumber(lifetime, `${at}.lifetime`);
  if (antiReplayWindow !== undefined && antiReplayWindow !== 'off') {
    requireInteger(antiReplayWindow, 32, 4096, `${at}.antiReplayWindow`);
  }
  if (mtu !== undefined) requireInteger(mtu, 256, 9192, `${at}.mtu`);
}

function checkSelectors({ local, remote }: Selectors, at: string): void {
  const localOctets = local === undefined ? undefined : addressOctets(local, `${at}.local`);
  const remoteOctets = remote === undefined ? undefined : addressOctets(remote, `${at}.remote`);
  if (localOctets !== undefined && remoteOctets !== undefined && localOctets !== remoteOctets) {
    throw new RangeError(`${at}: local and remote must be of one family`);
  }
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

/** @throws TypeError that names the argument. */
export function requireName(value: { readonly name: string }, argument: string): void {
  requireObject(value, argument);
  requireText(value.name, `${argument}.name`);
}

function requireNamed(list: readonly { readonly name: string }[], argument: string): void {
  requireArray(list, argument);
  const names = new Set<string>();
  list.forEach((entry, i) => {
    requireName(entry, `${argument}[${i}]`);
    if (names.has(entry.name)) throw new RangeError(`${argument}: the name ${entry.name} is there twice`);
    names.add(entry.name);
  });
}
