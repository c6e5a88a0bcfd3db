import {
  type DeletePayload,
  NOTIFY,
  type NotificationPayload,
  OAKLEY_ATTRIBUTE,
  type Payload,
  PROTOCOL_ID,
  type Spi,
} from '@espalier/wire';
import { isEncrypted, type ReceivedMessage } from '../exchange/message.ts';
import { all } from '../exchange/rules.ts';
import { MESSAGE_IDS_PER_SESSION, QUICK_MODES_PER_SESSION } from '../limits.ts';
import { refuse } from '../refusals.ts';
import type { Environment } from '../runtime/environment.ts';
import { randomMessageId } from '../runtime/random.ts';
import type { ChildPolicy } from '../types.ts';
import { errorName, openInformational } from './informational/informational.ts';
import { probeNotification, readProbe } from './informational/probe.ts';
import { type Lifetimes, readResponderLifetime } from './informational/responder-lifetime.ts';
import type { EstablishedFields } from './phase1.ts';
import { firstIv, sealInformational } from './phase2.ts';
import { spiFrom } from './proposals/phase2.ts';
import { QuickExchange, type QuickExchangeOwner } from './quick-mode/exchange.ts';
import { startQuickMode } from './quick-mode/initiator.ts';
import { ExpectQuick, type QuickResponder } from './quick-mode/responder.ts';

/** What the exchanges of phase 2 tell the session that protects them. */
export interface Phase2Owner extends QuickExchangeOwner {
  readonly responder: QuickResponder;
  deleteReceived(payload: DeletePayload): void;
  notified(notification: NotificationPayload): void;
  alive(): void;
  acknowledged(sequence: number): void;
  /** The peer uses a shorter lifetime of the IKE SA. */
  lifetimeTold(lifetimes: Lifetimes): void;
  /** Half of the message IDs are spent. */
  worn(): void;
}

/** The exchanges of one established IKE SA, told apart by their message IDs (RFC 2409 §5.5 and §5.7). */
export class Phase2Exchanges {
  readonly #environment: Environment;
  readonly #sa: EstablishedFields;
  readonly #owner: Phase2Owner;
  readonly #exchanges = new Map<number, QuickExchange>();
  readonly #messageIds = new Set<number>();
  /** Of the newest R-U-THERE. */
  #probed: number | undefined;

  constructor(environment: Environment, sa: EstablishedFields, owner: Phase2Owner) {
    this.#environment = environment;
    this.#sa = sa;
    this.#owner = owner;
  }

  get inProgress(): number {
    return this.#all.filter(({ isInProgress }) => isInProgress).length;
  }

  /** Whether this side has started a Quick Mode for a policy that the peer has not answered. */
  isNegotiating(policy: ChildPolicy): boolean {
    return this.#all.some((exchange) => exchange.awaitsReply && exchange.policy === policy);
  }

  hasOffered(value: number): boolean {
    return this.#all.some(({ inbound }) => inbound === value);
  }

