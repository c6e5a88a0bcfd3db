import { type EspSuite, espSuite } from '@espalier/crypto';
import type { ChildPolicy, ClientIdentity, IdentityPattern, IpsecMode } from '../types.ts';
import { espTransformForm } from '../v1/proposals/suites.ts';
import { readIdentification } from './addresses.ts';
import { type Legacy, readGroup, requireAllowed } from './proposals.ts';
import {
  defined,
  readBoolean,
  readChoice,
  readDuration,
  readInteger,
  readList,
  readObject,
  readOptional,
  readText,
} from './read.ts';

const MODES: readonly IpsecMode[] = ['tunnel', 'transport'];

/** A Life Duration has 32 bits (RFC 2407 §4.5). */
export const LONGEST_LIFETIME = 0xffffffff;
/** Transforms of one proposal are numbered with 8 bits (RFC 2408 §3.6). */
export const TRANSFORMS_MOST = 255;
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
    suites: readList(`${argument}.suites`, fields.suites, TRANSFORMS_MOST, (at, suite) =>
      readSuite(at, suite, allowed),
    ),
    pfsGroup: readOptional(`${argument}.pfsGroup`, fields.pfsGroup, (at, group) => readGroup(at, group, allowed)),
    mode: readOptional(`${argument}.mode`, fields.mode, (at, mode) => readChoice(at, mode, MODES)),
    localIdentity: readClient(`${argument}.localIdentity`, fields.localIdentity),
    remoteIdentity: readClient(`${argument}.remoteIdentity`, fields.remoteIdentity),
    lifetime: readLifetime(`${argument}.lifetime`, fields.lifetime),
    lifetimeKilobytes: readOptional(`${argument}.lifetimeKilobytes`, fields.lifetimeKilobytes, readKilobytes),
    esn: readOptional(`${argument}.esn`, fields.esn, readBoolean),
  });
}

export function readLifetime(argument: string, value: unknown): ChildPolicy['lifetime'] {
  return readDuration(argument, value, LONGEST_LIFETIME);
}

function readKilobytes(argument: string, value: unknown): number {
  return readInteger(argument, value, 1, LONGEST_LIFETIME);
}

function readClient(argument: string, value: unknown): ClientIdentity {
  if (value === 'any') return value;
  const { within } = readObject<IdentityPattern>(argument, value);
  if (within === undefined) return readIdentification(argument, value);
  return { within: readList(`${argument}.within`, within, IDENTITIES_MOST, readIdentification) };
}

/** Of a suite, which may have been copied, only the name counts. */
function readSuite(argument: string, value: unknown, allowed: ReadonlySet<Legacy>): EspSuite {
  const suite = knownSuite(argument, readText(`${argument}.name`, readObject<EspSuite>(argument, value).name));
  if (espTransformForm(suite) === undefined) throw new RangeError(`${argument}: IKEv1 cannot negotiate ${suite.name}`);
  if (suite.encryption === 'des-cbc') requireAllowed(argument, 'des', allowed);
  if (suite.integrity === 'hmac-md5-96') requireAllowed(argument, 'md5', allowed);
  return suite;
}

function knownSuite(argument: string, name: string): EspSuite {
  try {
    return espSuite(name);
  } catch {
    throw new RangeError(`${argument}.name: is not in ESP_SUITES`);
  }
}
