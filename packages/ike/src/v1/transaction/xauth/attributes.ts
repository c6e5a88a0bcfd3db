import { hash } from '@espalier/crypto';
import { type Attribute, attributeNumber, concat, XAUTH_ATTRIBUTE, XAUTH_STATUS, XAUTH_TYPE } from '@espalier/wire';
import { MESSAGE_TEXT_MOST } from '../../../limits.ts';
import type { Credential, XAuthType } from '../../../types.ts';
import { octetsOf, textOf } from '../text.ts';

/** What a gateway asks a user with (draft-beaulieu-ike-xauth-02 §3). */
export interface Prompt {
  readonly type: XAuthType;
  readonly asks: readonly Credential[];
  readonly message: string | undefined;
  readonly challenge: Uint8Array | undefined;
}

/** What a user says. Octets of their own, to be overwritten. */
export interface Credentials {
  readonly userName: string | undefined;
  readonly password: Uint8Array | undefined;
  readonly passcode: Uint8Array | undefined;
  readonly nextPin: Uint8Array | undefined;
  readonly reply: Uint8Array | undefined;
  readonly domain: string | undefined;
}

const TYPES: Readonly<Record<XAuthType, number>> = {
  generic: XAUTH_TYPE.generic,
  'radius-chap': XAUTH_TYPE.radiusChap,
  otp: XAUTH_TYPE.otp,
  's/key': XAUTH_TYPE.sKey,
};

const ASKED: Readonly<Record<Credential, number>> = {
  'user-name': XAUTH_ATTRIBUTE.userName,
  password: XAUTH_ATTRIBUTE.userPassword,
  passcode: XAUTH_ATTRIBUTE.passcode,
  'next-pin': XAUTH_ATTRIBUTE.nextPin,
  reply: XAUTH_ATTRIBUTE.answer,
  domain: XAUTH_ATTRIBUTE.domain,
};

const NOTHING = new Uint8Array(0);

/** Whether attributes are of XAuth at all, and not of Mode Config. */
export function isXAuth(attributes: readonly Attribute[]): boolean {
  return attributes.some(({ type }) => type >= XAUTH_ATTRIBUTE.type && type <= XAUTH_ATTRIBUTE.answer);
}

/** The attributes of a REQUEST. */
export function promptAttributes({ type, asks, message, challenge }: Prompt): readonly Attribute[] {
  return [
    ...(type === 'generic' ? [] : [{ type: XAUTH_ATTRIBUTE.type, value: TYPES[type] }]),
    ...asks.map((one) => ({ type: ASKED[one], value: NOTHING })),
    ...(message === undefined ? [] : [{ type: XAUTH_ATTRIBUTE.message, value: octetsOf(message) }]),
    ...(challenge === undefined ? [] : [{ type: XAUTH_ATTRIBUTE.challenge, value: challenge }]),
  ];
}

/** Undefined for a type that is none of ours. */
export function readPrompt(attributes: readonly Attribute[]): Prompt | undefined {
  const number = numberOf(attributes, XAUTH_ATTRIBUTE.type) ?? XAUTH_TYPE.generic;
  const type = namesOf(TYPES).find((name) => TYPES[name] === number);
  if (type === undefined) return undefined;
  const asks = namesOf(ASKED).filter((one) => attributes.some((attribute) => attribute.type === ASKED[one]));
  const message = octetsIn(attributes, XAUTH_ATTRIBUTE.message);
  return {
    type,
    asks,
    message: message && textOf(message, MESSAGE_TEXT_MOST),
    challenge: octetsIn(attributes, XAUTH_ATTRIBUTE.challenge)?.slice(),
  };
}

/** The attributes of a REPLY: what was asked for, of the same type (draft-beaulieu-ike-xauth-02 §3.2). */
export function credentialAttributes(
  asked: readonly Attribute[],
  { type, challenge }: Prompt,
  { userName, password, passcode, nextPin, reply, domain }: Credentials,
): readonly Attribute[] {
  const hidden =
    type === 'radius-chap' && password !== undefined ? chapPassword(CHAP_IDENTIFIER, password, challenge) : password;
  const values: readonly (readonly [number, Uint8Array | undefined])[] = [
    [XAUTH_ATTRIBUTE.userName, userName === undefined ? undefined : octetsOf(userName)],
    [XAUTH_ATTRIBUTE.userPassword, hidden],
    [XAUTH_ATTRIBUTE.passcode, passcode],
    [XAUTH_ATTRIBUTE.nextPin, nextPin],
    [XAUTH_ATTRIBUTE.answer, reply],
    [XAUTH_ATTRIBUTE.domain, domain === undefined ? undefined : octetsOf(domain)],
  ];
  const given = values.flatMap(([number, value]) => (value === undefined ? [] : [{ type: number, value }]));
  const saysType = asked.some((attribute) => attribute.type === XAUTH_ATTRIBUTE.type);
  return saysType ? [{ type: XAUTH_ATTRIBUTE.type, value: TYPES[type] }, ...given] : given;
}