  /** False where too many are in progress. */
  startQuickMode(policy: ChildPolicy, inbound: Spi): boolean {
    if (!this.#hasRoom()) return false;
    const messageId = this.#drawMessageId();
    const context = { ...this.#sa, messageId };
    const step = startQuickMode(context, firstIv(this.#sa, messageId), policy, inbound, this.#environment);
    const exchange = new QuickExchange(messageId, this.#sa.keys, this.#environment, this.#owner, step.next);
    this.#exchanges.set(messageId, exchange);
    exchange.start(step);
    return true;
  }

  /** A packet of the child with this SPI came: its Quick Mode is over, whatever became of message 3. */
  confirm(inbound: Spi): void {
    this.#all.find((exchange) => exchange.inbound === inbound)?.confirm();
  }

  inform(payloads: readonly Payload[]): void {
    this.#owner.send(sealInformational(this.#sa, this.#drawMessageId(), payloads));
  }

  /** Tells the peer of a refusal. The message ID is used up: who sends this back to us has not said it. */
  tell(messageId: number, notification: NotificationPayload): void {
    this.#remember(messageId);
    this.#owner.send(sealInformational(this.#sa, messageId, [notification]));
  }

  forget(exchange: QuickExchange): void {
    this.#exchanges.delete(exchange.messageId);
  }

  /** Leaves everything unfinished; the owner is told of it. */
  drop(reason: string): void {
    for (const exchange of this.#all) {
      if (exchange.isInProgress) exchange.fail(reason);
      else exchange.drop();
    }
  }

  /** @throws Refusal, with nothing changed. */
  receiveQuick(message: ReceivedMessage): void {
    const { messageId } = message.header;
    if (!isEncrypted(message.header)) refuse('not-encrypted');
    if (messageId === 0) refuse('invalid-message-id');
    const known = this.#exchanges.get(messageId);
    if (known !== undefined) known.receive(message);
    else this.#answerQuick(message);
  }

  /** @throws Refusal, with nothing changed. */
  receiveInformational(message: ReceivedMessage): void {
    const { messageId } = message.header;
    if (messageId === 0) refuse('invalid-message-id');
    if (this.#messageIds.has(messageId)) refuse('message-id-reused');
    if (this.#messageIds.size >= MESSAGE_IDS_PER_SESSION) refuse('limit');
    const payloads = openInformational(this.#sa, message);
    this.#remember(messageId);
    this.#owner.verified(message);
    const notifications = all(payloads, 'notification');
    // An old R-U-THERE-ACK, held back on its way, must not pass for a sign of life (RFC 3706 §6.1).
    if (!notifications.some(({ notifyType }) => notifyType === NOTIFY['R-U-THERE-ACK'])) this.#owner.alive();
    for (const notification of notifications) this.#obey(notification);
    for (const payload of all(payloads, 'delete')) this.#owner.deleteReceived(payload);
  }

  get #all(): readonly QuickExchange[] {
    return [...this.#exchanges.values()];
  }

  #answerQuick(message: ReceivedMessage): void {
    const { messageId } = message.header;
    if (this.#messageIds.has(messageId)) refuse('message-id-reused');
    if (!this.#hasRoom()) refuse('limit');
    const context = { ...this.#sa, messageId };
    const state = new ExpectQuick(context, firstIv(this.#sa, messageId), this.#owner.responder);
    const exchange = new QuickExchange(messageId, this.#sa.keys, this.#environment, this.#owner, state);
    exchange.receive(message);
    this.#exchanges.set(messageId, exchange);
    this.#remember(messageId);
  }

  #obey(notification: NotificationPayload): void {
    const probe = readProbe(this.#sa.cookies, notification);
    if (probe === undefined) this.#takeNote(notification);
    else if (probe.kind === 'R-U-THERE') this.#answerProbe(probe.sequence);
    else this.#owner.acknowledged(probe.sequence);
  }

  /** A number below the last one is an old probe, held back on its way (RFC 3706 §6.1). */
  #answerProbe(sequence: number): void {
    const isOld = this.#probed !== undefined && ((sequence - this.#probed) | 0) < 0;
    if (isOld) return;
    this.#probed = sequence;
    this.inform([probeNotification(this.#sa.cookies, { kind: 'R-U-THERE-ACK', sequence })]);
  }

  #takeNote(notification: NotificationPayload): void {
    const error = errorName(notification);
    if (error !== undefined) this.#refusedExchange(notification)?.fail(error);
    if (notification.protocol === PROTOCOL_ID.isakmp) {
      const told = readResponderLifetime(notification, OAKLEY_ATTRIBUTE);
      if (told !== undefined) this.#owner.lifetimeTold(told);
    }
    this.#owner.notified(notification);
  }

  /** The Quick Mode that an error is about: by the SPI that it names, else the only one that there is. */
  #refusedExchange({ spi }: NotificationPayload): QuickExchange | undefined {
    const awaiting = this.#all.filter(({ awaitsReply }) => awaitsReply);
    const named = spiFrom(spi);
    if (named !== undefined) return awaiting.find(({ inbound }) => inbound === named);
    return awaiting.length === 1 ? awaiting[0] : undefined;
  }

  #hasRoom(): boolean {
    return this.inProgress < QUICK_MODES_PER_SESSION && this.#messageIds.size < MESSAGE_IDS_PER_SESSION;
  }

  #drawMessageId(): number {
    const messageId = randomMessageId(this.#environment.rng, (taken) => this.#messageIds.has(taken));
    this.#remember(messageId);
    return messageId;
  }

  /** No message ID is ever used again; the SA is renewed long before there are none left. */
  #remember(messageId: number): void {
    if (this.#messageIds.has(messageId)) return;
    this.#messageIds.add(messageId);
    if (this.#messageIds.size === MESSAGE_IDS_PER_SESSION / 2) this.#owner.worn();
  }
}
