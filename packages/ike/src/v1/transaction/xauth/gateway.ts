import { copyOctets, wipe } from '@espalier/crypto';
import type { Attribute, Identification } from '@espalier/wire';
import { PROMPTS_PER_IKE_SA, XAUTH_ATTEMPTS } from '../../../limits.ts';
import type { VerifyCredentialsAnswer } from '../../../questions/transaction-questions.ts';
import { randomOctets } from '../../../runtime/random.ts';
import type { Role, XAuthGateway } from '../../../types.ts';
import type { TransactionOutcome } from '../outcome.ts';
import type { Asked, Reaction } from '../transaction.ts';
import {
  type Prompt,
  promptAttributes,
  readCredentials,
  readStatus,
  statusAttributes,
  wipeCredentials,
} from './attributes.ts';

/** Whom a user is asked for. */
interface Asking {
  readonly peer: string;
  readonly role: Role;
  readonly identity: Identification;
}

/** What follows a verdict. */
export type NextOfVerdict =
  | { readonly kind: 'prompt'; readonly asked: Asked }
  | { readonly kind: 'accepted'; readonly asked: Asked; readonly user: string | undefined }
  | { readonly kind: 'refused'; readonly asked: Asked };

const CHALLENGE_OCTETS = 16;

/** XAuth of the side that asks (draft-beaulieu-ike-xauth-02 §3). */
export class Questioner {
  readonly #settings: XAuthGateway;
  readonly #asking: Asking;
  readonly #rng: Parameters<typeof randomOctets>[0];
  #prompt: Prompt;
  #prompts = 1;
  /** Counts from 1. */
  #attempt = 1;

  constructor(settings: XAuthGateway, asking: Asking, rng: Parameters<typeof randomOctets>[0]) {
    const { type = 'generic', asks = ['user-name', 'password'], message } = settings;
    this.#settings = settings;
    this.#asking = asking;
    this.#rng = rng;
    this.#prompt = { type, asks, message, challenge: this.#challengeOf(type) };
  }

  /** REQUEST */
  get request(): Asked {
    return { type: 'request', attributes: promptAttributes(this.#prompt) };
  }

  /** What the user has replied is for the caller to judge. `keepsNuls`: those behind a secret are of it. */
  replied(attributes: readonly Attribute[], keepsNuls = false): Reaction<TransactionOutcome> {
    if (readStatus(attributes) === false) return { attributes: [], outcome: { kind: 'user-gives-up' } };
    const { type, challenge } = this.#prompt;
    const credentials = readCredentials(attributes, keepsNuls);
    wipeCredentials(attributes);
    const { userName, password, passcode, nextPin, reply } = credentials;
    return {
      asks: {
        kind: 'verify-credentials',
        ...this.#asking,
        type,
        ...credentials,
        challenge: challenge && copyOctets('challenge', challenge),
        attempt: this.#attempt,
      },
      answer: (answer) => {
        const verdict: VerifyCredentialsAnswer =
          answer.kind === 'verify-credentials' ? answer : { kind: 'verify-credentials', verdict: 'refuse' };
        return { attributes: [], outcome: { kind: 'verdict', verdict, userName } };
      },
      wipe: () => {
        for (const secret of [password, passcode, nextPin, reply]) if (secret !== undefined) wipe(secret);
      },
    };
  }

  judged(verdict: VerifyCredentialsAnswer, userName: string | undefined): NextOfVerdict {
    if (verdict.verdict === 'accept') return { kind: 'accepted', asked: status(true), user: verdict.user ?? userName };
    if (verdict.verdict === 'refuse') {
      if (this.#attempt >= (this.#settings.attempts ?? XAUTH_ATTEMPTS))
        return { kind: 'refused', asked: status(false) };
      this.#attempt++;
    }
    if (this.#prompts >= PROMPTS_PER_IKE_SA) return { kind: 'refused', asked: status(false) };
    this.#prompts++;
    const { message } = verdict;
    if (verdict.verdict === 'ask') {
      const { asks, type = this.#prompt.type, challenge = this.#challengeOf(type) } = verdict;
      this.#prompt = { type, asks, message, challenge };
    } else {
      const { type, asks, message: before, challenge } = this.#prompt;
      this.#prompt = { type, asks, message: message ?? before, challenge: this.#challengeOf(type) ?? challenge };
    }
    return { kind: 'prompt', asked: this.request };
  }

  /** Drawn anew each time: what has answered one is no answer to another (RFC 2865 §2.2). Of other types it is the caller's. */
  #challengeOf(type: Prompt['type']): Uint8Array | undefined {
    return type === 'radius-chap' ? randomOctets(this.#rng, CHALLENGE_OCTETS) : undefined;
  }
}

function status(isOk: boolean): Asked {
  return { type: 'set', attributes: statusAttributes(isOk) };
}
