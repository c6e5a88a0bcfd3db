import type { NotificationPayload, Spi } from '@espalier/wire';
import { Exchange, type Line } from '../../exchange/exchange.ts';
import type { ReceivedMessage } from '../../exchange/message.ts';
import type { Standstill } from '../../explain/detail.ts';
import { refusedFor } from '../../explain/refused.ts';
import { AH_BEHIND_NAT, type ChildClue, type DeleteReason, type IkeFailure } from '../../failures.ts';
import { QUICK_MODES_PER_IKE_SA } from '../../limits.ts';
import type { Path } from '../../path.ts';
import type { PeerError } from '../../peer-error.ts';
import { Refusal, refuse } from '../../refusals.ts';
import type { ChildPolicy } from '../../types.ts';
import type { NewGroups } from '../new-group/new-groups.ts';
import type { Established } from '../phase1/phase1.ts';
import type { OtherExchanges, Phase2Host } from '../phase2/host.ts';
import { hear } from '../phase2/notices.ts';
import { firstIv, messageIdOf, type QuickContext } from '../phase2/phase2.ts';
import { mayBeOffered } from '../proposals/bundles.ts';
import { protocolOf, spiFrom } from '../proposals/spis.ts';
import { startQuickMode, type WantedChild } from './initiator.ts';
import type { ChildAgreement, HeededQuickStep, QuickState, QuickStep } from './quick.ts';
import { ExpectQuick, ExpectQuickConfirm, type QuickResponder } from './responder.ts';

/** What the other exchanges of the IKE SA are to it. */
interface Others extends OtherExchanges {
  /** What is agreed on under the IKE SA, beside the groups that everybody knows. */
  readonly privateGroups: NewGroups['agreed'] | undefined;
}

/** The Quick Modes of one established IKE SA, told apart by their message IDs (RFC 2409 §5.5). */
export class QuickModes {
  readonly #host: Phase2Host;
  readonly #others: Others;
  #sa: Established;
  /** Undefined while none is under way. */
  #exchanges: Map<number, QuickExchange> | undefined;
  /** With what Quick Modes are answered; undefined while something has to be passed before. */
  #responder: QuickResponder | undefined;

  constructor(host: Phase2Host, others: Others, sa: Established) {
    this.#host = host;
    this.#others = others;
    this.#sa = sa;
  }

  admit(responder: QuickResponder): void {
    this.#responder = responder;
  }

  /** Whether anything may be negotiated. */
  get isOpen(): boolean {
    return this.#responder !== undefined;
  }

  /** Whether none is under way, and no answer is repeated. */
  get isIdle(): boolean {
    return this.#exchanges === undefined;
  }

  get inProgress(): number {
    return this.#all.filter(isUnsettled).length;
  }

