import type { PrivateGroup } from '@espalier/crypto';
import { type NotificationPayload, PROTOCOL_ID } from '@espalier/wire';
import type { PrivateGroupNumber } from '../../configuration/private-groups.ts';
import { Exchange } from '../../exchange/exchange.ts';
import type { ReceivedMessage } from '../../exchange/message.ts';
import type { Heeded } from '../../exchange/state.ts';
import type { GroupFailure } from '../../failures.ts';
import { NEW_GROUPS_PER_IKE_SA } from '../../limits.ts';
import type { PeerError } from '../../peer-error.ts';
import { Refusal, refuse } from '../../refusals.ts';
import type { Established } from '../phase1/phase1.ts';
import type { OtherExchanges, Phase2Host } from '../phase2/host.ts';
import { hear, type Spoken } from '../phase2/notices.ts';
import { firstIv, messageIdOf, type Phase2Context } from '../phase2/phase2.ts';
import type { NumberedGroup } from './offer.ts';
import { askForGroup, ExpectNewGroup, type GroupOutcome, type GroupState, type KnownGroups } from './states.ts';

/** What the peer says of a group, or of the whole exchange, and seldom of anything else. */
const REFUSALS: readonly PeerError[] = [
  'ATTRIBUTES-NOT-SUPPORTED',
  'INVALID-EXCHANGE-TYPE',
  'UNSUPPORTED-EXCHANGE-TYPE',
];

type GroupExchange = Exchange<GroupState, GroupOutcome>;

/** The New Group Mode exchanges of one IKE SA (RFC 2409 §5.6), and the groups that both sides know by them until it ends. */
export class NewGroups {
  readonly #host: Phase2Host;
  readonly #others: OtherExchanges;
  readonly #sa: Established;
  readonly #agreed = new Map<PrivateGroupNumber, PrivateGroup>();
  /** Those that this side has begun, until they are answered; and the peer's, while their answers are repeated. */
  readonly #exchanges = new Map<number, GroupExchange>();
  /** What this side has asked for, by message ID. */
  readonly #asked = new Map<number, NumberedGroup>();

  constructor(host: Phase2Host, others: OtherExchanges, sa: Established) {
    this.#host = host;
    this.#others = others;
    this.#sa = sa;
  }

  get size(): number {
    return this.#exchanges.size;
  }

  get agreed(): ReadonlyMap<PrivateGroupNumber, PrivateGroup> {
    return this.#agreed;
  }

