import type { Established, Phase1MessageState } from '../../src/v1/phase1/phase1.ts';
import type { FirstQuickStep } from '../../src/v1/quick-mode/quick.ts';
import { Forger } from './forger.ts';

/** The messages of a Main Mode with a pre-shared key and a Quick Mode, as an initiator sends them. */
export const STEPS = ['MM1', 'MM3', 'MM5', 'QM1', 'QM3'] as const;
export type Step = (typeof STEPS)[number];
export const ANSWERED: readonly Step[] = ['MM1', 'MM3', 'MM5', 'QM1'];

/** An initiator that is asked for its next message, and told the answer. */
export class Initiator {
  readonly forger: Forger;
  readonly sent: Uint8Array[] = [];
  readonly answers: (Uint8Array | undefined)[] = [];
  #phase1: Phase1MessageState | undefined;
  #sa: Established | undefined;
  #quick: FirstQuickStep | undefined;
  #next: Uint8Array | undefined;

  constructor(seed: number) {
    this.forger = new Forger({}, seed);
    const { state, octets } = this.forger.start();
    this.#phase1 = state;
    this.#next = octets;
  }

  get next(): Uint8Array {
    if (this.#next === undefined) throw new Error('the exchange is over');
    return this.#next;
  }

  /** The next message was accepted. */
  accepted(answer: Uint8Array | undefined): void {
    this.sent.push(this.next);
    this.answers.push(answer);
    this.#next = answer === undefined ? undefined : this.#follow(answer);
  }

  #follow(answer: Uint8Array): Uint8Array | undefined {
    if (this.#quick !== undefined && this.#sa !== undefined) {
      return this.forger.confirm(this.#quick, answer).reply;
    }
    if (this.#phase1 === undefined) return undefined;
    const { state, sa, octets } = this.forger.answer(this.#phase1, answer);
    if (sa === undefined) {
      this.#phase1 = state;
      return octets;
    }
    this.#sa = sa;
    this.#quick = this.forger.quick(this.#sa, 0x01020304);
    return this.#quick.reply ?? undefined;
  }
}
