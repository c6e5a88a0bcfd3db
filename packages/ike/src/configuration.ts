import { copyOctets, espSuite } from '@espalier/crypto';
import {
  type Duration,
  formatAddress,
  formatPrefix,
  type Identification,
  NAT_TRAVERSAL_PORT,
  parseAddress,
  parsePrefix,
} from '@espalier/wire';
import { isFixed } from './peer/path.ts';
import type {
  ChildPolicy,
  ClientIdentity,
  Endpoint,
  IkeEndpointConfig,
  IkeProposal,
  PeerConfig,
  RemotePattern,
} from './types.ts';
import { espTransformForm } from './v1/proposals/suites.ts';

/** A Life Duration has 32 bits (RFC 2407 §4.5). */
const LONGEST = 0xffffffff;

type Legacy = NonNullable<IkeEndpointConfig['allowLegacy']>[number];

/** @throws TypeError, naming the argument, for an endpoint that could not run. */
export function checkEndpointConfig({ engine, rng, peers }: IkeEndpointConfig): void {
  if (typeof engine?.createDhKeyPair !== 'function') throw new TypeError('engine: must be an Engine');
  if (typeof rng?.fill !== 'function') throw new TypeError('rng: must be an Rng');
  if (peers !== undefined && !Array.isArray(peers)) throw new TypeError('peers: must be an array');
}

/**
 * A peer as it is used: addresses in canonical form, octets in copies of our own, suites looked up by their names.
 * @throws TypeError or RangeError naming the argument: for what is missing, nothing to propose, no key, one key for
 * everybody, a suite that IKEv1 cannot negotiate, and for DES, MD5 and group 1 unless they are allowed by name.
 */
export function checkPeerConfig(peer: PeerConfig, allowLegacy: IkeEndpointConfig['allowLegacy'] = []): PeerConfig {
  const name = requireText('name', peer?.name);
  const { preSharedKey, localIdentity, remoteIdentity } = peer;
  const checked: PeerConfig = {
    ...peer,
    local: canonicalEndpoint(peer.local, 'local'),
    remote: canonicalRemote(peer.remote),
    children: requireArray(`children of ${name}`, peer.children).map(withOwnSuites),
    ...(preSharedKey instanceof Object ? { preSharedKey: copyOctets('preSharedKey', preSharedKey) } : {}),
    ...(localIdentity === undefined ? {} : { localIdentity: ownIdentity('localIdentity', localIdentity) }),
    ...(remoteIdentity === undefined ? {} : { remoteIdentity: ownIdentities(remoteIdentity) }),
  };
  checkPeer(checked, new Set(allowLegacy));
  return checked;
}

/** An end point with its address in canonical form. @throws TypeError or RangeError unless it is an address and a port. */
export function canonicalEndpoint(endpoint: Endpoint, argument = 'endpoint'): Endpoint {
  const address = requireText(`${argument}.address`, endpoint?.address);
  const { port } = endpoint;
  if (!(Number.isInteger(port) && port > 0 && port <= 0xffff))
    throw new RangeError(`${argument}.port: ${port} is none`);
  return { address: canonical(argument, address), port };
}

function canonicalRemote(remote: Endpoint | RemotePattern): Endpoint | RemotePattern {
  if (typeof remote !== 'object' || remote === null) throw new TypeError('remote: must be an end point, or a pattern');
  if (isFixed(remote)) return canonicalEndpoint(remote, 'remote');
  const { addresses } = remote;
  if (addresses === 'any') return { addresses };
  const prefixes = requireArray('remote.addresses', addresses);
  if (prefixes.length === 0) throw new RangeError('remote.addresses: must have at least one');
  return { addresses: prefixes.map((prefix) => formatPrefix(parsePrefix(prefix))) };
}

function canonical(argument: string, address: string): string {
  try {
    const octets = parseAddress(address);
    if (octets.every((octet) => octet === 0)) throw new RangeError('is no address of a host');
    return formatAddress(octets);
  } catch (error) {
    throw new RangeError(`${argument}.address: ${error instanceof Error ? error.message : address}`);
  }
}

