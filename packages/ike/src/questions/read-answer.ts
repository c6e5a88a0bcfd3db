import { copyOctets, wipe } from '@espalier/crypto';
import { readIdentification } from '../configuration/addresses.ts';
import { readCertificates } from '../configuration/certificates.ts';
import { readPublicKey } from '../configuration/keys.ts';
import {
  defined,
  readChoice,
  readObject,
  readOptional,
  readSecret,
  readText,
  type Unread,
} from '../configuration/read.ts';
import type { Answer, SharedKeyAnswer, SignAnswer, VerifyChainAnswer } from './question.ts';
import { readCredentials, readCredentialsVerdict, readLease, wipeCredentials } from './read-transaction-answer.ts';

const KINDS: readonly Answer['kind'][] = [
  'shared-key',
  'sign',
  'verify-chain',
  'credentials',
  'verify-credentials',
  'lease',
];

/** Characters of what a caller says of a chain. */
const REASON_MOST = 512;

/** A copy. @throws TypeError or RangeError, naming the argument, for an answer that is none. */
export function readAnswer(argument: string, value: unknown): Answer {
  const { kind } = readObject<Answer>(argument, value);
  switch (readChoice(`${argument}.kind`, kind, KINDS)) {
    case 'shared-key':
      return readSharedKey(argument, readObject(argument, value));
    case 'sign':
      return readSignature(argument, readObject(argument, value));
    case 'verify-chain':
      return readVerdict(argument, readObject(argument, value));
    case 'credentials':
      return readCredentials(argument, value);
    case 'verify-credentials':
      return readCredentialsVerdict(argument, value);
    case 'lease':
      return readLease(argument, value);
  }
}

/** Overwrites what is secret in a copy. */
export function wipeAnswer(answer: Answer): void {
  if (answer.kind === 'shared-key' && answer.key !== undefined) wipe(answer.key);
  if (answer.kind === 'credentials') wipeCredentials(answer);
}

function readSharedKey(argument: string, { key }: Unread<SharedKeyAnswer>): SharedKeyAnswer {
  return { kind: 'shared-key', key: readOptional(`${argument}.key`, key, readSecret) };
}

function readSignature(argument: string, { signature, certificates }: Unread<SignAnswer>): SignAnswer {
  return {
    kind: 'sign',
    signature: readOptional(`${argument}.signature`, signature, copyOctets),
    certificates: readOptional(`${argument}.certificates`, certificates, readCertificates) ?? [],
  };
}

type Verified = Extract<VerifyChainAnswer, { readonly key: unknown }>;
type Refused = Extract<VerifyChainAnswer, { readonly reason: unknown }>;

function readVerdict(argument: string, { key, identity, reason }: Unread<Verified & Refused>): VerifyChainAnswer {
  if ((key === undefined) === (reason === undefined)) {
    throw new TypeError(`${argument}: must have either a key or a reason why there is none`);
  }
  if (key === undefined) {
    return { kind: 'verify-chain', reason: readText(`${argument}.reason`, reason).slice(0, REASON_MOST) };
  }
  return defined<Verified>({
    kind: 'verify-chain',
    key: readPublicKey(`${argument}.key`, key),
    identity: readOptional(`${argument}.identity`, identity, readIdentification),
  });
}
