import { type Attribute, CONFIGURATION_TYPE, type ConfigurationPayload, EXCHANGE } from '@espalier/wire';
import { only, type PayloadRules } from '../../exchange/rules.ts';
import type { AwaitsAnswer, AwaitsMessage, OpenedMessage, Step } from '../../exchange/state.ts';
import type { Answer, QuestionAsked } from '../../questions/question.ts';
import { refuse } from '../../refusals.ts';
import type { Leniency } from '../../tolerances.ts';
import { hash1Of, type Phase2Context, sealPhase2, verifyPhase2 } from '../phase2/phase2.ts';
import type { SealedMessage } from '../protection.ts';
import { type Lenient, readLeniently } from './lenient.ts';

export type TransactionMessageState<Outcome> = AwaitsMessage<TransactionState<Outcome>, Outcome>;
export type TransactionAnswerState<Outcome> = AwaitsAnswer<TransactionState<Outcome>, Outcome>;

/** A state of a Transaction exchange (draft-dukes-ike-mode-cfg-02 §3); `Outcome`: what its messages settle. */
export type TransactionState<Outcome> = TransactionMessageState<Outcome> | TransactionAnswerState<Outcome>;
export type TransactionStep<Outcome> = Step<TransactionState<Outcome>, Outcome>;

/** What is asked for, or set. */
export interface Asked {
  readonly type: 'request' | 'set';
  readonly attributes: readonly Attribute[];
}

/** What attributes lead to: what is answered, and what that settles. Of an answer to this side nothing is answered. */
export interface Settled<Outcome> {
  readonly attributes: readonly Attribute[];
  readonly outcome: Outcome | undefined;
  /** Once they are sealed: overwrites what is secret in them. */
  readonly wipe?: () => void;
}

/** What attributes lead to where only the caller can say it. */
export interface Inquiry<Outcome> {
  readonly asks: QuestionAsked;
  answer(answer: Answer): Settled<Outcome>;
  /** Overwrites what is secret in the question. */
  wipe(): void;
}

export type Reaction<Outcome> = Settled<Outcome> | Inquiry<Outcome>;

/** Of every message: `HDR*, HASH, ATTR`. */
export const TRANSACTION_RULES: PayloadRules = {
  first: ['hash'],
  counts: { hash: [1, 1], configuration: [1, 1] },
};

/** What an exchange of this message ID is run with, the IV of the next message, and what the peer is forgiven. */
export interface TransactionKnowledge {
  readonly context: Phase2Context;
  readonly iv: Uint8Array;
  readonly leniency: Leniency;
}

/** `HDR*, HASH, ATTR` */
export function sealTransaction(
  { context, iv }: Omit<TransactionKnowledge, 'leniency'>,
  type: keyof typeof CONFIGURATION_TYPE,
  identifier: number,
  attributes: readonly Attribute[],
): SealedMessage {
  const configuration: ConfigurationPayload = {
    kind: 'configuration',
    type: CONFIGURATION_TYPE[type],
    identifier,
    attributes,
  };
  // HASH = prf(SKEYID_a, M-ID | ATTR)
  return sealPhase2(context, EXCHANGE.transaction, iv, hash1Of(context), [configuration]);
}

/** The ATTR payload of a message whose hash is right. @throws Refusal */
export function openTransaction(
  { context, leniency }: Omit<TransactionKnowledge, 'iv'>,
  message: OpenedMessage,
): Pick<ConfigurationPayload, 'type' | 'identifier'> & Lenient {
  verifyPhase2(message, hash1Of(context));
  const configuration = only(message.payloads, 'configuration');
  const { type, identifier } = configuration;
  return { type, identifier, ...readLeniently(configuration, leniency) };
}

/** What is asked or set by the peer. @throws Refusal for an answer that nobody has asked for. */
export function askedBy({ type, attributes }: Pick<ConfigurationPayload, 'type' | 'attributes'>): Asked {
  if (type === CONFIGURATION_TYPE.request) return { type: 'request', attributes };
  return type === CONFIGURATION_TYPE.set ? { type: 'set', attributes } : refuse('unexpected-message');
}
