import { copyOctets, wipe } from '@espalier/crypto';
import { readAssignedConfiguration, readShortText } from '../configuration/mode-config.ts';
import { defined, readChoice, readObject, readOptional, readSecret } from '../configuration/read.ts';
import { readCredentialNames, readXAuthType } from '../configuration/xauth.ts';
import type { CredentialsAnswer, LeaseAnswer, VerifyCredentialsAnswer } from './transaction-questions.ts';

type Verdict<V extends VerifyCredentialsAnswer['verdict']> = Extract<VerifyCredentialsAnswer, { readonly verdict: V }>;

/** Octets of a challenge. */
const CHALLENGE_MOST = 255;

/** Copies. @throws TypeError or RangeError, as all of these naming the argument. */
export function readCredentials(argument: string, value: unknown): CredentialsAnswer {
  const fields = readObject<CredentialsAnswer>(argument, value);
  const own: { -readonly [K in keyof CredentialsAnswer]: CredentialsAnswer[K] } = { kind: 'credentials' };
  try {
    own.userName = readOptional(`${argument}.userName`, fields.userName, readShortText);
    own.domain = readOptional(`${argument}.domain`, fields.domain, readShortText);
    for (const name of SECRETS) own[name] = readOptional(`${argument}.${name}`, fields[name], readSecret);
    return own;
  } catch (error) {
    wipeCredentials(own);
    throw error;
  }
}

export function wipeCredentials(answer: CredentialsAnswer): void {
  for (const name of SECRETS) {
    const secret = answer[name];
    if (secret !== undefined) wipe(secret);
  }
}

export function readCredentialsVerdict(argument: string, value: unknown): VerifyCredentialsAnswer {
  const { verdict } = readObject<VerifyCredentialsAnswer>(argument, value);
  const kind = 'verify-credentials';
  switch (readChoice(`${argument}.verdict`, verdict, ['accept', 'refuse', 'ask'])) {
    case 'accept': {
      const { user } = readObject<Verdict<'accept'>>(argument, value);
      return { kind, verdict: 'accept', user: readOptional(`${argument}.user`, user, readShortText) };
    }
    case 'refuse': {
      const { message } = readObject<Verdict<'refuse'>>(argument, value);
      return { kind, verdict: 'refuse', message: readOptional(`${argument}.message`, message, readShortText) };
    }
    case 'ask': {
      const { asks, type, message, challenge } = readObject<Verdict<'ask'>>(argument, value);
      return defined<Verdict<'ask'>>({
        kind,
        verdict: 'ask',
        asks: readCredentialNames(`${argument}.asks`, asks),
        type: readOptional(`${argument}.type`, type, readXAuthType),
        message: readOptional(`${argument}.message`, message, readShortText),
        challenge: readOptional(`${argument}.challenge`, challenge, readChallenge),
      });
    }
  }
}

export function readLease(argument: string, value: unknown): LeaseAnswer {
  const { lease } = readObject<LeaseAnswer>(argument, value);
  return { kind: 'lease', lease: readOptional(`${argument}.lease`, lease, readAssignedConfiguration) };
}

function readChallenge(argument: string, value: unknown): Uint8Array {
  const octets = copyOctets(argument, value);
  if (octets.length > CHALLENGE_MOST) throw new RangeError(`${argument}: must have at most ${CHALLENGE_MOST} octets`);
  return octets;
}

const SECRETS = ['password', 'passcode', 'nextPin', 'reply'] as const;
