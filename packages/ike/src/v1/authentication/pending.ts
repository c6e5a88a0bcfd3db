import type { Answer, QuestionAsked } from '../../questions/question.ts';

/** What only an answer of the caller gives. */
export class Pending<T> {
  readonly asks: QuestionAsked;
  /** @throws Refusal, which ends the exchange. */
  readonly answered: (answer: Answer) => T;

  constructor(asks: QuestionAsked, answered: (answer: Answer) => T) {
    this.asks = asks;
    this.answered = answered;
  }
}
