import { DOI_IPSEC, EXCHANGE, NOTIFY, type NotificationPayload, type Payload, type Spi } from '@espalier/wire';
import { isPrivateGroupNumber } from '../../configuration/private-groups.ts';
import type { ReceivedMessage } from '../../exchange/message.ts';
import { all } from '../../exchange/rules.ts';
import type { DeleteReason, IkeFailure } from '../../failures.ts';
import { MESSAGE_IDS_PER_IKE_SA } from '../../limits.ts';
import type { PeerError } from '../../peer-error.ts';
import { refuse } from '../../refusals.ts';
import { randomMessageId } from '../../runtime/random.ts';
import type { ChildPolicy } from '../../types.ts';
import { openInformational } from '../informational/informational.ts';
import { probeNotification } from '../informational/probe.ts';
import { NewGroups } from '../new-group/new-groups.ts';
import type { NumberedGroup } from '../new-group/offer.ts';
import type { Established } from '../phase1/phase1.ts';
import type { WantedChild } from '../quick-mode/initiator.ts';
import { QuickModes } from '../quick-mode/quick-modes.ts';
import type { QuickResponder } from '../quick-mode/responder.ts';
import { type TransactionOwner, Transactions } from '../transaction/transactions.ts';
import type { OtherExchanges, Phase2Host } from './host.ts';
import { MessageIds } from './message-ids.ts';
import { hear } from './notices.ts';
import { messageIdOf, sealInformational } from './phase2.ts';

/** The exchanges of one established IKE SA, told apart by their message IDs (RFC 2409 §5.5 and §5.7). */
export class Phase2Exchanges implements OtherExchanges {
  readonly #host: Phase2Host;
  #sa: Established;
  readonly #quickModes: QuickModes;
  readonly #messageIds = new MessageIds();
  /** Undefined where there is neither XAuth nor Mode Config. */
  #transactions: Transactions | undefined;
  /** Undefined while nobody has spoken of a group that not everybody knows. */
  #newGroups: NewGroups | undefined;
  #probed: number | undefined;

  constructor(host: Phase2Host, sa: Established) {
    this.#host = host;
    this.#sa = sa;
    this.#quickModes = new QuickModes(host, this, sa);
  }

  admit(responder: QuickResponder): void {
    this.#quickModes.admit(responder);
  }

  /** From now on XAuth and Mode Config are spoken. */
  openTransactions(owner: TransactionOwner): Transactions {
    this.#transactions = new Transactions(this.#host, this, this.#sa, owner);
    return this.#transactions;
  }

  get inProgress(): number {
    return this.#quickModes.inProgress;
  }

  get privateGroups(): NewGroups['agreed'] | undefined {
    return this.#newGroups?.agreed;
  }

  /** False where nothing may be negotiated yet, and where too many are in progress. */
  startQuickMode(wanted: readonly [WantedChild, ...WantedChild[]]): boolean {
    return this.#quickModes.start(wanted);
  }

  confirm(inbound: Spi): void {
    this.#quickModes.confirm(inbound);
  }

  leaveUnanswered(isMeant: (policy: ChildPolicy) => boolean): void {
    this.#quickModes.leaveUnanswered(isMeant);
  }

  /** NATs are others: the Quick Modes that this side has begun go out anew. */
  mend(sa: Established): void {
    this.#sa = sa;
    this.#quickModes.mend(sa);
  }

