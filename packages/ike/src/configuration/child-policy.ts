import { type AhSuite, ahSuite, type EspSuite, espSuite, isOwnSuite } from '@espalier/crypto';
import type {
  ChildIdentities,
  ChildPolicy,
  ClientIdentity,
  IdentityPattern,
  IpsecMode,
  ProtectionBundle,
  ReplayStatus,
} from '../types.ts';
import { ahTransformForm, espTransformForm, type TransformForm } from '../v1/proposals/suites.ts';
import { readIdentification } from './addresses.ts';
import { type Legacy, readPfsGroup, requireAllowed } from './proposals.ts';
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
  readText,
  type Unread,
} from './read.ts';

const MODES: readonly IpsecMode[] = ['tunnel', 'transport'];
const REPLAY_STATUSES: readonly ReplayStatus[] = ['enabled', 'disabled'];

/** A Life Duration has 32 bits (RFC 2407 §4.5). */
export const LONGEST_LIFETIME = 0xffffffff;
/** Transforms of one proposal are numbered with 8 bits (RFC 2408 §3.6). */
export const TRANSFORMS_MOST = 255;
/** With ESN each is a transform twice. */
const SUITES_MOST = 127;
/** Of which each is up to three proposals of the 32 that a peer of this kind reads. */
const BUNDLES_MOST = 8;
/** Identities that one pattern, or one template, may list. */
export const IDENTITIES_MOST = 4096;

/**
 * A child as it is used: octets in copies of our own, suites looked up by their names.
 * @throws TypeError or RangeError naming the argument: for what is missing or of the wrong kind, a suite that IKEv1
 * cannot negotiate, and for DES, MD5 and group 1 unless they are allowed by name.
 */
export function readChildPolicy(argument: string, value: unknown, allowed: ReadonlySet<Legacy>): ChildPolicy {
  const fields = readObject<ChildPolicy>(argument, value);
  return defined<ChildPolicy>({
    name: readText(`${argument}.name`, fields.name),
    suites: readSuites(argument, fields, allowed),
    bundles: readOptional(`${argument}.bundles`, fields.bundles, (at, bundles) =>
      readList(at, bundles, BUNDLES_MOST, (one, bundle) => readBundle(one, bundle, allowed)),
    ),
    pfsGroup: readOptional(`${argument}.pfsGroup`, fields.pfsGroup, (at, group) => readPfsGroup(at, group, allowed)),
    mode: readOptional(`${argument}.mode`, fields.mode, (at, mode) => readChoice(at, mode, MODES)),
    localIdentity: readClient(`${argument}.localIdentity`, fields.localIdentity),
    remoteIdentity: readClient(`${argument}.remoteIdentity`, fields.remoteIdentity),
    lifetime: readLifetime(`${argument}.lifetime`, fields.lifetime),
    lifetimeKilobytes: readOptional(`${argument}.lifetimeKilobytes`, fields.lifetimeKilobytes, readKilobytes),
    esn: readOptional(`${argument}.esn`, fields.esn, readBoolean),
    replayStatus: readOptional(`${argument}.replayStatus`, fields.replayStatus, (at, one) =>
      readChoice(at, one, REPLAY_STATUSES),
    ),
  });
}

export function readChildIdentities(argument: string, value: unknown): ChildIdentities {
  const { localIdentity, remoteIdentity } = readObject<ChildIdentities>(argument, value);
  return {
    localIdentity: readIdentification(`${argument}.localIdentity`, localIdentity),
    remoteIdentity: readIdentification(`${argument}.remoteIdentity`, remoteIdentity),
  };
}

export function readLifetime(argument: string, value: unknown): ChildPolicy['lifetime'] {
  return readDuration(argument, value, LONGEST_LIFETIME);
}

function readKilobytes(argument: string, value: unknown): number {
  return readInteger(argument, value, 1, LONGEST_LIFETIME);
}

function readClient(argument: string, value: unknown): ClientIdentity {
  if (value === 'any' || value === 'assigned') return value;
  const { within } = readObject<IdentityPattern>(argument, value);
  if (within === undefined) return readIdentification(argument, value);
  return { within: readList(`${argument}.within`, within, IDENTITIES_MOST, readIdentification) };
}

