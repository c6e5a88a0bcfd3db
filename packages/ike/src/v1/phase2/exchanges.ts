import { EXCHANGE, NOTIFY, type NotificationPayload, type Payload, type Spi } from '@espalier/wire';
import { isPrivateGroupNumber } from '../../configuration/private-groups.ts';
import { Exchange, type Line } from '../../exchange/exchange.ts';
import { isEncrypted, type ReceivedMessage } from '../../exchange/message.ts';
import { all } from '../../exchange/rules.ts';
import type { Standstill } from '../../explain/detail.ts';
import { refusedFor } from '../../explain/refused.ts';
import type { ChildFailure, Clue, DeleteReason, IkeFailure } from '../../failures.ts';
import { MESSAGE_IDS_PER_IKE_SA, QUICK_MODES_PER_IKE_SA } from '../../limits.ts';
import type { Path } from '../../peer/path/path.ts';
import type { PeerError } from '../../peer-error.ts';
import { Refusal, refuse } from '../../refusals.ts';
import { randomMessageId } from '../../runtime/random.ts';
import type { ChildPolicy } from '../../types.ts';
import { openInformational } from '../informational/informational.ts';
import { probeNotification } from '../informational/probe.ts';
import { NewGroups } from '../new-group/new-groups.ts';
import type { NumberedGroup } from '../new-group/offer.ts';
import type { Established } from '../phase1/phase1.ts';
import { protocolOf, spiFrom } from '../proposals/spis.ts';
import { startQuickMode, type WantedChild } from '../quick-mode/initiator.ts';
import type { ChildAgreement, HeededQuickStep, QuickState, QuickStep } from '../quick-mode/quick.ts';
import { ExpectQuick, ExpectQuickConfirm, type QuickResponder } from '../quick-mode/responder.ts';
import { type TransactionOwner, Transactions } from '../transaction/transactions.ts';
import type { Phase2Host } from './host.ts';
import { type LedgerOfMessageIds, MessageIds } from './message-ids.ts';
import { hear, type Spoken } from './notices.ts';
import { firstIv, type QuickContext, sealInformational } from './phase2.ts';

/** One Quick Mode. */
class QuickExchange extends Exchange<QuickState, readonly ChildAgreement[]> {
  /** Where this side has begun it: the children that it offered. */
  readonly offered: readonly WantedChild[];
  /** Whether the peer has said by an Informational exchange of this message ID that it has what was agreed on. */
  isConnected = false;

  constructor(
    messageId: number,
    line: Line,
    state: QuickState,
    unanswered: (exchange: QuickExchange) => void,
    offered: readonly WantedChild[],
  ) {
    super(messageId, line, state, () => unanswered(this));
    this.offered = offered;
  }
}

const NONE_OFFERED: readonly WantedChild[] = [];

/** What a peer says of an offer, and of nothing else. */
const NEGOTIATION_ERRORS: readonly PeerError[] = [
  'NO-PROPOSAL-CHOSEN',
  'BAD-PROPOSAL-SYNTAX',
  'ATTRIBUTES-NOT-SUPPORTED',
  'INVALID-TRANSFORM-ID',
  'INVALID-KEY-INFORMATION',
  'INVALID-ID-INFORMATION',
  'PAYLOAD-MALFORMED',
  'INVALID-PAYLOAD-TYPE',
];

/** Why a Quick Mode came to nothing. */
type ChildClue = Omit<Clue, 'reason'> & { readonly reason: ChildFailure };

/** The exchanges of one established IKE SA, told apart by their message IDs (RFC 2409 §5.5 and §5.7). */
export class Phase2Exchanges implements Spoken, LedgerOfMessageIds {
  readonly #host: Phase2Host;
  #sa: Established;
  /** Undefined while none is under way. */
  #exchanges: Map<number, QuickExchange> | undefined;
  readonly #messageIds = new MessageIds();
  /** Undefined where there is neither XAuth nor Mode Config. */
  #transactions: Transactions | undefined;
  /** Undefined while nobody has spoken of a group that not everybody knows. */
  #newGroups: NewGroups | undefined;
  /** With what Quick Modes are answered; undefined while something has to be passed before. */
  #responder: QuickResponder | undefined;

