import type { ReceivedMessage } from '../../exchange/message.ts';
import type { Path } from '../../path.ts';
import type { Asker, Questions } from '../../questions/questions.ts';
import type { IkeRefusal } from '../../refusals.ts';
import type { Phase1AnswerState, Phase1State } from './phase1.ts';
import type { Taken } from './retaken.ts';

const NONE: readonly never[] = [];

/** What a phase 1 asks the caller, one question at a time, and about which messages. */
export class Inquiries {
  readonly #questions: Questions;
  #asked: { readonly state: Phase1AnswerState; readonly id: number } | undefined;
  /** What each state that asks is there for. */
  #causes: readonly (readonly [Phase1State, Taken])[] = NONE;
  /** Messages that the caller did not believe, and why they are refused. */
  #unbelieved: readonly (readonly [digest: string, reason: IkeRefusal])[] = NONE;

  constructor(questions: Questions) {
    this.#questions = questions;
  }

  /** Asks what the first state that asks has to know, unless that is asked already: whether there is a new question. */
  ask(states: readonly Phase1State[], asker: Asker, path: Path): boolean {
    if (this.#asked !== undefined && states.includes(this.#asked.state)) return false;
    this.withdraw();
    const [state] = states.flatMap((one) => ('asks' in one ? one : NONE));
    if (state === undefined) return false;
    this.#asked = { state, id: this.#questions.ask(asker, state.asks, path) };
    return true;
  }

  withdraw(): void {
    if (this.#asked !== undefined) this.#questions.withdraw(this.#asked.id);
    this.#asked = undefined;
  }

  /** The state that has asked what is answered now; undefined where nobody has. */
  takeAsked(): Phase1AnswerState | undefined {
    const asked = this.#asked?.state;
    this.#asked = undefined;
    return asked;
  }

  /** The message that a state asks about, and what took it. */
  causeOf(asked: Phase1State): Taken | undefined {
    return this.#causes.find(([state]) => state === asked)?.[1];
  }

  noteCause(state: Phase1State, cause: Taken): void {
    if ('asks' in state && this.causeOf(state) === undefined) this.#causes = [...this.#causes, [state, cause]];
  }

  /** Those alone are left that ask. */
  keep(states: readonly Phase1State[]): void {
    this.#causes = this.#causes.filter(([state]) => states.includes(state));
  }

  /** The caller does not believe the message that a state has asked about. */
  disbelieve(asked: Phase1AnswerState, { message }: Taken, reason: IkeRefusal): void {
    this.#unbelieved = [...this.#unbelieved, [message.digest, reason]];
    this.#causes = this.#causes.filter(([state]) => state !== asked);
  }

  /** Why a message was not believed; undefined where it was not asked about, or is believed so far. */
  whyUnbelieved(digest: string): IkeRefusal | undefined {
    return this.#unbelieved.find(([unbelieved]) => unbelieved === digest)?.[1];
  }

  isAbout(digest: string): boolean {
    return this.#causes.some(([, { message }]) => message.digest === digest);
  }

  /** Messages that were asked about; they are not any more. */
  takeMessages(): readonly ReceivedMessage[] {
    const messages = this.#causes.map(([, { message }]) => message);
    this.#causes = NONE;
    return messages;
  }
}
