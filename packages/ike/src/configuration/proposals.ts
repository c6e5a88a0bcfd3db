import { DH_GROUPS, type DhGroupNumber, HASH_OCTETS, type HashName } from '@espalier/crypto';
import type { IkeEndpointConfig, IkeProposal } from '../types.ts';
import { AUTHENTICATION_METHODS } from '../v1/authentication/methods.ts';
import { LEGACY_GROUPS } from '../v1/phase1/key-exchange.ts';
import { isPrivateGroupNumber, type PrivateGroupNumber } from './private-groups.ts';
import { defined, readChoice, readObject, readOptional } from './read.ts';

/** What RFC 8221 and RFC 8247 forbid, and who configures may allow. */
export type Legacy = NonNullable<IkeEndpointConfig['allowLegacy']>[number];
export const LEGACY: readonly Legacy[] = ['des', 'md5', 'modp768', 'modp1024s160', 'modp2048s256', 'rsa1024'];

const ENCRYPTIONS: Readonly<Record<IkeProposal['encryption'], Legacy | undefined>> = {
  'des-cbc': 'des',
  '3des-cbc': undefined,
  'aes-cbc': undefined,
  'camellia-cbc': undefined,
};
/** Those whose key may have one of several lengths. */
const VARIABLE: readonly IkeProposal['encryption'][] = ['aes-cbc', 'camellia-cbc'];

/** @throws TypeError or RangeError for an algorithm that is unknown, or legacy and not allowed. */
export function readProposal(argument: string, value: unknown, allowed: ReadonlySet<Legacy>): IkeProposal {
  const fields = readObject<IkeProposal>(argument, value);
  const encryption = readChoice(`${argument}.encryption`, fields.encryption, namesOf(ENCRYPTIONS));
  const hash: HashName = readChoice(`${argument}.hash`, fields.hash, namesOf(HASH_OCTETS));
  const legacy = ENCRYPTIONS[encryption];
  if (legacy !== undefined) requireAllowed(`${argument}.encryption`, legacy, allowed);
  if (hash === 'md5') requireAllowed(`${argument}.hash`, 'md5', allowed);
  if (VARIABLE.includes(encryption) !== (fields.keyOctets !== undefined)) {
    throw new RangeError(`${argument}.keyOctets: given for ${VARIABLE.join(' and ')}, and for nothing else`);
  }
  return defined<IkeProposal>({
    encryption,
    keyOctets: readOptional(`${argument}.keyOctets`, fields.keyOctets, readKeyOctets),
    hash,
    prf: readOptional(`${argument}.prf`, fields.prf, (at, name) => readChoice(at, name, ['aes-xcbc'])),
    group: readGroup(`${argument}.group`, fields.group, allowed),
    authentication: readChoice(`${argument}.authentication`, fields.authentication, namesOf(AUTHENTICATION_METHODS)),
  });
}

/** One that everybody knows, or one for private use. @throws as `readGroup` */
export function readPfsGroup(
  argument: string,
  value: unknown,
  allowed: ReadonlySet<Legacy>,
): DhGroupNumber | PrivateGroupNumber {
  return typeof value === 'number' && isPrivateGroupNumber(value) ? value : readGroup(argument, value, allowed);
}

/** @throws TypeError or RangeError for a group that is unknown, or legacy and not allowed. */
function readGroup(argument: string, value: unknown, allowed: ReadonlySet<Legacy>): DhGroupNumber {
  const numbers = Object.values(DH_GROUPS).map(({ number }) => number);
  const group = readChoice(argument, value, numbers);
  const legacy = LEGACY_GROUPS[group];
  if (legacy !== undefined) requireAllowed(argument, legacy, allowed);
  return group;
}

/** @throws RangeError unless what is legacy is allowed. */
export function requireAllowed(argument: string, legacy: Legacy, allowed: ReadonlySet<Legacy>): void {
  if (!allowed.has(legacy)) throw new RangeError(`${argument}: ${legacy} is only for who allows it in allowLegacy`);
}

function readKeyOctets(argument: string, value: unknown): 16 | 24 | 32 {
  return readChoice(argument, value, [16, 24, 32]);
}

export function namesOf<K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] {
  const names: K[] = [];
  for (const name in table) names.push(name);
  return names;
}
