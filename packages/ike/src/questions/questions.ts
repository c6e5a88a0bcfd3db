import type { Path } from '../peer/path.ts';
import type { Answer, Question, QuestionAsked } from './question.ts';

/** Who asked, and waits for the answer. */
export interface Asker {
  answered(answer: Answer): void;
}

/** What the caller has been asked and has not answered. */
export class Questions {
  readonly #waiting: Question[] = [];
  readonly #askers = new Map<number, Asker>();
  #count = 0;

  /** Questions that the caller has not taken yet. */
  get length(): number {
    return this.#waiting.length;
  }

  /** The number by which it is answered, or withdrawn. */
  ask(asker: Asker, asked: QuestionAsked, { local, remote }: Path): number {
    this.#count += 1;
    this.#askers.set(this.#count, asker);
    this.#waiting.push({ ...asked, id: this.#count, local, remote });
    return this.#count;
  }

  /** Nobody waits for the answer any more. */
  withdraw(id: number): void {
    this.#askers.delete(id);
    const at = this.#waiting.findIndex((question) => question.id === id);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  take(): Question | undefined {
    return this.#waiting.shift();
  }

  /** Who waits for an answer; asked for once. */
  takeAsker(id: number): Asker | undefined {
    const asker = this.#askers.get(id);
    this.#askers.delete(id);
    return asker;
  }
}
