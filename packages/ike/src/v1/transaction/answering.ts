import type { PayloadRules } from '../../exchange/rules.ts';
import type { OpenedMessage, Secret, Transition } from '../../exchange/state.ts';
import type { Answer, QuestionAsked } from '../../questions/question.ts';
import { refuse } from '../../refusals.ts';
import { areAllowed, type PeerTolerance } from '../../tolerances.ts';
import { AwaitsEncrypted } from '../phase2/phase2.ts';
import {
  type Asked,
  askedBy,
  type Inquiry,
  openTransaction,
  type Reaction,
  type Settled,
  sealTransaction,
  TRANSACTION_RULES,
  type TransactionAnswerState,
  type TransactionKnowledge,
  type TransactionMessageState,
  type TransactionStep,
} from './transaction.ts';

/** With what the peer's transactions are answered. */
export interface TransactionResponder<Outcome> {
  /** @throws Refusal, with nothing changed: the same message may come again, and be answered. */
  react(asked: Asked): Reaction<Outcome>;
}

const FIRST: readonly PeerTolerance[] = [];
/** Some peers say all of XAuth and Mode Config under one message ID. */
const LATER: readonly PeerTolerance[] = ['transactions-under-one-id'];

/** Awaits `HDR*, HASH, ATTR(REQUEST or SET)`; sends `HDR*, HASH, ATTR(REPLY or ACK)`. */
export class ExpectTransaction<Outcome> extends AwaitsEncrypted implements TransactionMessageState<Outcome> {
  static readonly transitions: readonly Transition[] = [
    {
      on: 'HDR*, HASH, ATTR(REQUEST or SET)',
      sends: 'HDR*, HASH, ATTR(REPLY or ACK)',
      to: 'ExpectTransaction',
    },
    { on: 'HDR*, HASH, ATTR(REQUEST), and the caller is to be asked', sends: '', to: 'AwaitTransactionAnswer' },
  ];
  readonly rules: PayloadRules = TRANSACTION_RULES;
  readonly isHashed = true;
  readonly repeats = false;
  readonly #known: TransactionKnowledge;
  readonly #responder: TransactionResponder<Outcome>;
  /** What it takes that there is such a message. */
  readonly #taken: readonly PeerTolerance[];

  constructor(
    known: TransactionKnowledge,
    responder: TransactionResponder<Outcome>,
    taken: readonly PeerTolerance[] = FIRST,
  ) {
    super(known.context, known.iv);
    this.#known = known;
    this.#responder = responder;
    this.#taken = taken;
  }

  receive(message: OpenedMessage): TransactionStep<Outcome> {
    const configuration = openTransaction(this.#known, message);
    if (!areAllowed(this.#taken, this.#known)) refuse('message-id-reused');
    const asked = askedBy(configuration);
    const reaction = this.#responder.react(asked);
    const tolerated = [...this.#taken, ...configuration.tolerated];
    const met: Met<Outcome> = {
      ...this.#known,
      iv: message.nextIv.slice(),
      type: asked.type,
      identifier: configuration.identifier,
      responder: this.#responder,
    };
    if (!('asks' in reaction)) return { ...answerWith(met, reaction), tolerated };
    return { next: [new AwaitTransactionAnswer(met, reaction)], reply: undefined, outcome: undefined, tolerated };
  }
}

/** What the peer has asked for is there. */
interface Met<Outcome> extends TransactionKnowledge {
  readonly type: Asked['type'];
  readonly identifier: number;
  readonly responder: TransactionResponder<Outcome>;
}

/** Awaits what the caller says to a REQUEST; sends `HDR*, HASH, ATTR(REPLY)`. */
export class AwaitTransactionAnswer<Outcome> implements TransactionAnswerState<Outcome> {
  static readonly transitions: readonly Transition[] = [
    { on: 'credentials, or a lease', sends: 'HDR*, HASH, ATTR(REPLY)', to: 'ExpectTransaction' },
  ];
  readonly #met: Met<Outcome>;
  readonly #inquiry: Inquiry<Outcome>;

  constructor(met: Met<Outcome>, inquiry: Inquiry<Outcome>) {
    this.#met = met;
    this.#inquiry = inquiry;
  }

  get asks(): QuestionAsked {
    return this.#inquiry.asks;
  }

  answer(answer: Answer): TransactionStep<Outcome> {
    return answerWith(this.#met, this.#inquiry.answer(answer));
  }

  get secrets(): readonly Secret[] {
    return [this.#inquiry];
  }
}

function answerWith<Outcome>(
  met: Met<Outcome>,
  { attributes, outcome, wipe }: Settled<Outcome>,
): TransactionStep<Outcome> {
  const { context, leniency, type, identifier, responder } = met;
  const sealed = sealTransaction(met, type === 'request' ? 'reply' : 'ack', identifier, attributes);
  wipe?.();
  const next = new ExpectTransaction({ context, iv: sealed.nextIv, leniency }, responder, LATER);
  return { next: [next], reply: sealed.octets, outcome };
}
