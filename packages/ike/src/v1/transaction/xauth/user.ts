import { copySecret, wipe } from '@espalier/crypto';
import type { Attribute, Identification } from '@espalier/wire';
import { PROMPTS_PER_IKE_SA, XAUTH_ATTEMPTS } from '../../../limits.ts';
import type { Answer } from '../../../questions/question.ts';
import { refuse } from '../../../refusals.ts';
import type { Role, XAuthUser } from '../../../types.ts';
import type { TransactionOutcome } from '../outcome.ts';
import type { Reaction, Settled } from '../transaction.ts';
import { type Credentials, credentialAttributes, type Prompt, readPrompt, statusAttributes } from './attributes.ts';

/** By whom this side is asked. */
interface Asked {
  readonly peer: string;
  readonly role: Role;
  readonly identity: Identification;
}

const NO_CREDENTIALS: Credentials = {
  userName: undefined,
  password: undefined,
  passcode: undefined,
  nextPin: undefined,
  reply: undefined,
  domain: undefined,
};

/** XAuth of this side, which is asked (draft-beaulieu-ike-xauth-02 §3). */
export class User {
  readonly #settings: XAuthUser;
  readonly #asked: Asked;
  #prompts = 0;

  constructor(settings: XAuthUser, asked: Asked) {
    this.#settings = settings;
    this.#asked = asked;
  }

  /** To a REQUEST: at once, where the credentials are configured and nothing else is asked for. @throws Refusal */
  prompted(attributes: readonly Attribute[]): Reaction<TransactionOutcome> {
    if (this.#prompts >= PROMPTS_PER_IKE_SA) return refuse('limit');
    this.#prompts++;
    const prompt = readPrompt(attributes);
    if (prompt === undefined) return lacking('no-credentials');
    const { userName, password } = this.#settings;
    const isSimple = prompt.asks.every((one) => one === 'user-name' || one === 'password');
    const isKnown = prompt.type === 'generic' || prompt.type === 'radius-chap';
    if (userName !== undefined && password !== undefined && isSimple && isKnown) {
      if (this.#prompts > XAUTH_ATTEMPTS) return lacking('xauth-failed');
      return giving(attributes, prompt, { ...NO_CREDENTIALS, userName, password: copySecret('password', password) });
    }
    return {
      asks: { kind: 'credentials', ...this.#asked, ...prompt, attempt: this.#prompts },
      answer: (answer) => answered(attributes, prompt, answer, userName),
      wipe: () => {},
    };
  }
}

function answered(
  asked: readonly Attribute[],
  prompt: Prompt,
  answer: Answer,
  configured: string | undefined,
): Settled<TransactionOutcome> {
  if (answer.kind !== 'credentials') return lacking('no-credentials');
  const { kind, ...given } = answer;
  if (Object.values(given).every((one) => one === undefined)) return lacking('no-credentials');
  const { password, passcode, nextPin, reply } = given;
  const copy = (secret: Uint8Array | undefined): Uint8Array | undefined => secret && copySecret(kind, secret);
  return giving(asked, prompt, {
    userName: given.userName ?? (prompt.asks.includes('user-name') ? configured : undefined),
    password: copy(password),
    passcode: copy(passcode),
    nextPin: copy(nextPin),
    reply: copy(reply),
    domain: given.domain,
  });
}

function giving(asked: readonly Attribute[], prompt: Prompt, credentials: Credentials): Settled<TransactionOutcome> {
  const attributes = credentialAttributes(asked, prompt, credentials);
  const { password, passcode, nextPin, reply } = credentials;
  return {
    attributes,
    outcome: { kind: 'credentials-given' },
    wipe: () => {
      for (const secret of [password, passcode, nextPin, reply]) if (secret !== undefined) wipe(secret);
    },
  };
}

/** The gateway is told that there is no more to come (draft-beaulieu-ike-xauth-02 §3.2). */
function lacking(reason: 'no-credentials' | 'xauth-failed'): Settled<TransactionOutcome> {
  return { attributes: statusAttributes(false), outcome: { kind: 'credentials-lacking', reason } };
}