/** Whether NULs stand behind a secret, as some peers have it. */
export function hasNuls(attributes: readonly Attribute[]): boolean {
  const { type, userPassword, passcode, nextPin, answer } = XAUTH_ATTRIBUTE;
  const isChap = numberOf(attributes, type) === XAUTH_TYPE.radiusChap;
  return [...(isChap ? [] : [userPassword]), passcode, nextPin, answer].some((secret) => {
    const octets = octetsIn(attributes, secret);
    return octets !== undefined && octets.length > 0 && octets[octets.length - 1] === 0;
  });
}

/** Copies: the message that they came in is overwritten. NULs behind a secret are none of it, unless they are to be kept. */
export function readCredentials(attributes: readonly Attribute[], keepsNuls = false): Credentials {
  const text = (type: number): string | undefined => {
    const octets = octetsIn(attributes, type);
    return octets && textOf(octets, MESSAGE_TEXT_MOST);
  };
  const secret = (type: number): Uint8Array | undefined => {
    const octets = octetsIn(attributes, type);
    return octets && (keepsNuls ? octets : withoutNuls(octets)).slice();
  };
  return {
    userName: text(XAUTH_ATTRIBUTE.userName),
    password:
      numberOf(attributes, XAUTH_ATTRIBUTE.type) === XAUTH_TYPE.radiusChap
        ? octetsIn(attributes, XAUTH_ATTRIBUTE.userPassword)?.slice()
        : secret(XAUTH_ATTRIBUTE.userPassword),
    passcode: secret(XAUTH_ATTRIBUTE.passcode),
    nextPin: secret(XAUTH_ATTRIBUTE.nextPin),
    reply: secret(XAUTH_ATTRIBUTE.answer),
    domain: text(XAUTH_ATTRIBUTE.domain),
  };
}

export function statusAttributes(isOk: boolean): readonly Attribute[] {
  return [{ type: XAUTH_ATTRIBUTE.status, value: isOk ? XAUTH_STATUS.ok : XAUTH_STATUS.fail }];
}

/** Whether the status is OK; undefined where there is none. */
export function readStatus(attributes: readonly Attribute[]): boolean | undefined {
  const status = numberOf(attributes, XAUTH_ATTRIBUTE.status);
  return status === undefined ? undefined : status === XAUTH_STATUS.ok;
}

/** Overwrites what is secret in attributes, in the message that they are views of. */
export function wipeCredentials(attributes: readonly Attribute[]): void {
  for (const { type, value } of attributes) {
    if (typeof value !== 'number' && type >= XAUTH_ATTRIBUTE.type && type <= XAUTH_ATTRIBUTE.answer) value.fill(0);
  }
}

/** Any does: it is told with the response. */
const CHAP_IDENTIFIER = 1;

/**
 * A password as RADIUS takes it for a challenge: the identifier, 1 octet, and MD5 of identifier, password and challenge, 16
 * octets (RFC 2865 §5.3).
 */
export function chapPassword(identifier: number, password: Uint8Array, challenge: Uint8Array = NOTHING): Uint8Array {
  const first = Uint8Array.of(identifier);
  return concat(first, hash('md5', first, password, challenge));
}

function withoutNuls(octets: Uint8Array): Uint8Array {
  let end = octets.length;
  while (end > 0 && octets[end - 1] === 0) end--;
  return octets.subarray(0, end);
}

function octetsIn(attributes: readonly Attribute[], wanted: number): Uint8Array | undefined {
  const value = attributes.find(({ type }) => type === wanted)?.value;
  if (typeof value === 'number') return Uint8Array.of(value >> 8, value);
  return value;
}

function numberOf(attributes: readonly Attribute[], wanted: number): number | undefined {
  const attribute = attributes.find(({ type }) => type === wanted);
  return attribute && attributeNumber(attribute);
}

function namesOf<K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] {
  const names: K[] = [];
  for (const name in table) names.push(name);
  return names;
}