function withOwnSuites(child: ChildPolicy): ChildPolicy {
  const name = requireText('children: name', child?.name);
  const suites = requireArray(`suites of ${name}`, child.suites).map((suite) => espSuite(suite?.name ?? String(suite)));
  const { localIdentity, remoteIdentity } = child;
  return {
    ...child,
    suites,
    localIdentity: ownClientIdentity(`localIdentity of ${name}`, localIdentity),
    remoteIdentity: ownClientIdentity(`remoteIdentity of ${name}`, remoteIdentity),
  };
}

function ownClientIdentity(argument: string, identity: ClientIdentity): ClientIdentity {
  if (identity === 'any') return identity;
  if (typeof identity !== 'object' || identity === null || !('within' in identity)) {
    return ownIdentity(argument, identity);
  }
  const within = requireArray(`${argument}: within`, identity.within);
  if (within.length === 0) throw new RangeError(`${argument}: within must have at least one`);
  return { within: within.map((one) => ownIdentity(`${argument}: within`, one)) };
}

function ownIdentities(identity: NonNullable<PeerConfig['remoteIdentity']>): NonNullable<PeerConfig['remoteIdentity']> {
  if (identity === 'any') return identity;
  if (!isList(identity)) return ownIdentity('remoteIdentity', identity);
  if (identity.length === 0) throw new RangeError('remoteIdentity: must have at least one');
  return identity.map((one) => ownIdentity('remoteIdentity', one));
}

function isList(identity: Identification | readonly Identification[]): identity is readonly Identification[] {
  return Array.isArray(identity);
}

function ownIdentity(argument: string, identity: Identification): Identification {
  if (typeof identity !== 'object' || identity === null) throw new TypeError(`${argument}: must be an Identification`);
  const { idType, protocol, port, data } = identity;
  return { idType, protocol, port, data: copyOctets(`${argument}.data`, data) };
}

function checkPeer(peer: PeerConfig, allowed: ReadonlySet<Legacy>): void {
  const { name, proposals, children, lifetime, mode } = peer;
  if (mode !== undefined && mode !== 'main' && mode !== 'aggressive') {
    throw new RangeError(`mode: ${String(mode)} of peer ${name} is none`);
  }
  if (requireArray('proposals', proposals).length === 0) throw new RangeError(`proposals: peer ${name} has none`);
  checkKey(peer);
  checkLifetime(lifetime, `peer ${name}`);
  for (const proposal of proposals) checkProposal(proposal, allowed);
  checkGroups(peer);
  checkPorts(peer);
  checkPace(peer);
  requireDistinct(
    children.map((child) => child.name),
    `children of ${name}: name`,
  );
  for (const child of children) checkChild(child, allowed);
}

/** A key belongs to one peer, unless whoever configures it asks for the opposite. */
function checkKey({ name, proposals, preSharedKey, allowWildcardKey, mode, remote, remoteIdentity }: PeerConfig): void {
  const isNeeded = proposals.some(({ authentication }) => authentication === 'pre-shared-key');
  if (isNeeded && preSharedKey === undefined) throw new TypeError(`preSharedKey: peer ${name} has none`);
  if (preSharedKey === undefined || preSharedKey === 'ask') return;
  if (!(preSharedKey instanceof Uint8Array))
    throw new TypeError(`preSharedKey: of peer ${name} must be octets or 'ask'`);
  if (preSharedKey.length === 0) throw new RangeError(`preSharedKey: peer ${name} has none`);
  const isNamed = mode === 'aggressive' && remoteIdentity !== undefined && remoteIdentity !== 'any';
  const isOne = isFixed(remote) || (isNamed && [remoteIdentity].flat().length === 1);
  if (!isOne && allowWildcardKey !== true) {
    throw new RangeError(`preSharedKey: peer ${name} would let in whoever has it; set allowWildcardKey to mean that`);
  }
}

