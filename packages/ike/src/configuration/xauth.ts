import { XAUTH_ATTEMPTS_MOST } from '../limits.ts';
import type { Credential, PeerConfig, XAuth, XAuthGateway, XAuthType, XAuthUser } from '../types.ts';
import { hasXAuth, provesUser } from '../v1/authentication/xauth.ts';
import { readShortText } from './mode-config.ts';
import {
  defined,
  readBoolean,
  readChoice,
  readInteger,
  readList,
  readObject,
  readOptional,
  readSecret,
} from './read.ts';

const TYPES: readonly XAuthType[] = ['generic', 'radius-chap', 'otp', 's/key'];
const CREDENTIALS: readonly Credential[] = ['user-name', 'password', 'passcode', 'next-pin', 'reply', 'domain'];

/** The password is a copy of our own. @throws TypeError or RangeError naming the argument. */
export function readXAuth(argument: string, value: unknown): XAuth {
  const { side } = readObject<XAuth>(argument, value);
  return readChoice(`${argument}.side`, side, ['user', 'gateway']) === 'user'
    ? readUser(argument, value)
    : readGateway(argument, value);
}

/** @throws RangeError where by a proposal nobody is asked whom a gateway is to ask, or not each time who has proved nothing. */
export function checkXAuth(argument: string, { name, proposals }: PeerConfig, { side, onRenewal }: XAuth): void {
  for (const [i, proposal] of proposals.entries()) {
    const at = `${argument}.proposals[${i}].authentication: of peer ${name}`;
    if (side === 'gateway' && !hasXAuth(proposal))
      throw new RangeError(`${at} lets in whom xauth.side 'gateway' is to ask`);
    if (onRenewal !== false || provesUser(proposal)) continue;
    throw new RangeError(`${at} proves no user, who is to be asked again: xauth.onRenewal is false`);
  }
}

export function readXAuthType(argument: string, value: unknown): XAuthType {
  return readChoice(argument, value, TYPES);
}

export function readCredentialNames(argument: string, value: unknown): readonly Credential[] {
  return readList(argument, value, CREDENTIALS.length, (at, one) => readChoice(at, one, CREDENTIALS));
}

function readUser(argument: string, value: unknown): XAuthUser {
  const { userName, password, onRenewal } = readObject<XAuthUser>(argument, value);
  return defined<XAuthUser>({
    side: 'user',
    userName: readOptional(`${argument}.userName`, userName, readShortText),
    onRenewal: readOptional(`${argument}.onRenewal`, onRenewal, readBoolean),
    // Last, so that no copy is left of what is refused.
    password: readOptional(`${argument}.password`, password, readSecret),
  });
}

function readGateway(argument: string, value: unknown): XAuthGateway {
  const { type, asks, message, attempts, onRenewal } = readObject<XAuthGateway>(argument, value);
  return defined<XAuthGateway>({
    side: 'gateway',
    type: readOptional(`${argument}.type`, type, readXAuthType),
    asks: readOptional(`${argument}.asks`, asks, readCredentialNames),
    message: readOptional(`${argument}.message`, message, readShortText),
    attempts: readOptional(`${argument}.attempts`, attempts, (at, one) => readInteger(at, one, 1, XAUTH_ATTEMPTS_MOST)),
    onRenewal: readOptional(`${argument}.onRenewal`, onRenewal, readBoolean),
  });
}
