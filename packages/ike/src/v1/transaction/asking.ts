import { type Attribute, CONFIGURATION_TYPE } from '@espalier/wire';
import type { PayloadRules } from '../../exchange/rules.ts';
import type { OpenedMessage, Secret, Transition } from '../../exchange/state.ts';
import type { Answer, QuestionAsked } from '../../questions/question.ts';
import { refuse } from '../../refusals.ts';
import { AwaitsEncrypted } from '../phase2/phase2.ts';
import {
  type Asked,
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

/** What becomes of the answer's attributes. @throws Refusal */
export type ReadReply<Outcome> = (attributes: readonly Attribute[]) => Reaction<Outcome>;

/** HDR*, HASH, ATTR(REQUEST or SET) --> */
export function ask<Outcome>(
  known: TransactionKnowledge,
  { type, attributes }: Asked,
  read: ReadReply<Outcome>,
): TransactionStep<Outcome> {
  const sealed = sealTransaction(known, type, 0, attributes);
  const next = new ExpectTransactionReply({ ...known, iv: sealed.nextIv }, type, read);
  return { next: [next], reply: sealed.octets, outcome: undefined };
}

/** Awaits `HDR*, HASH, ATTR(REPLY)` to a REQUEST, `ATTR(ACK)` to a SET. */
export class ExpectTransactionReply<Outcome> extends AwaitsEncrypted implements TransactionMessageState<Outcome> {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR*, HASH, ATTR(REPLY or ACK)', sends: '', to: 'Finished' },
    { on: 'HDR*, HASH, ATTR(REPLY), and the caller is to judge it', sends: '', to: 'AwaitVerdict' },
  ];
  readonly rules: PayloadRules = TRANSACTION_RULES;
  readonly isHashed = true;
  readonly repeats = true;
  readonly #known: TransactionKnowledge;
  readonly #asked: Asked['type'];
  readonly #read: ReadReply<Outcome>;

  constructor(known: TransactionKnowledge, asked: Asked['type'], read: ReadReply<Outcome>) {
    super(known.context, known.iv);
    this.#known = known;
    this.#asked = asked;
    this.#read = read;
  }

  receive(message: OpenedMessage): TransactionStep<Outcome> {
    const { type, attributes, tolerated } = openTransaction(this.#known, message);
    if (type !== CONFIGURATION_TYPE[this.#asked === 'request' ? 'reply' : 'ack']) refuse('unexpected-message');
    const reaction = this.#read(attributes);
    if (!('asks' in reaction)) return { ...over(reaction), tolerated };
    return { next: [new AwaitVerdict(reaction)], reply: undefined, outcome: undefined, tolerated };
  }
}

/** Awaits what the caller says of the answer. */
export class AwaitVerdict<Outcome> implements TransactionAnswerState<Outcome> {
  static readonly transitions: readonly Transition[] = [{ on: 'the verdict', sends: '', to: 'Finished' }];
  readonly #inquiry: Inquiry<Outcome>;

  constructor(inquiry: Inquiry<Outcome>) {
    this.#inquiry = inquiry;
  }

  get asks(): QuestionAsked {
    return this.#inquiry.asks;
  }

  answer(answer: Answer): TransactionStep<Outcome> {
    const settled = this.#inquiry.answer(answer);
    this.#inquiry.wipe();
    return over(settled);
  }

  get secrets(): readonly Secret[] {
    return [this.#inquiry];
  }
}

function over<Outcome>({ outcome }: Settled<Outcome>): TransactionStep<Outcome> {
  return { next: [], reply: undefined, outcome };
}