  /** False where nothing may be negotiated yet, where too many are in progress, and where NATs leave nothing to offer. */
  start(wanted: readonly [WantedChild, ...WantedChild[]]): boolean {
    if (this.#responder === undefined || !this.#hasRoom() || !this.#mayOffer(wanted)) return false;
    const messageId = this.#others.draw();
    const context = this.#context(messageId, this.#host.path);
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
  beginAs(other: QuickModes): void {
    this.#responder = other.#responder;
    for (const { offered, state } of other.#all) {
      const [first, ...others] = offered;
      if (first !== undefined && state?.awaitsReply === true) this.start([first, ...others]);
    }
  }

  /** It is the other: what this has begun and the other could not has failed. */
  giveWay(other: QuickModes): void {
    for (const exchange of this.#all) {
      if (exchange.state?.awaitsReply === true && !other.#mayOffer(exchange.offered))
        this.#fail(exchange, AH_BEHIND_NAT);
    }
  }

  /** @throws Refusal, with nothing changed. */
  receive(message: ReceivedMessage): void {
    const messageId = messageIdOf(message);
    const known = this.#exchanges?.get(messageId);
    if (known !== undefined) this.#continue(known, message);
    else this.#answer(message);
  }

  /** The Quick Mode that an Informational exchange of its message ID may say to be over at the peer (RFC 2408 §3.1), once. */
  concludedBy(messageId: number): QuickExchange | undefined {
    const exchange = this.#exchanges?.get(messageId);
    const mayBe = exchange?.state !== undefined && exchange.offered.length > 0 && !exchange.isConnected;
    return mayBe && !isUnsettled(exchange) ? exchange : undefined;
  }

  /** The Quick Mode that an error is about: by the SPI that it names, else the only one that there is. */
  refused(error: PeerError, notification: NotificationPayload): void {
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

  /** Leaves everything unfinished: it has failed, for `reason`. */
  drop(reason: DeleteReason | IkeFailure): void {
    for (const exchange of this.#all) this.#fail(exchange, { reason, detail: undefined });
    for (const exchange of this.#all) this.#forget(exchange);
  }

  /** Leaves everything, without a word. */
  forget(): void {
    for (const exchange of this.#all) this.#forget(exchange);
  }

  #context(messageId: number, path: Path): QuickContext {
    return { ...this.#sa, messageId, path, privateGroups: this.#others.privateGroups };
  }

  get #all(): readonly QuickExchange[] {
    return [...(this.#exchanges?.values() ?? [])];
  }

  #beginAnew(exchange: QuickExchange): void {
    const { offered, state } = exchange;
    const [first, ...others] = offered;
    if (first === undefined || state?.awaitsReply !== true) return;
    if (!this.#mayOffer(offered)) {
      this.#fail(exchange, AH_BEHIND_NAT);
      return;
    }
    this.#forget(exchange);
    this.start([first, ...others]);
  }

  #mayOffer(wanted: readonly WantedChild[]): boolean {
    return wanted.every(({ policy }) => mayBeOffered(policy, this.#sa.nat));
  }

  #keep(exchange: QuickExchange): void {
    this.#exchanges ??= new Map();
    this.#exchanges.set(exchange.messageId, exchange);
  }

  #exchange(messageId: number, state: QuickState, offered: readonly WantedChild[] = NONE_OFFERED): QuickExchange {
    return new QuickExchange(messageId, this.#host, state, (exchange) => this.#unanswered(exchange), offered);
  }

  #continue(exchange: QuickExchange, message: ReceivedMessage): void {
    const answer = exchange.answerTo(message.digest);
    if (answer !== undefined) {
      this.#host.repeat(message, answer);
      for (const { own } of exchange.offered) this.#host.report({ kind: 'child-unheard', inbound: own.spi });
      return;
    }
    const step = this.#nextStep(exchange, message);
    this.#host.verified(message);
    this.#take(exchange, step, message.digest);
    hear(step.heard, this.#host, this.#others);
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

  #answer(message: ReceivedMessage): void {
    const { messageId } = message.header;
    if (this.#others.has(messageId)) refuse('message-id-reused');
    if (this.#others.isFull) refuse('limit');
    const context = this.#context(messageId, message.path);
    const responder = this.#responder ?? refuse('not-authenticated');
    const state = new ExpectQuick(context, firstIv(this.#sa, messageId), responder, () => this.#hasRoom());
    const exchange = this.#exchange(messageId, state);
    const step = this.#firstStep(exchange, message);
    this.#host.verified(message);
    this.#keep(exchange);
    this.#others.remember(messageId);
    this.#take(exchange, step, message.digest);
    hear(step.heard, this.#host, this.#others);
    this.#host.tolerate(step.tolerated);
  }

  /** An authentic message is answered once, or refused once: who sends it again later may be anybody. */
  #firstStep(exchange: QuickExchange, message: ReceivedMessage): HeededQuickStep {
    try {
      return exchange.next(message);
    } catch (error) {
      if (error instanceof Refusal) {
        this.#host.report({ kind: 'refused', phase: 2, refusal: refusedFor(error) });
        if (error.isAuthentic) this.#others.remember(exchange.messageId);
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
    this.#others.rest();
  }

  /** Whether an error whose SPI nobody offered may still refuse a Quick Mode: it is about nothing else. */
  #isOfNobody(error: PeerError): boolean {
    return NEGOTIATION_ERRORS.includes(error) && this.#sa.terms.leniency.has('refusal-of-unknown-spi');
  }

  #hasRoom(): boolean {
    return this.inProgress < QUICK_MODES_PER_IKE_SA && !this.#others.isFull;
  }
}

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
