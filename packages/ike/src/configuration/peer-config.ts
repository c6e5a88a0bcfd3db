import { NAT_TRAVERSAL_PORT } from '@espalier/wire';
import { FEWEST_KILOBYTES } from '../limits.ts';
import { isFixed } from '../path.ts';
import { PEER_PROFILES, type PeerProfileName } from '../peer/profiles/profiles.ts';
import { PEER_TOLERANCES, type PeerTolerance } from '../tolerances.ts';
import type { DeadPeerDetection, LifetimeCheck, NatTraversalForm, PeerConfig } from '../types.ts';
import { AUTHENTICATION_METHODS } from '../v1/authentication/methods.ts';
import { readEndpoint, readIdentification, readRemote } from './addresses.ts';
import { IDENTITIES_MOST, LONGEST_LIFETIME, readChildPolicy, readLifetime, TRANSFORMS_MOST } from './child-policy.ts';
import { checkCredentials, readCredentials, wipeCredentials } from './credentials.ts';
import { readModeConfig } from './mode-config.ts';
import { readPrivateGroups } from './private-groups.ts';
import { type Legacy, namesOf, readProposal } from './proposals.ts';
import {
  defined,
  readArray,
  readBoolean,
  readChoice,
  readDuration,
  readInteger,
  readList,
  readObject,
  readOptional,
  readSecret,
  readText,
} from './read.ts';
import { checkXAuth, readXAuth } from './xauth.ts';

const FRAGMENT_OCTETS_LEAST = 128;
const FRAGMENT_OCTETS_MOST = 65_535;

const UNKNOWN_SPI_RESPONSES_MOST = 30;

/** Probes that may follow one without an answer. */
const RETRIES_MOST = 1000;

const LIFETIME_CHECKS: readonly LifetimeCheck[] = ['obey', 'strict', 'claim', 'exact'];
const NAT_FORMS: readonly NatTraversalForm[] = [
  'rfc-3947',
  'draft-08',
  'draft-07',
  'draft-06',
  'draft-05',
  'draft-04',
  'draft-03',
  'draft-02',
  'draft-01',
  'draft-00',
];
const PROFILES: readonly PeerProfileName[] = namesOf(PEER_PROFILES);

/**
 * A peer as it is used: addresses in canonical form, octets in copies of our own, suites looked up by their names.
 * @throws TypeError or RangeError naming the argument: for what is missing or of the wrong kind, nothing to propose, no
 * key, one key for everybody, a key that signs or verifies nothing, a suite that IKEv1 cannot negotiate, and for DES, MD5,
 * group 1 and RSA keys below 2048 bits unless they are allowed by name.
 */
export function readPeerConfig(argument: string, value: unknown, allowed: ReadonlySet<Legacy>): PeerConfig {
  const fields = readObject<PeerConfig>(argument, value);
  const peer = defined<PeerConfig>({
    name: readText(`${argument}.name`, fields.name),
    local: readEndpoint(`${argument}.local`, fields.local),
    remote: readRemote(`${argument}.remote`, fields.remote),
    localIdentity: readOptional(`${argument}.localIdentity`, fields.localIdentity, readIdentification),
    remoteIdentity: readOptional(`${argument}.remoteIdentity`, fields.remoteIdentity, readRemoteIdentity),
    preSharedKey: undefined,
    credentials: undefined,
    allowWildcardKey: readOptional(`${argument}.allowWildcardKey`, fields.allowWildcardKey, readBoolean),
    mode: readOptional(`${argument}.mode`, fields.mode, (at, mode) => readChoice(at, mode, ['main', 'aggressive'])),
    proposals: readList(`${argument}.proposals`, fields.proposals, TRANSFORMS_MOST, (at, proposal) =>
      readProposal(at, proposal, allowed),
    ),
    lifetime: readLifetime(`${argument}.lifetime`, fields.lifetime),
    lifetimeKilobytes: readOptional(`${argument}.lifetimeKilobytes`, fields.lifetimeKilobytes, (at, one) =>
      readInteger(at, one, FEWEST_KILOBYTES, LONGEST_LIFETIME),
    ),
    children: readArray(`${argument}.children`, fields.children).map((child, i) =>
      readChildPolicy(`${argument}.children[${i}]`, child, allowed),
    ),
    natTraversal: readOptional(`${argument}.natTraversal`, fields.natTraversal, (at, one) =>
      readChoice(at, one, ['auto', 'force', 'off']),
    ),
    natTraversalForms: readOptional(`${argument}.natTraversalForms`, fields.natTraversalForms, (at, forms) =>
      readList(at, forms, NAT_FORMS.length, (one, form) => readChoice(one, form, NAT_FORMS)),
    ),
    modeConfig: readOptional(`${argument}.modeConfig`, fields.modeConfig, readModeConfig),
    xauth: undefined,
    fragmentOctets: readOptional(`${argument}.fragmentOctets`, fields.fragmentOctets, (at, one) =>
      one === 'off' ? one : readInteger(at, one, FRAGMENT_OCTETS_LEAST, FRAGMENT_OCTETS_MOST),
    ),
    unknownSpiResponses: readOptional(`${argument}.unknownSpiResponses`, fields.unknownSpiResponses, (at, times) =>
      readInteger(at, times, 0, UNKNOWN_SPI_RESPONSES_MOST),
    ),
    channel: readOptional(`${argument}.channel`, fields.channel, (at, one) =>
      readChoice(at, one, ['dangling', 'continuous']),
    ),
    deadPeerDetection: readOptional(`${argument}.deadPeerDetection`, fields.deadPeerDetection, readPace),
    profile: readOptional(`${argument}.profile`, fields.profile, (at, name) => readChoice(at, name, PROFILES)),
    tolerances: readOptional(`${argument}.tolerances`, fields.tolerances, readTolerances),
    lifetimeCheck: readOptional(`${argument}.lifetimeCheck`, fields.lifetimeCheck, (at, check) =>
      readChoice(at, check, LIFETIME_CHECKS),
    ),
    acceptedGroups: readOptional(`${argument}.acceptedGroups`, fields.acceptedGroups, readPrivateGroups),
    commitBit: readOptional(`${argument}.commitBit`, fields.commitBit, readBoolean),
    shortLifetimes: readOptional(`${argument}.shortLifetimes`, fields.shortLifetimes, (at, one) =>
      readChoice(at, one, ['raise', 'refuse']),
    ),
  });
  checkGroups(argument, peer);
  checkPorts(argument, peer);
  checkNames(argument, peer);
  // Last, so that no copy of a key is left of a peer that is refused.
  const signing = withCredentials(argument, peer, fields.credentials, allowed);
  const keyed = orForget(signing, () => withKey(argument, signing, fields.preSharedKey));
  return orForget(keyed, () => withXAuth(argument, keyed, fields.xauth));
}