  constructor(host: Phase2Host, sa: Established) {
    this.#host = host;
    this.#sa = sa;
  }

  admit(responder: QuickResponder): void {
    this.#responder = responder;
  }

  /** From now on XAuth and Mode Config are spoken. */
  openTransactions(owner: TransactionOwner): Transactions {
    this.#transactions = new Transactions(this.#host, this, this.#sa, this, owner);
    return this.#transactions;
  }

  get inProgress(): number {
    return this.#all.filter(isUnsettled).length;
  }

  /** False where nothing may be negotiated yet, and where too many are in progress. */
  startQuickMode(wanted: readonly [WantedChild, ...WantedChild[]]): boolean {
    if (this.#responder === undefined || !this.#hasRoom()) return false;
    const messageId = this.draw();
    const context = this.#quickContext(messageId, this.#host.path);
    const step = startQuickMode(context, firstIv(this.#sa, messageId), wanted, this.#host.environment);
    const exchange = this.#exchange(messageId, step.next[0], wanted);
    this.#keep(exchange);
    this.#take(exchange, step, undefined);
    return true;
  }

  /** A packet of the child with this SPI came: its Quick Mode is over, whatever became of message 3. */
  confirm(inbound: Spi): void {
    for (const exchange of this.#all) {
      const { state } = exchange;
      if (!(state instanceof ExpectQuickConfirm) || !isOf(exchange, inbound)) continue;
      this.#take(exchange, state.confirm(), undefined);
    }
  }

  /** Ends, without a word, what this side has answered for these policies alone and the peer has not confirmed. */
  leaveUnanswered(isMeant: (policy: ChildPolicy) => boolean): void {
    for (const exchange of this.#all) {
      const { state } = exchange;
      const isOver = state?.pending.every(({ policy }) => isMeant(policy)) === true;
      if (state instanceof ExpectQuickConfirm && isOver) this.#forget(exchange);
    }
  }

  /** NATs are others: what this side has begun goes out anew. */
  mend(sa: Established): void {
    this.#sa = sa;
    for (const exchange of this.#all) this.#beginAnew(exchange);
  }

  /** Begins what another has begun for the same IKE SA, which may be this instead. */
  beginAs(other: Phase2Exchanges): void {
    this.#responder = other.#responder;
    for (const { offered, state } of other.#all) {
      const [first, ...others] = offered;
      if (first !== undefined && state?.awaitsReply === true) this.startQuickMode([first, ...others]);
    }
    for (const wanted of other.#newGroups?.asked ?? []) this.askForGroup(wanted);
  }

  /** @throws Refusal, with nothing changed. */
  receive(message: ReceivedMessage): void {
    switch (message.header.exchange) {
      case EXCHANGE.quick:
        this.#receiveQuick(message);
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
    if (this.#exchanges === undefined && others === 0) this.#sa.keys.rest();
  }

  /** Leaves everything unfinished: it has failed, for `reason`. */
  drop(reason: DeleteReason | IkeFailure): void {
    for (const exchange of this.#all) this.#fail(exchange, { reason, detail: undefined });
    for (const exchange of this.#all) this.#forget(exchange);
    this.#newGroups?.drop(reason);
  }

  /** Leaves everything, without a word. */
  forget(): void {
    for (const exchange of this.#all) this.#forget(exchange);
    this.#newGroups?.forget();
  }

  /** @throws Refusal, with nothing changed. */
  #receiveQuick(message: ReceivedMessage): void {
    const { messageId } = message.header;
    if (!isEncrypted(message.header)) refuse('not-encrypted');
    if (messageId === 0) refuse('invalid-message-id');
    const known = this.#exchanges?.get(messageId);
    if (known !== undefined) this.#continueQuick(known, message);
    else this.#answerQuick(message);
  }

  /** @throws Refusal, with nothing changed. */
  #receiveTransaction(message: ReceivedMessage): void {
    (this.#transactions ?? refuse('unsupported-exchange')).receive(message);
  }

  /** @throws Refusal, with nothing changed. */
  #receiveInformational(message: ReceivedMessage): void {
    const { messageId } = message.header;
    if (messageId === 0) refuse('invalid-message-id');
    const concluded = this.#concludedBy(messageId);
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
    for (const payload of all(payloads, 'delete')) this.#host.report({ kind: 'delete-received', payload });
  }

  /** The Quick Mode that an Informational exchange of its message ID may say to be over at the peer (RFC 2408 §3.1), once. */
  #concludedBy(messageId: number): QuickExchange | undefined {
    const exchange = this.#exchanges?.get(messageId);
    const mayBe = exchange?.state !== undefined && exchange.offered.length > 0 && !exchange.isConnected;
    return mayBe && !isUnsettled(exchange) ? exchange : undefined;
  }

  /** @throws Refusal, with nothing changed. */
  #receiveNewGroup(message: ReceivedMessage): void {
    if (this.#responder === undefined) refuse('not-authenticated');
    this.#groups().receive(message);
  }

  /** Asks the peer to know a group by a number: false where nothing may be negotiated yet. */
  askForGroup(wanted: NumberedGroup): boolean {
    if (this.#responder === undefined) return false;
    this.#groups().ask(wanted);
    return true;
  }

  /** Whether a Quick Mode of its own exchange in this group can be begun. */
  knowsGroup(group: ChildPolicy['pfsGroup']): boolean {
    return group === undefined || !isPrivateGroupNumber(group) || this.#newGroups?.agreed.has(group) === true;
  }

  #groups(): NewGroups {
    this.#newGroups ??= new NewGroups(this.#host, this, this.#sa);
    return this.#newGroups;
  }

  /** That it is no old one, held back on its way, its message ID says: peers that restart begin with lower numbers. */
  answerProbe(sequence: number): void {
    this.inform([probeNotification(this.#sa.cookies, { kind: 'R-U-THERE-ACK', sequence })]);
  }

  /** What an error is about: a group that was asked for; or a Quick Mode, by the SPI that it names, else the only one that there is. */
  refused(error: PeerError, notification: NotificationPayload): void {
    if (this.#newGroups?.refused(error, notification) === true) return;
    const { protocol, spi } = notification;
    const awaiting = this.#all.filter(({ state }) => state?.awaitsReply === true);
    const named = spiFrom(protocolOf(protocol) ?? 'esp', spi);
    const mayMeanAny = named === undefined || this.#isOfNobody(error);
    const exact = awaiting.filter((exchange) => named !== undefined && isOf(exchange, named));
    const [only, ...others] = exact.length > 0 || !mayMeanAny ? exact : awaiting;
    if (only === undefined || others.length > 0) return;
    if (named !== undefined && exact.length === 0) this.#host.tolerate(['refusal-of-unknown-spi']);
    const detail = { kind: 'told', error, authenticated: true, ...standstill(only) } as const;
    this.#fail(only, { reason: error, detail });
  }

  #quickContext(messageId: number, path: Path): QuickContext {
    return { ...this.#sa, messageId, path, privateGroups: this.#newGroups?.agreed };
  }

  get #all(): readonly QuickExchange[] {
    return [...(this.#exchanges?.values() ?? [])];
  }

  #beginAnew(exchange: QuickExchange): void {
    const { offered, state } = exchange;
    const [first, ...others] = offered;
    if (first === undefined || state?.awaitsReply !== true) return;
    this.#forget(exchange);
    this.startQuickMode([first, ...others]);
  }

  #keep(exchange: QuickExchange): void {
    this.#exchanges ??= new Map();
    this.#exchanges.set(exchange.messageId, exchange);
  }

  #exchange(messageId: number, state: QuickState, offered: readonly WantedChild[] = NONE_OFFERED): QuickExchange {
    return new QuickExchange(messageId, this.#host, state, (exchange) => this.#unanswered(exchange), offered);
  }

  #continueQuick(exchange: QuickExchange, message: ReceivedMessage): void {
    const answer = exchange.answerTo(message.digest);
    if (answer !== undefined) {
      this.#host.repeat(message, answer);
      for (const { own } of exchange.offered) this.#host.report({ kind: 'child-unheard', inbound: own.spi });
      return;
    }
    const step = this.#nextStep(exchange, message);
    this.#host.verified(message);
    this.#take(exchange, step, message.digest);
    hear(step.heard, this.#host, this);
    this.#host.tolerate(step.tolerated);
  }

  /** What the peer itself has answered, and cannot be taken, ends the exchange; what anybody may have sent does not. */
  #nextStep(exchange: QuickExchange, message: ReceivedMessage): HeededQuickStep {
    try {
      return exchange.next(message);
    } catch (error) {
      if (error instanceof Refusal && exchange.state?.awaitsReply === true) {
        const clue = { reason: error.reason, detail: error.detail };
        if (error.isAuthentic) this.#fail(exchange, clue);
        else exchange.heard(clue);
      }
      throw error;
    }
  }

  #unanswered(exchange: QuickExchange): void {
    const detail = { kind: 'silence', ...standstill(exchange) } as const;
    this.#fail(exchange, exchange.clue ?? { reason: 'no-answer', detail });
  }

  #answerQuick(message: ReceivedMessage): void {
    const { messageId } = message.header;
    if (this.has(messageId)) refuse('message-id-reused');
    if (this.isFull) refuse('limit');
    const context = this.#quickContext(messageId, message.path);
    const responder = this.#responder ?? refuse('not-authenticated');
    const state = new ExpectQuick(context, firstIv(this.#sa, messageId), responder, () => this.#hasRoom());
    const exchange = this.#exchange(messageId, state);
    const step = this.#firstStep(exchange, message);
    this.#host.verified(message);
    this.#keep(exchange);
    this.remember(messageId);
    this.#take(exchange, step, message.digest);
    hear(step.heard, this.#host, this);
    this.#host.tolerate(step.tolerated);
  }

  /** An authentic message is answered once, or refused once: who sends it again later may be anybody. */
  #firstStep(exchange: QuickExchange, message: ReceivedMessage): HeededQuickStep {
    try {
      return exchange.next(message);
    } catch (error) {
      if (error instanceof Refusal) {
        this.#host.report({ kind: 'refused', phase: 2, refusal: refusedFor(error) });
        if (error.isAuthentic) this.remember(exchange.messageId);
      }
      throw error;
    }
  }

  #take(exchange: QuickExchange, step: QuickStep, digest: string | undefined): void {
    const wasPending = isUnsettled(exchange);
    exchange.take(step, digest);
    const isSettled = !isUnsettled(exchange);
    const kind = isSettled ? 'child-established' : 'child-negotiated';
    for (const agreement of step.outcome ?? []) this.#host.report({ kind, agreement });
    if (isSettled && wasPending) exchange.linger(() => this.#forget(exchange));
  }

  #fail(exchange: QuickExchange, { reason, detail }: ChildClue): void {
    if (!isUnsettled(exchange)) return;
    for (const { policy, inbound } of exchange.state?.pending ?? []) {
      this.#host.report({ kind: 'child-failed', policy, inbound, reason, detail });
    }
    this.#forget(exchange);
  }

  #forget(exchange: QuickExchange): void {
    exchange.drop();
    this.#exchanges?.delete(exchange.messageId);
    if (this.#exchanges?.size === 0) this.#exchanges = undefined;
    this.rest();
  }

  /** Whether an error whose SPI nobody offered may still refuse a Quick Mode: it is about nothing else. */
  #isOfNobody(error: PeerError): boolean {
    return NEGOTIATION_ERRORS.includes(error) && this.#sa.terms.leniency.has('refusal-of-unknown-spi');
  }

  #hasRoom(): boolean {
    return this.inProgress < QUICK_MODES_PER_IKE_SA && !this.isFull;
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

/** Whether children of it are under negotiation. */
function isUnsettled({ state }: QuickExchange): boolean {
  return state !== undefined && state.pending.length > 0;
}

/** Whether it is for the child that has this SPI here. */
function isOf({ state }: QuickExchange, inbound: Spi): boolean {
  return state?.pending.some((child) => child.inbound === inbound) === true;
}

function standstill(exchange: QuickExchange): Standstill {
  const isInitiator = exchange.state?.awaitsReply === true;
  return { exchange: 'quick', sent: isInitiator ? 1 : 2, inUdp: false };
}