/** None is needed where there are bundles. */
function readSuites(
  argument: string,
  { suites, bundles }: Unread<ChildPolicy>,
  allowed: ReadonlySet<Legacy>,
): readonly EspSuite[] {
  const isEmpty = bundles !== undefined && readArray(`${argument}.suites`, suites).length === 0;
  return isEmpty ? [] : readEspSuites(`${argument}.suites`, suites, { allowed, isInsideAh: false });
}

function readBundle(argument: string, value: unknown, allowed: ReadonlySet<Legacy>): ProtectionBundle {
  const { ipcomp, esp, ah } = readObject<ProtectionBundle>(argument, value);
  if (esp === undefined && ah === undefined) throw new RangeError(`${argument}: must have esp or ah`);
  return defined<ProtectionBundle>({
    ipcomp: readOptional(`${argument}.ipcomp`, ipcomp, (at, name) => readChoice(at, name, ['deflate'])),
    esp: readOptional(`${argument}.esp`, esp, (at, suites) =>
      readEspSuites(at, suites, { allowed, isInsideAh: ah !== undefined }),
    ),
    ah: readOptional(`${argument}.ah`, ah, (at, suites) =>
      readTransforms(at, suites, (one, suite) => readAhSuite(one, suite, allowed), ahTransformForm),
    ),
  });
}

/** What decides which suites are taken. */
interface SuiteContext {
  readonly allowed: ReadonlySet<Legacy>;
  /** Whether AH authenticates what ESP encrypts. */
  readonly isInsideAh: boolean;
}

function readEspSuites(argument: string, value: unknown, context: SuiteContext): readonly EspSuite[] {
  return readTransforms(argument, value, (at, suite) => readSuite(at, suite, context), espTransformForm);
}

/** Each must be told from the others by what is said of it to the peer. */
function readTransforms<Suite extends { readonly name: string }>(
  argument: string,
  value: unknown,
  read: (argument: string, value: unknown) => Suite,
  formOf: (suite: Suite) => TransformForm | undefined,
): readonly Suite[] {
  const suites = readList(argument, value, SUITES_MOST, read);
  const seen = new Map<string, Suite>();
  for (const [i, suite] of suites.entries()) {
    const form = JSON.stringify(formOf(suite));
    const twin = seen.get(form);
    if (twin !== undefined && twin.name !== suite.name) {
      throw new RangeError(`${argument}[${i}]: IKEv1 has one number for ${suite.name} and ${twin.name}`);
    }
    seen.set(form, suite);
  }
  return suites;
}

function readAhSuite(argument: string, value: unknown, allowed: ReadonlySet<Legacy>): AhSuite {
  const suite = named(
    argument,
    readText(`${argument}.name`, readObject<AhSuite>(argument, value).name),
    ahSuite,
    'AH_SUITES',
  );
  if (ahTransformForm(suite) === undefined) throw new RangeError(`${argument}: IKEv1 cannot negotiate ${suite.name}`);
  if (suite.name === 'hmac-md5-96') requireAllowed(argument, 'md5', allowed);
  return suite;
}

/** Of a suite, which may have been copied, only the name counts; one that a caller defined is itself. */
function readSuite(argument: string, value: unknown, { allowed, isInsideAh }: SuiteContext): EspSuite {
  const name = readText(`${argument}.name`, readObject<EspSuite>(argument, value).name);
  const suite = isOwnSuite(value) ? value : named(argument, name, espSuite, 'ESP_SUITES');
  if (espTransformForm(suite) === undefined) throw new RangeError(`${argument}: IKEv1 cannot negotiate ${suite.name}`);
  if (suite.unauthenticated && !isInsideAh) {
    throw new RangeError(`${argument}: ${suite.name} authenticates nothing: needs AH beside it (RFC 8221 §4)`);
  }
  if (suite.encryption === 'des-cbc') requireAllowed(argument, 'des', allowed);
  if (suite.integrity === 'hmac-md5-96') requireAllowed(argument, 'md5', allowed);
  return suite;
}

function named<Suite>(argument: string, name: string, find: (name: string) => Suite, list: string): Suite {
  try {
    return find(name);
  } catch {
    throw new RangeError(`${argument}.name: is not in ${list}`);
  }
}