  /** Asks the peer to know a group by a number. */
  ask(wanted: NumberedGroup): void {
    const reason = this.#whyNot(wanted);
    if (reason !== undefined) {
      this.#host.report({ kind: 'group-failed', number: wanted.number, reason });
      return;
    }
    const messageId = this.#others.draw();
    const step = askForGroup(this.#context(messageId), firstIv(this.#sa, messageId), wanted);
    const exchange = this.#exchange(messageId, step.next[0]);
    this.#asked.set(messageId, wanted);
    exchange.take(step, undefined);
  }

  /** @throws Refusal, with nothing changed. */
  receive(message: ReceivedMessage): void {
    const messageId = messageIdOf(message);
    const known = this.#exchanges.get(messageId);
    if (known === undefined) this.#answer(message);
    else this.#continue(known, message);
  }

  /** What this side has asked for and is not answered. */
  get asked(): readonly NumberedGroup[] {
    return [...this.#asked.values()];
  }

  /** Whether an error is about what this side has asked for: it names no message, so about the only one that there is. */
  refused(error: PeerError, { protocol }: NotificationPayload): boolean {
    const [[messageId] = [], ...others] = [...this.#asked];
    if (messageId === undefined || others.length > 0) return false;
    if (protocol !== PROTOCOL_ID.isakmp || !REFUSALS.includes(error)) return false;
    this.#fail(messageId, error);
    return true;
  }

  /** Leaves everything unfinished: it has failed, for `reason`. */
  drop(reason: GroupFailure): void {
    for (const messageId of [...this.#asked.keys()]) this.#fail(messageId, reason);
    this.forget();
  }

  /** Likewise, without a word. */
  forget(): void {
    this.#asked.clear();
    for (const messageId of [...this.#exchanges.keys()]) this.#forget(messageId);
    this.#agreed.clear();
  }

  #whyNot({ number }: NumberedGroup): GroupFailure | undefined {
    const holder = this.#numbered.find((one) => one.number === number);
    if (holder !== undefined) return 'number-taken';
    const isFull = this.#numbered.length >= NEW_GROUPS_PER_IKE_SA || this.size >= NEW_GROUPS_PER_IKE_SA;
    return isFull || this.#others.isFull ? 'limit' : undefined;
  }

  get #numbered(): readonly NumberedGroup[] {
    return [...[...this.#agreed].map(([number, group]) => ({ number, group })), ...this.#asked.values()];
  }

  #context(messageId: number): Phase2Context {
    const { cookies, keys } = this.#sa;
    return { cookies, keys, messageId };
  }

  #exchange(messageId: number, state: GroupState): GroupExchange {
    const exchange: GroupExchange = new Exchange(messageId, this.#host, state, () =>
      this.#fail(messageId, 'no-answer'),
    );
    this.#exchanges.set(messageId, exchange);
    return exchange;
  }

  #answer(message: ReceivedMessage): void {
    const { messageId } = message.header;
    if (this.#others.has(messageId)) refuse('message-id-reused');
    if (this.#others.isFull || this.size >= NEW_GROUPS_PER_IKE_SA) refuse('limit');
    const known: KnownGroups = { accepted: this.#sa.terms.acceptedGroups, numbered: this.#numbered };
    const state: GroupState = new ExpectNewGroup(this.#context(messageId), firstIv(this.#sa, messageId), known);
    const exchange: GroupExchange = new Exchange(messageId, this.#host, state, () => {});
    const step = this.#firstStep(exchange, message);
    this.#host.verified(message);
    this.#exchanges.set(messageId, exchange);
    this.#others.remember(messageId);
    exchange.take(step, message.digest);
    exchange.linger(() => this.#forget(messageId));
    this.#settle(exchange, step, 'responder');
  }

  /** An authentic message is answered once, or refused once: who sends it again later may be anybody. */
  #firstStep(exchange: GroupExchange, message: ReceivedMessage): Heeded<GroupState, GroupOutcome> {
    try {
      return exchange.next(message);
    } catch (error) {
      if (error instanceof Refusal && error.isAuthentic) this.#others.remember(exchange.messageId);
      throw error;
    }
  }

  #continue(exchange: GroupExchange, message: ReceivedMessage): void {
    const answer = exchange.answerTo(message.digest);
    if (answer !== undefined) {
      this.#host.repeat(message, answer);
      return;
    }
    const step = this.#nextStep(exchange, message);
    this.#host.verified(message);
    this.#settle(exchange, step, 'initiator');
    this.#forget(exchange.messageId);
  }

  /** What the peer itself has answered, and cannot be taken, ends the exchange; what anybody may have sent does not. */
  #nextStep(exchange: GroupExchange, message: ReceivedMessage): Heeded<GroupState, GroupOutcome> {
    try {
      return exchange.next(message);
    } catch (error) {
      if (error instanceof Refusal && error.isAuthentic) this.#fail(exchange.messageId, error.reason);
      throw error;
    }
  }

  #settle(
    { messageId }: GroupExchange,
    { outcome, heard, tolerated }: Heeded<GroupState, GroupOutcome>,
    role: Established['role'],
  ): void {
    this.#host.tolerate(tolerated);
    if (outcome?.kind === 'refused') this.#fail(messageId, outcome.error);
    if (outcome?.kind === 'agreed') {
      this.#asked.delete(messageId);
      this.#agreed.set(outcome.number, outcome.group);
      this.#host.report({ kind: 'group-agreed', number: outcome.number, role });
    }
    hear(heard, this.#host, role === 'initiator' ? this.#probesAlone : this.#others);
  }

  /** An error in an answer is about what it answers, and ends nothing else. */
  get #probesAlone(): Spoken {
    const { probed } = this.#others;
    return { probed, answerProbe: (sequence) => this.#others.answerProbe(sequence), refused: () => {} };
  }

  #fail(messageId: number, reason: GroupFailure): void {
    const wanted = this.#asked.get(messageId);
    this.#asked.delete(messageId);
    if (wanted !== undefined) this.#host.report({ kind: 'group-failed', number: wanted.number, reason });
    this.#forget(messageId);
  }

  #forget(messageId: number): void {
    this.#exchanges.get(messageId)?.drop();
    this.#exchanges.delete(messageId);
    this.#others.rest();
  }
}
