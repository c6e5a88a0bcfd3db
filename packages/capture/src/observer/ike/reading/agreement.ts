import { type CbcName, DH_GROUPS, type DhGroupNumber, HASH_OCTETS, type HashName } from '@espalier/crypto';
import {
  type Attribute,
  attributeNumber,
  LIFE_TYPE,
  OAKLEY_ATTRIBUTE,
  OAKLEY_AUTHENTICATION,
  OAKLEY_ENCRYPTION,
  OAKLEY_HASH,
  type Transform,
} from '@espalier/wire';
import type { Phase1Row } from '../../../report/report.ts';
import { groupName, wordIn } from '../../../text/names.ts';

const CIPHERS: ReadonlyMap<number, CbcName> = new Map([
  [OAKLEY_ENCRYPTION.desCbc, 'des-cbc'],
  [OAKLEY_ENCRYPTION.tripleDesCbc, '3des-cbc'],
  [OAKLEY_ENCRYPTION.aesCbc, 'aes-cbc'],
  [OAKLEY_ENCRYPTION.camelliaCbc, 'camellia-cbc'],
]);
const HASHES: ReadonlyMap<number, HashName> = new Map([
  [OAKLEY_HASH.sha1, 'sha1'],
  [OAKLEY_HASH.md5, 'md5'],
  [OAKLEY_HASH.sha2_256, 'sha2-256'],
  [OAKLEY_HASH.sha2_384, 'sha2-384'],
  [OAKLEY_HASH.sha2_512, 'sha2-512'],
]);
/** Authentication with a pre-shared key, XAuth or not: HASH_I and HASH_R are sent as they are. */
const PRE_SHARED: readonly number[] = [
  OAKLEY_AUTHENTICATION.preSharedKey,
  OAKLEY_AUTHENTICATION.xauthInitiatorPreShared,
  OAKLEY_AUTHENTICATION.xauthResponderPreShared,
];

/** The octets of a key where no attribute says them. */
const KEY_OCTETS: Readonly<Record<CbcName, number>> = {
  'des-cbc': 8,
  '3des-cbc': 24,
  'aes-cbc': 16,
  'camellia-cbc': 16,
};

/** How messages are encrypted and proved. */
export interface Protection {
  readonly cipher: CbcName;
  readonly hash: HashName;
}

/** What phase 1 agreed on, as far as it matters to read along. */
export interface Agreement {
  readonly row: Phase1Row;
  /** Undefined for a cipher or a hash that the library does not have, or another prf than the hash's. */
  readonly protection: Protection | undefined;
  readonly keyOctets: number;
  readonly isPreShared: boolean;
  readonly isSigned: boolean;
  readonly group: DhGroupNumber | undefined;
}

/** Of the transform that the responder has chosen (RFC 2409 Appendix A). */
export function agreementOf({ attributes }: Transform): Agreement {
  const numbers = numbersOf(attributes);
  const cipher = CIPHERS.get(numbers.get(OAKLEY_ATTRIBUTE.encryption) ?? 0);
  const hash = HASHES.get(numbers.get(OAKLEY_ATTRIBUTE.hash) ?? 0);
  const method = numbers.get(OAKLEY_ATTRIBUTE.authentication) ?? 0;
  const keyBits = numbers.get(OAKLEY_ATTRIBUTE.keyLength);
  const group = numbers.get(OAKLEY_ATTRIBUTE.groupDescription);
  const isPreShared = PRE_SHARED.includes(method);
  const hasOtherPrf = numbers.has(OAKLEY_ATTRIBUTE.prf);
  return {
    row: phase1Row(attributes),
    protection: cipher === undefined || hash === undefined || hasOtherPrf ? undefined : { cipher, hash },
    keyOctets: keyBits === undefined ? (cipher === undefined ? 0 : KEY_OCTETS[cipher]) : keyBits / 8,
    isPreShared,
    isSigned:
      !isPreShared &&
      method !== OAKLEY_AUTHENTICATION.rsaEncryption &&
      method !== OAKLEY_AUTHENTICATION.revisedRsaEncryption,
    group: isGroup(group) ? group : undefined,
  };
}

/** Attributes by type; of those that cannot be read as a number, that they are there. */
export function numbersOf(attributes: readonly Attribute[]): ReadonlyMap<number, number | undefined> {
  return new Map(attributes.map((attribute) => [attribute.type, attributeNumber(attribute)]));
}

/** By the registries' names. */
export function phase1Row(attributes: readonly Attribute[]): Phase1Row {
  const number = (type: number): number | undefined => {
    const found = attributes.find((attribute) => attribute.type === type);
    return found === undefined ? undefined : attributeNumber(found);
  };
  const encryption = number(OAKLEY_ATTRIBUTE.encryption) ?? 0;
  const cipher = CIPHERS.get(encryption);
  const group = number(OAKLEY_ATTRIBUTE.groupDescription);
  return {
    encryption: cipher ?? wordIn(OAKLEY_ENCRYPTION, encryption),
    keyBits: number(OAKLEY_ATTRIBUTE.keyLength) ?? (cipher === undefined ? undefined : KEY_OCTETS[cipher] * 8),
    hash: HASHES.get(number(OAKLEY_ATTRIBUTE.hash) ?? 0) ?? wordIn(OAKLEY_HASH, number(OAKLEY_ATTRIBUTE.hash) ?? 0),
    group: group === undefined ? 'none' : groupName(group),
    authentication: wordIn(OAKLEY_AUTHENTICATION, number(OAKLEY_ATTRIBUTE.authentication) ?? 0),
    ...lifetimesOf(attributes, OAKLEY_ATTRIBUTE),
  };
}

/** Each duration belongs to the life type in front of it (RFC 2409 Appendix A, RFC 2407 §4.5). */
export function lifetimesOf(
  attributes: readonly Attribute[],
  { lifeType, lifeDuration }: { readonly lifeType: number; readonly lifeDuration: number },
): Pick<Phase1Row, 'lifetimeSeconds' | 'lifetimeKilobytes'> {
  let type: number | undefined;
  let [lifetimeSeconds, lifetimeKilobytes]: (number | undefined)[] = [];
  for (const attribute of attributes) {
    const value = attributeNumber(attribute);
    if (attribute.type === lifeType) type = value;
    if (attribute.type !== lifeDuration) continue;
    if (type === LIFE_TYPE.seconds) lifetimeSeconds = value;
    if (type === LIFE_TYPE.kilobytes) lifetimeKilobytes = value;
  }
  return { lifetimeSeconds, lifetimeKilobytes };
}

/** What may have been agreed on, where the capture does not show it: all that a key of this length, or SKEYID, is of. */
export function possibleProtections(keyOctets: number, hashOctets: number | undefined): readonly Protection[] {
  const ciphers = KEY_LENGTHS.filter(([, lengths]) => lengths.includes(keyOctets)).map(([cipher]) => cipher);
  const hashes = [...HASHES.values()].filter((name) => hashOctets === undefined || HASH_OCTETS[name] === hashOctets);
  return ciphers.flatMap((cipher) => hashes.map((hash) => ({ cipher, hash })));
}

const KEY_LENGTHS: readonly (readonly [CbcName, readonly number[]])[] = [
  ['aes-cbc', [16, 24, 32]],
  ['3des-cbc', [24]],
  ['des-cbc', [8]],
  ['camellia-cbc', [16, 24, 32]],
];

export function isGroup(number: number | undefined): number is DhGroupNumber {
  return number !== undefined && Object.hasOwn(DH_GROUPS, number);
}