/** In Aggressive Mode the public value goes out before a group is agreed on (RFC 2409 §5). */
function checkGroups({ name, mode, proposals }: PeerConfig): void {
  if (mode !== 'aggressive' || proposals.every(({ group }) => group === proposals[0]?.group)) return;
  throw new RangeError(`proposals: of peer ${name} must have one group in Aggressive Mode`);
}

function checkLifetime(lifetime: Duration, whose: string): void {
  if (typeof lifetime !== 'number' || !(lifetime > 0)) throw new RangeError(`lifetime: ${whose} must have one`);
  if (lifetime / 1000 > LONGEST) throw new RangeError(`lifetime: of ${whose} must be at most ${LONGEST} seconds`);
}

function checkKilobytes(kilobytes: number | undefined, name: string): void {
  if (kilobytes === undefined) return;
  if (Number.isInteger(kilobytes) && kilobytes > 0 && kilobytes <= LONGEST) return;
  throw new RangeError(`lifetimeKilobytes: of child ${name} must be a whole number from 1 to ${LONGEST}`);
}

/** Behind which port the non-ESP marker stands, both sides must agree (RFC 3947 §4). */
function checkPorts({ name, local, remote }: PeerConfig): void {
  if (isFixed(remote) && remote.port === NAT_TRAVERSAL_PORT && local.port !== NAT_TRAVERSAL_PORT) {
    throw new RangeError(`local: peer ${name} at port ${NAT_TRAVERSAL_PORT} is spoken to from that port only`);
  }
}

function checkPace({ name, deadPeerDetection: pace }: PeerConfig): void {
  if (pace === undefined) return;
  const isPositive = pace.idle > 0 && pace.interval > 0;
  if (isPositive && Number.isInteger(pace.retries) && pace.retries >= 0) return;
  throw new RangeError(`deadPeerDetection: of peer ${name} takes times above 0 and a whole number of retries`);
}

function checkProposal({ encryption, keyOctets, hash, group }: IkeProposal, allowed: ReadonlySet<Legacy>): void {
  if ((encryption === 'aes-cbc') !== (keyOctets !== undefined)) {
    throw new RangeError('keyOctets: given for aes-cbc, and for nothing else');
  }
  if (encryption === 'des-cbc') require('des', 'encryption', allowed);
  if (hash === 'md5') require('md5', 'hash', allowed);
  if (group === 1) require('modp768', 'group', allowed);
}

function checkChild({ name, suites, pfsGroup, ...child }: ChildPolicy, allowed: ReadonlySet<Legacy>): void {
  if (suites.length === 0) throw new RangeError(`suites: child ${name} has none`);
  checkLifetime(child.lifetime, `child ${name}`);
  checkKilobytes(child.lifetimeKilobytes, name);
  if (pfsGroup === 1) require('modp768', 'pfsGroup', allowed);
  for (const suite of suites) {
    if (espTransformForm(suite) === undefined) throw new RangeError(`suites: IKEv1 cannot negotiate ${suite.name}`);
    if (suite.encryption === 'des-cbc') require('des', 'suites', allowed);
    if (suite.integrity === 'hmac-md5-96') require('md5', 'suites', allowed);
  }
}

function require(legacy: Legacy, argument: string, allowed: ReadonlySet<Legacy>): void {
  if (!allowed.has(legacy)) throw new RangeError(`${argument}: ${legacy} is only for who allows it in allowLegacy`);
}

function requireText(argument: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${argument}: must be text`);
  return value;
}

function requireArray<T>(argument: string, value: readonly T[]): readonly T[] {
  if (!Array.isArray(value)) throw new TypeError(`${argument}: must be an array`);
  return value;
}

function requireDistinct(values: readonly string[], argument: string): void {
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice !== undefined) throw new RangeError(`${argument} ${twice} appears twice`);
}
