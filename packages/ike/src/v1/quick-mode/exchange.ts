import { after, type IsakmpHeader, type Spi } from '@espalier/wire';
import type { ReceivedMessage } from '../../exchange/message.ts';
import { checkPayloads } from '../../exchange/rules.ts';
import { FINISHED_EXCHANGE_LIFETIME } from '../../limits.ts';
import type { Environment } from '../../runtime/environment.ts';
import { NO_ANSWER, Retransmission } from '../../runtime/retransmission.ts';
import type { Timer } from '../../runtime/timers.ts';
import type { ChildPolicy } from '../../types.ts';
import type { IkeKeys } from '../protection.ts';
import { openBody } from '../protection.ts';
import { QuickFinished } from './finished.ts';
import { ExpectQuickReply } from './initiator.ts';
import type { ChildAgreement, QuickState, QuickStep } from './quick.ts';
import { ExpectQuickConfirm } from './responder.ts';

/** What a Quick Mode tells the session that runs it. */
export interface QuickExchangeOwner {
  send(octets: Uint8Array): void;
  /** A message came again: its answer is sent again. @throws Refusal */
  repeat(message: ReceivedMessage, answer: Uint8Array): void;
  /** A message is new and authentic. */
  verified(message: ReceivedMessage): void;
  /** As responder: the child is settled and may receive. */
  negotiated(exchange: QuickExchange, agreement: ChildAgreement): void;
  /** Both directions may be used. */
  established(exchange: QuickExchange, agreement: ChildAgreement): void;
  failed(exchange: QuickExchange, reason: string): void;
  /** Nothing more is expected of it, not even to repeat itself. */
  forgotten(exchange: QuickExchange): void;
}

/** One Quick Mode: its state, its cached answers, its retransmission. */
export class QuickExchange {
  readonly messageId: number;
  readonly #environment: Environment;
  readonly #owner: QuickExchangeOwner;
  readonly #keys: IkeKeys;
  readonly #answers = new Map<string, Uint8Array>();
  #state: QuickState;
  #retransmission: Retransmission | undefined;
  #forgetting: Timer | undefined;

  constructor(
    messageId: number,
    keys: IkeKeys,
    environment: Environment,
    owner: QuickExchangeOwner,
    state: QuickState,
  ) {
    this.messageId = messageId;
    this.#keys = keys;
    this.#environment = environment;
    this.#owner = owner;
    this.#state = state;
  }

  /** The SPI offered here or chosen here; undefined once the exchange is over. */
  get inbound(): Spi | undefined {
    if (this.#state instanceof ExpectQuickReply) return this.#state.inbound;
    if (this.#state instanceof ExpectQuickConfirm) return this.#state.agreement.inbound.spi;
    return undefined;
  }

  get policy(): ChildPolicy | undefined {
    if (this.#state instanceof ExpectQuickReply) return this.#state.policy;
    if (this.#state instanceof ExpectQuickConfirm) return this.#state.agreement.policy;
    return undefined;
  }

  get isInProgress(): boolean {
    return !(this.#state instanceof QuickFinished);
  }

  /** Whether this side started it and the peer has not answered. */
  get awaitsReply(): boolean {
    return this.#state instanceof ExpectQuickReply;
  }

  /** Sends the first message. */
  start(step: QuickStep): void {
    this.#take(step, undefined);
  }

  /** @throws Refusal, with nothing changed. */
  receive(message: ReceivedMessage): void {
    const { header, octets, digest } = message;
    const answer = this.#answers.get(digest);
    if (answer !== undefined) {
      this.#owner.repeat(message, answer);
      return;
    }
    const step = this.#next(header, octets);
    this.#owner.verified(message);
    this.#take(step, digest);
  }

  /** A packet of the child came, which only a peer that has message 2 can have sealed. */
  confirm(): void {
    const state = this.#state;
    if (!(state instanceof ExpectQuickConfirm)) return;
    this.#take({ next: new QuickFinished(state.iv), reply: undefined, agreement: state.agreement }, undefined);
  }

  fail(reason: string): void {
    if (!this.isInProgress) return;
    this.#owner.failed(this, reason);
    this.drop();
  }

  /** Forgets everything without a word. */
  drop(): void {
    this.#retransmission?.stop();
    this.#environment.timers.cancel(this.#forgetting);
    this.#state.wipe();
    this.#owner.forgotten(this);
  }

  #next(header: IsakmpHeader, octets: Uint8Array): QuickStep {
    const body = openBody(this.#keys.cipher, this.#state.iv, header, octets);
    checkPayloads(this.#state.rules, body.payloads);
    return this.#state.receive(body);
  }

  #take({ next, reply, agreement }: QuickStep, digest: string | undefined): void {
    this.#retransmission?.stop();
    this.#state = next;
    const isOver = next instanceof QuickFinished;
    if (isOver) this.#forgetLater();
    if (agreement !== undefined) {
      if (isOver) this.#owner.established(this, agreement);
      else this.#owner.negotiated(this, agreement);
    }
    if (reply === undefined) return;
    if (digest !== undefined) this.#answers.set(digest, reply);
    this.#owner.send(reply);
    if (next.repeats) this.#repeat(reply);
  }

  #repeat(octets: Uint8Array): void {
    this.#retransmission = new Retransmission(
      this.#environment,
      () => this.#owner.send(octets),
      () => this.fail(NO_ANSWER),
    );
  }

  #forgetLater(): void {
    const { timers, now } = this.#environment;
    this.#forgetting = timers.set(after(now, FINISHED_EXCHANGE_LIFETIME), 'exchange-forgotten', () => this.drop());
  }
}
