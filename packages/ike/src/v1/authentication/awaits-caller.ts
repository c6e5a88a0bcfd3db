import type { NatFindings } from '../../nat/discovery.ts';
import type { Answer, QuestionAsked } from '../../questions/question.ts';
import type { Cookies } from '../cookies.ts';
import type { Phase1AnswerState, Phase1MessageState, Phase1Step } from '../phase1.ts';
import type { IkeKeys } from '../protection.ts';
import { Pending } from './pending.ts';

/** What is known while the caller is waited for. */
export interface Waiting {
  readonly cookies: Cookies;
  readonly nat: NatFindings | undefined;
  readonly isReached: boolean;
  /** Where it goes back to if what came is not the peer's, because nothing protects it; undefined where that ends it. */
  readonly back?: () => Phase1MessageState;
  /** What tells a peer that is done with phase 1 that it ends there; undefined where the peer still waits. */
  readonly farewell?: () => Uint8Array;
  /** Overwrites the secrets, when the exchange ends there. */
  wipe(): void;
}

/** What is known where the caller is waited for once there are keys. */
export function whileKeyed({
  cookies,
  nat,
  keys,
}: Pick<Waiting, 'cookies' | 'nat'> & { readonly keys: IkeKeys }): Waiting {
  return { cookies, nat, isReached: true, wipe: () => keys.wipe() };
}

/** Awaits what proves one side to the other, or whom the peer is proved to be, from the caller. */
export abstract class AwaitsCaller implements Phase1AnswerState {
  readonly cookies: Cookies;
  readonly asks: QuestionAsked;
  readonly nat: NatFindings | undefined;
  readonly isReached: boolean;
  readonly farewell?: () => Uint8Array;
  readonly back?: () => Phase1MessageState;
  readonly #answered: (answer: Answer) => Phase1Step;
  readonly #wipe: () => void;

  constructor({ asks, answered }: Pending<Phase1Step>, waiting: Waiting) {
    this.cookies = waiting.cookies;
    this.asks = asks;
    this.nat = waiting.nat;
    this.isReached = waiting.isReached;
    if (waiting.farewell !== undefined) this.farewell = waiting.farewell;
    if (waiting.back !== undefined) this.back = waiting.back;
    this.#answered = answered;
    this.#wipe = () => waiting.wipe();
  }

  answer(answer: Answer): Phase1Step {
    return this.#answered(answer);
  }

  wipe(): void {
    this.#wipe();
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
