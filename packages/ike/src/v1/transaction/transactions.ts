import { Exchange } from '../../exchange/exchange.ts';
import type { ReceivedMessage } from '../../exchange/message.ts';
import type { Heeded } from '../../exchange/state.ts';
import { REQUESTS_PER_TRANSACTION, TRANSACTIONS_PER_IKE_SA } from '../../limits.ts';
import type { Answer, QuestionAsked } from '../../questions/question.ts';
import type { Asker } from '../../questions/questions.ts';
import { refuse } from '../../refusals.ts';
import type { Established } from '../phase1/phase1.ts';
import type { OtherExchanges, Phase2Host } from '../phase2/host.ts';
import { hear } from '../phase2/notices.ts';
import { firstIv, messageIdOf } from '../phase2/phase2.ts';
import { ExpectTransaction, type TransactionResponder } from './answering.ts';
import { ask, type ReadReply } from './asking.ts';
import type { TransactionOutcome } from './outcome.ts';
import type { Asked, TransactionKnowledge, TransactionState, TransactionStep } from './transaction.ts';

/** Whose the transactions of an IKE SA are. */
export interface TransactionOwner extends TransactionResponder<TransactionOutcome> {
  settled(outcome: TransactionOutcome): void;
  /** What this side asked or set has had no answer, or the caller's was no use. */
  unanswered(): void;
  /** Too many ask the caller. */
  crowdedOut(): void;
}

type State = TransactionState<TransactionOutcome>;
type TransactionExchange = Exchange<State, TransactionOutcome>;
type Step = TransactionStep<TransactionOutcome>;

/** An exchange, how much it has carried, and the question that it waits for. */
interface Running {
  readonly exchange: TransactionExchange;
  readonly isOurs: boolean;
  requests: number;
  question: number | undefined;
}

/** The Transaction exchanges of one IKE SA, told apart by their message IDs (draft-dukes-ike-mode-cfg-02 §3). */
export class Transactions {
  readonly #host: Phase2Host;
  readonly #others: OtherExchanges;
  readonly #sa: Established;
  readonly #owner: TransactionOwner;
  readonly #running = new Map<number, Running>();

  constructor(host: Phase2Host, others: OtherExchanges, sa: Established, owner: TransactionOwner) {
    this.#host = host;
    this.#others = others;
    this.#sa = sa;
    this.#owner = owner;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Whether the caller has been asked and has not answered. */
  get isAsking(): boolean {
    return [...this.#running.values()].some(({ question }) => question !== undefined);
  }

  /** A new exchange, under a message ID of its own. */
  ask(asked: Asked, read: ReadReply<TransactionOutcome>): void {
    const known = this.#known(this.#others.draw());
    this.#start(known, ask(known, asked, read));
  }

  /** An exchange that begins with what the caller says. */
  begin(make: (known: TransactionKnowledge) => State): void {
    const known = this.#known(this.#others.draw());
    this.#start(known, { next: [make(known)], reply: undefined, outcome: undefined });
  }

  /** @throws Refusal, with nothing changed. */
  receive(message: ReceivedMessage): void {
    const messageId = messageIdOf(message);
    const running = this.#running.get(messageId);
    if (running === undefined) this.#answer(message);
    else this.#continue(running, message);
  }

  /** Leaves everything unfinished. */
  drop(): void {
    for (const running of [...this.#running.values()]) this.#forget(running);
  }

  #known(messageId: number): TransactionKnowledge {
    const { cookies, keys, terms } = this.#sa;
    return { context: { cookies, keys, messageId }, iv: firstIv(this.#sa, messageId), leniency: terms.leniency };
  }

  #start({ context: { messageId } }: TransactionKnowledge, step: Step): void {
    const [state] = step.next;
    if (state === undefined) return;
    const running = this.#run(messageId, state, true);
    this.#running.set(messageId, running);
    this.#take(running, step, undefined);
  }

  #run(messageId: number, state: State, isOurs: boolean): Running {
    const exchange: TransactionExchange = new Exchange(messageId, this.#host, state, () => this.#owner.unanswered());
    return { exchange, isOurs, requests: 0, question: undefined };
  }

  #answer(message: ReceivedMessage): void {
    const { messageId } = message.header;
    if (this.#others.has(messageId)) refuse('message-id-reused');
    if (this.#others.isFull) refuse('limit');
    const running = this.#run(messageId, new ExpectTransaction(this.#known(messageId), this.#owner), false);
    const step = running.exchange.next(message);
    this.#host.verified(message);
    this.#makeRoom();
    this.#running.set(messageId, running);
    this.#others.remember(messageId);
    // Who begins anew does not wait for the answer to what they began before.
    for (const other of this.#waiting) if (other !== running) this.#forget(other);
    this.#heed(running, step, message);
  }

  #continue(running: Running, message: ReceivedMessage): void {
    const { exchange } = running;
    const answer = exchange.answerTo(message.digest);
    if (answer !== undefined) this.#host.repeat(message, answer);
    if (answer !== undefined || exchange.isPending(message.digest)) return;
    if (running.requests >= REQUESTS_PER_TRANSACTION) refuse('limit');
    const step = exchange.next(message);
    this.#host.verified(message);
    this.#heed(running, step, message);
  }

  #heed(running: Running, step: Heeded<State, TransactionOutcome>, { digest }: ReceivedMessage): void {
    this.#take(running, step, digest);
    this.#host.tolerate(step.tolerated);
    hear(step.heard, this.#host, this.#others);
  }

  #take(running: Running, step: Step, digest: string | undefined): void {
    const { exchange } = running;
    running.requests++;
    this.#withdraw(running);
    exchange.take(step, digest);
    const asked = exchange.question;
    if (asked !== undefined) this.#question(running, asked);
    const isOver = step.next.length === 0 || (!running.isOurs && asked === undefined);
    if (isOver) exchange.linger(() => this.#forget(running));
    if (step.outcome !== undefined) this.#owner.settled(step.outcome);
  }

  #question(running: Running, asked: QuestionAsked): void {
    const { environment, path } = this.#host;
    const asker: Asker = {
      isReached: true,
      answered: (answer) => this.#answered(running, answer),
      crowdedOut: () => this.#owner.crowdedOut(),
    };
    running.question = environment.questions.ask(asker, asked, path);
  }

  #answered(running: Running, answer: Answer): undefined {
    running.question = undefined;
    const step = running.exchange.answered(answer);
    this.#take(running, step, undefined);
  }

  /** Of the peer's, those whose answers wait for the caller. */
  get #waiting(): readonly Running[] {
    return [...this.#running.values()].filter(({ isOurs, question }) => !isOurs && question !== undefined);
  }

  /** The oldest of the peer's gives way. */
  #makeRoom(): void {
    const theirs = [...this.#running.values()].filter(({ isOurs }) => !isOurs);
    const [oldest] = theirs;
    if (oldest !== undefined && theirs.length >= TRANSACTIONS_PER_IKE_SA) this.#forget(oldest);
  }

  #withdraw(running: Running): void {
    if (running.question !== undefined) this.#host.environment.questions.withdraw(running.question);
    running.question = undefined;
  }

  #forget(running: Running): void {
    this.#withdraw(running);
    running.exchange.drop();
    this.#running.delete(running.exchange.messageId);
    this.#others.rest();
  }
}
