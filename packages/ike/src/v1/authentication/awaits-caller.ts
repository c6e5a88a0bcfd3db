import type { Secret } from '../../exchange/state.ts';
import type { NatFindings } from '../../nat/discovery.ts';
import type { Answer, QuestionAsked } from '../../questions/question.ts';
import type { Cookies } from '../cookies.ts';
import type { Phase1AnswerState, Phase1Step } from '../phase1/phase1.ts';
import type { IkeKeys } from '../protection.ts';
import { Pending } from './pending.ts';

/** What is known while the caller is waited for. */
export interface Waiting {
  readonly cookies: Cookies;
  readonly nat: NatFindings | undefined;
  readonly isReached: boolean;
  /** Name of the peer whose shared key is waited for, where that proves it. */
  readonly keyOf?: string;
  /** What tells a peer that is done with phase 1 that it ends there; undefined where the peer still waits. */
  readonly farewell?: () => Uint8Array;
  readonly secrets: readonly Secret[];
  /** Whether the peer has proved who it is. */
  readonly isProved?: boolean;
}

/** What is known where the caller is waited for once there are keys. */
export function whileKeyed({
  cookies,
  nat,
  keys,
}: Pick<Waiting, 'cookies' | 'nat'> & { readonly keys: IkeKeys }): Waiting {
  return { cookies, nat, isReached: true, secrets: [keys] };
}

/** Awaits a shared key, what proves one side to the other, or whom the peer is proved to be, from the caller. */
export abstract class AwaitsCaller implements Phase1AnswerState {
  readonly cookies: Cookies;
  readonly asks: QuestionAsked;
  readonly nat: NatFindings | undefined;
  readonly isReached: boolean;
  readonly keyOf?: string;
  readonly farewell?: () => Uint8Array;
  readonly secrets: readonly Secret[];
  readonly isProved: boolean;
  readonly #answered: (answer: Answer) => Phase1Step;

  constructor({ asks, answered }: Pending<Phase1Step>, waiting: Waiting) {
    this.cookies = waiting.cookies;
    this.asks = asks;
    this.nat = waiting.nat;
    this.isReached = waiting.isReached;
    if (waiting.keyOf !== undefined) this.keyOf = waiting.keyOf;
    if (waiting.farewell !== undefined) this.farewell = waiting.farewell;
    this.#answered = answered;
    this.secrets = waiting.secrets;
    this.isProved = waiting.isProved === true;
  }

  answer(answer: Answer): Phase1Step {
    return this.#answered(answer);
  }
}

/** Goes on at once where a value is known, else where `wait` leads once the caller has answered. */
export function goOn<T>(
  value: T | Pending<T>,
  go: (value: T) => Phase1Step,
  wait: (pending: Pending<Phase1Step>) => Phase1AnswerState,
): Phase1Step {
  if (!(value instanceof Pending)) return go(value);
  const pending = new Pending(value.asks, (answer) => go(value.answered(answer)));
  return { next: [wait(pending)], reply: undefined, outcome: undefined };
}
