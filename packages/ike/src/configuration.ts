import { type Duration, formatAddress, NAT_TRAVERSAL_PORT, parseAddress } from '@espalier/wire';
import type { ChildPolicy, Endpoint, IkeEndpointConfig, IkeProposal, PeerConfig } from './types.ts';
import { espTransformForm } from './v1/proposals/suites.ts';

/** A Life Duration has 32 bits (RFC 2407 §4.5). */
const LONGEST = 0xffffffff;

type Legacy = NonNullable<IkeEndpointConfig['allowLegacy']>[number];

/**
 * Checks what a caller configures, before anything runs with it.
 * @throws RangeError naming the argument: for two peers of one name or one pair of addresses, nothing to propose, a
 * suite that IKEv1 cannot negotiate, and for DES, MD5 and group 1 unless they are allowed by name.
 */
export function checkConfiguration({ peers, allowLegacy = [] }: IkeEndpointConfig): void {
  requireDistinct(
    peers.map(({ name }) => name),
    'peers: name',
  );
  requireDistinct(
    peers.map(({ local, remote }) => addressKey(canonical(local.address), canonical(remote.address))),
    'peers: pair of addresses',
  );
  for (const peer of peers) checkPeer(peer, new Set(allowLegacy));
}

/** By what a peer is found: both addresses, which are in canonical form or nobody's. */
export function addressKey(local: string, remote: string): string {
  return `${local} ${remote}`;
}

/** An end point with its address in canonical form. @throws RangeError unless it is an address and a port. */
export function canonicalEndpoint({ address, port }: Endpoint): Endpoint {
  if (!(Number.isInteger(port) && port > 0 && port <= 0xffff)) throw new RangeError(`port: ${port} is none`);
  return { address: canonical(address), port };
}

function canonical(address: string): string {
  return formatAddress(parseAddress(address));
}

function checkPeer(peer: PeerConfig, allowed: ReadonlySet<Legacy>): void {
  const { name, proposals, children, preSharedKey, lifetime } = peer;
  if (proposals.length === 0) throw new RangeError(`proposals: peer ${name} has none`);
  if (preSharedKey.length === 0) throw new RangeError(`preSharedKey: peer ${name} has none`);
  checkLifetime(lifetime, `peer ${name}`);
  for (const proposal of proposals) checkProposal(proposal, allowed);
  checkPorts(peer);
  checkPace(peer);
  requireDistinct(
    children.map((child) => child.name),
    `children of ${name}: name`,
  );
  for (const child of children) checkChild(child, allowed);
}

function checkLifetime(lifetime: Duration, whose: string): void {
  if (!(lifetime > 0)) throw new RangeError(`lifetime: ${whose} must have one`);
  if (lifetime / 1000 > LONGEST) throw new RangeError(`lifetime: of ${whose} must be at most ${LONGEST} seconds`);
}

function checkKilobytes(kilobytes: number | undefined, name: string): void {
  if (kilobytes === undefined) return;
  if (Number.isInteger(kilobytes) && kilobytes > 0 && kilobytes <= LONGEST) return;
  throw new RangeError(`lifetimeKilobytes: of child ${name} must be a whole number from 1 to ${LONGEST}`);
}

/** Behind which port the non-ESP marker stands, both sides must agree (RFC 3947 §4). */
function checkPorts({ name, local, remote }: PeerConfig): void {
  if (remote.port === NAT_TRAVERSAL_PORT && local.port !== NAT_TRAVERSAL_PORT) {
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

function requireDistinct(values: readonly string[], argument: string): void {
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice !== undefined) throw new RangeError(`${argument} ${twice} appears twice`);
}