function withXAuth(argument: string, peer: PeerConfig, value: unknown): PeerConfig {
  if (value === undefined) return peer;
  const xauth = readXAuth(`${argument}.xauth`, value);
  try {
    checkXAuth(argument, peer, xauth);
  } catch (error) {
    if (xauth.side === 'user') xauth.password?.fill(0);
    throw error;
  }
  return { ...peer, xauth };
}

function withCredentials(argument: string, peer: PeerConfig, value: unknown, allowed: ReadonlySet<Legacy>): PeerConfig {
  const at = `${argument}.credentials`;
  const signing = value === undefined ? peer : { ...peer, credentials: readCredentials(at, value, allowed) };
  return orForget(signing, () => {
    checkCredentials(argument, signing);
    return signing;
  });
}

/** A peer that is refused leaves no key. */
function orForget<T>({ preSharedKey, credentials }: PeerConfig, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (preSharedKey instanceof Uint8Array) preSharedKey.fill(0);
    wipeCredentials(credentials);
    throw error;
  }
}

/** A key belongs to one peer, unless whoever configures it asks for the opposite. */
function withKey(argument: string, peer: PeerConfig, value: unknown): PeerConfig {
  const { name, proposals, allowWildcardKey, mode, remote, remoteIdentity } = peer;
  const isNeeded = proposals.some(({ authentication }) => AUTHENTICATION_METHODS[authentication].sharesKey);
  if (value === undefined) {
    if (isNeeded) throw new TypeError(`${argument}.preSharedKey: peer ${name} has none`);
    return peer;
  }
  if (value === 'ask') return { ...peer, preSharedKey: value };
  const preSharedKey = readSecret(`${argument}.preSharedKey`, value);
  const isNamed = mode === 'aggressive' && remoteIdentity !== undefined && remoteIdentity !== 'any';
  const isOne = isFixed(remote) || (isNamed && [remoteIdentity].flat().length === 1);
  if (isOne || allowWildcardKey === true) return { ...peer, preSharedKey };
  preSharedKey.fill(0);
  throw new RangeError(
    `${argument}.preSharedKey: peer ${name} would let in whoever has it; set allowWildcardKey to mean that`,
  );
}

function readRemoteIdentity(argument: string, value: unknown): NonNullable<PeerConfig['remoteIdentity']> {
  if (value === 'any') return value;
  if (!Array.isArray(value)) return readIdentification(argument, value);
  return readList(argument, value, IDENTITIES_MOST, readIdentification);
}

function readTolerances(argument: string, value: unknown): NonNullable<PeerConfig['tolerances']> {
  const fields = readObject<Record<PeerTolerance, boolean>>(argument, value);
  const known: Partial<Record<PeerTolerance, boolean>> = {};
  for (const [name, one] of Object.entries(fields)) {
    known[readChoice(argument, name, PEER_TOLERANCES)] = readBoolean(`${argument}.${name}`, one);
  }
  return known;
}

function readPace(argument: string, value: unknown): DeadPeerDetection {
  const { idle, interval, retries } = readObject<DeadPeerDetection>(argument, value);
  return {
    idle: readDuration(`${argument}.idle`, idle, LONGEST_LIFETIME),
    interval: readDuration(`${argument}.interval`, interval, LONGEST_LIFETIME),
    retries: readInteger(`${argument}.retries`, retries, 0, RETRIES_MOST),
  };
}

/** Who begins Aggressive Mode sends its public value before a group is agreed on (RFC 2409 §5); a template's peers begin. */
function checkGroups(argument: string, { name, mode, remote, proposals }: PeerConfig): void {
  if (mode !== 'aggressive' || !isFixed(remote) || proposals.every(({ group }) => group === proposals[0]?.group))
    return;
  throw new RangeError(`${argument}.proposals: of peer ${name} must have one group in Aggressive Mode`);
}

/** Behind which port the non-ESP marker stands, both sides must agree (RFC 3947 §4). */
function checkPorts(argument: string, { name, local, remote }: PeerConfig): void {
  if (isFixed(remote) && remote.port === NAT_TRAVERSAL_PORT && local.port !== NAT_TRAVERSAL_PORT) {
    throw new RangeError(
      `${argument}.local: peer ${name} at port ${NAT_TRAVERSAL_PORT} is spoken to from that port only`,
    );
  }
}

function checkNames(argument: string, { name, children }: PeerConfig): void {
  const names = children.map((child) => child.name);
  const twice = names.find((one, i) => names.indexOf(one) !== i);
  if (twice === undefined) return;
  throw new RangeError(`${argument}.children: of peer ${name} two are named ${twice}`);
}