  /** Begins what another has begun for the same IKE SA, which may be this instead. */
  beginAs(other: Phase2Exchanges): void {
    this.#quickModes.beginAs(other.#quickModes);
    for (const wanted of other.#newGroups?.asked ?? []) this.askForGroup(wanted);
  }

  /** It is the other: what this has begun and the other could not has failed. */
  giveWay(other: Phase2Exchanges): void {
    this.#quickModes.giveWay(other.#quickModes);
  }

  /** @throws Refusal, with nothing changed. */
  receive(message: ReceivedMessage): void {
    switch (message.header.exchange) {
      case EXCHANGE.quick:
        this.#quickModes.receive(message);
        break;
      case EXCHANGE.transaction:
        this.#receiveTransaction(message);
        break;
      case EXCHANGE.newGroup:
        this.#receiveNewGroup(message);
        break;
      default:
        this.#receiveInformational(message);
    }
  }

  inform(payloads: readonly Payload[]): void {
    this.#host.send(sealInformational(this.#sa, this.draw(), payloads));
  }

  /** Tells the peer of a refusal. The message ID is used up: who sends this back to us has not said it. */
  tell(messageId: number, notification: NotificationPayload): void {
    this.remember(messageId);
    this.#host.send(sealInformational(this.#sa, messageId, [notification]));
  }

  /** Keeps no more than it needs while no exchange is under way. */
  rest(): void {
    const others = (this.#transactions?.size ?? 0) + (this.#newGroups?.size ?? 0);
    if (this.#quickModes.isIdle && others === 0) this.#sa.keys.rest();
  }

  /** Leaves everything unfinished: it has failed, for `reason`. */
  drop(reason: DeleteReason | IkeFailure): void {
    this.#quickModes.drop(reason);
    this.#newGroups?.drop(reason);
  }

  /** Leaves everything, without a word. */
  forget(): void {
    this.#quickModes.forget();
    this.#newGroups?.forget();
  }

  /** @throws Refusal, with nothing changed. */
  #receiveTransaction(message: ReceivedMessage): void {
    (this.#transactions ?? refuse('unsupported-exchange')).receive(message);
  }

  /** @throws Refusal, with nothing changed. */
  #receiveInformational(message: ReceivedMessage): void {
    const messageId = messageIdOf(message);
    const concluded = this.#quickModes.concludedBy(messageId);
    if (this.has(messageId) && concluded === undefined) refuse('message-id-reused');
    if (this.isFull) refuse('limit');
    const payloads = openInformational(this.#sa, message);
    if (concluded !== undefined) {
      const said = all(payloads, 'notification').map(({ notifyType }) => notifyType);
      if (said.length === 0 || said.some((type) => type !== NOTIFY.CONNECTED)) refuse('message-id-reused');
      concluded.isConnected = true;
    }
    this.remember(messageId);
    this.#host.verified(message);
    const notifications = all(payloads, 'notification');
    // An old R-U-THERE-ACK, held back on its way, must not pass for a sign of life (RFC 3706 §6.1).
    const isAnswer = notifications.some(({ notifyType }) => notifyType === NOTIFY['R-U-THERE-ACK']);
    if (!isAnswer) this.#host.report({ kind: 'alive' });
    hear(
      notifications.map((notification) => ({ notification, standing: 'hashed' })),
      this.#host,
      this,
    );
    for (const payload of all(payloads, 'delete')) {
      const isMeant = payload.doi === DOI_IPSEC || this.#host.forgives('delete-doi');
      if (isMeant) this.#host.report({ kind: 'delete-received', payload });
    }
  }

  /** @throws Refusal, with nothing changed. */
  #receiveNewGroup(message: ReceivedMessage): void {
    if (!this.#quickModes.isOpen) refuse('not-authenticated');
    this.#groups().receive(message);
  }

  /** Asks the peer to know a group by a number: false where nothing may be negotiated yet. */
  askForGroup(wanted: NumberedGroup): boolean {
    if (!this.#quickModes.isOpen) return false;
    this.#groups().ask(wanted);
    return true;
  }

  /** Whether a Quick Mode of its own exchange in this group can be begun. */
  knowsGroup(group: ChildPolicy['pfsGroup']): boolean {
    return group === undefined || !isPrivateGroupNumber(group) || this.#newGroups?.agreed.has(group) === true;
  }

  /** Whether the peer has been asked for it, and has not answered. */
  asksForGroup(group: ChildPolicy['pfsGroup']): boolean {
    return this.#newGroups?.asked.some(({ number }) => number === group) === true;
  }

  #groups(): NewGroups {
    this.#newGroups ??= new NewGroups(this.#host, this, this.#sa);
    return this.#newGroups;
  }

  get probed(): number | undefined {
    return this.#probed;
  }

  answerProbe(sequence: number): void {
    this.#probed = sequence;
    this.inform([probeNotification(this.#sa.cookies, { kind: 'R-U-THERE-ACK', sequence })]);
  }

  /** A group that was asked for, or a Quick Mode. */
  refused(error: PeerError, notification: NotificationPayload): void {
    if (this.#newGroups?.refused(error, notification) !== true) this.#quickModes.refused(error, notification);
  }

  get isFull(): boolean {
    return this.#messageIds.size >= MESSAGE_IDS_PER_IKE_SA;
  }

  has(messageId: number): boolean {
    return this.#messageIds.has(messageId);
  }

  draw(): number {
    const messageId = randomMessageId(this.#host.environment.rng, (taken) => this.has(taken));
    this.remember(messageId);
    return messageId;
  }

  /** No message ID is ever used again; the SA is renewed long before there are none left. */
  remember(messageId: number): void {
    if (this.#messageIds.has(messageId)) return;
    this.#messageIds.add(messageId);
    if (this.#messageIds.size === MESSAGE_IDS_PER_IKE_SA / 2) this.#host.report({ kind: 'soft-expired' });
  }
}
