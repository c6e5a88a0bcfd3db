import {
  after,
  concat,
  type DeletePayload,
  type Duration,
  decodeMessage,
  EXCHANGE,
  type Instant,
  type NotificationPayload,
  OAKLEY_ATTRIBUTE,
  type Payload,
  PROTOCOL_ID,
  type Spi,
  toHex,
} from '@espalier/wire';
import { isEncrypted, isZero, type Message, type ReceivedMessage } from '../exchange/message.ts';
import { checkPayloads } from '../exchange/rules.ts';
import { HALF_OPEN_LIFETIME, SUPERSEDED_LIFETIME } from '../limits.ts';
import type { NatFindings } from '../nat/discovery.ts';
import { checkEnds, floated, isShared, withMarker } from '../nat/ports.ts';
import { isSamePath, type Path } from '../peer/path.ts';
import { type Refusal, refuse } from '../refusals.ts';
import type { Environment } from '../runtime/environment.ts';
import { NO_ANSWER, Retransmission } from '../runtime/retransmission.ts';
import type { Timer } from '../runtime/timers.ts';
import type { ChildPolicy, IkeSaInfo, Role } from '../types.ts';
import type { Cookies } from '../v1/cookies.ts';
import {
  clearRefusal,
  deleteOfSession,
  messageIdFor,
  notificationOf,
  readClearInformational,
} from '../v1/informational/informational.ts';
import { type Lifetimes, responderLifetime } from '../v1/informational/responder-lifetime.ts';
import {
  Established,
  type EstablishedFields,
  type Phase1Message,
  type Phase1State,
  type Phase1Step,
} from '../v1/phase1.ts';
import { Phase2Exchanges, type Phase2Owner } from '../v1/phase2-exchanges.ts';
import { openBody } from '../v1/protection.ts';
import type { QuickExchange } from '../v1/quick-mode/exchange.ts';
import type { ChildAgreement } from '../v1/quick-mode/quick.ts';
import type { QuickResponder } from '../v1/quick-mode/responder.ts';
import type { IkeSaOwner } from './ike-sa-owner.ts';
import { SaLifetime } from './sa-lifetime.ts';

/** What a session knows once both sides are authenticated. */
interface Authenticated {
  readonly sa: EstablishedFields;
  readonly at: Instant;
  readonly lifetime: SaLifetime;
  readonly phase2: Phase2Exchanges;
}

/** One IKE SA, from its first message to its last, and the exchanges that it protects. */
export class IkeSa implements Phase2Owner {
  readonly role: Role;
  readonly createdAt: Instant;
  /** Another SA has taken over: this one is not renewed, and starts nothing while the other is there. */
  isRetired = false;
  /** The peer has left an exchange unanswered: it may have lost its side of the SA. */
  isSilent = false;
  childrenDeleted = 0;

  readonly #environment: Environment;
  readonly #owner: IkeSaOwner<IkeSa>;
  readonly #answers = new Map<string, Uint8Array>();
  readonly #traffic = { octetsIn: 0, octetsOut: 0, packetsIn: 0, packetsOut: 0, childrenCreated: 0 };
  #ends: Path;
  #state: Phase1State | Established;
  #authenticated: Authenticated | undefined;
  #retransmission: Retransmission | undefined;
  /** Ends the session: half open for too long, or superseded for long enough. */
  #ending: Timer | undefined;
  #lastRefusal: string | undefined;

  constructor(environment: Environment, owner: IkeSaOwner<IkeSa>, ends: Path, role: Role, state: Phase1State) {
    this.#environment = environment;
    this.#owner = owner;
    this.#ends = ends;
    this.role = role;
    this.#state = state;
    this.createdAt = environment.now;
  }

  get cookies(): Cookies {
    return this.#state.cookies;
  }

  get ends(): Path {
    return this.#ends;
  }

  /** Where ESP is to go in UDP: undefined while that is not known. */
  get nat(): NatFindings | undefined {
    return this.#state instanceof Established ? this.#state.fields.nat : this.#state.nat;
  }

  /** Undefined until both sides are authenticated. */
  get sa(): EstablishedFields | undefined {
    return this.#authenticated?.sa;
  }

  get establishedAt(): Instant | undefined {
    return this.#authenticated?.at;
  }

  /** Whether the peer has shown that it is reached at its address: its public value has been answered. */
  get isKeyed(): boolean {
    return this.#state instanceof Established || this.#state.opening !== undefined;
  }

  get responder(): QuickResponder {
    return this.#owner.responder;
  }

  get info(): IkeSaInfo {
    const known = this.#authenticated;
    return {
      peer: this.#owner.name,
      role: this.role,
      ...this.#ends,
      initiatorCookie: toHex(this.cookies.initiator),
      responderCookie: toHex(this.cookies.responder),
      state: known === undefined ? 'not-matured' : 'matured',
      exchange: 'main',
      proposal: known?.sa.proposal,
      remoteIdentity: known?.sa.remoteIdentity,
      establishedAt: known?.at,
      softExpiry: known?.lifetime.softExpiry,
      hardExpiry: known?.lifetime.hardExpiry,
      ...this.#traffic,
      childrenDeleted: this.childrenDeleted,
      quickModesInProgress: known?.phase2.inProgress ?? 0,
    };
  }

  /** As initiator: sends the first message. */
  start(step: Phase1Step): void {
    this.#takePhase1(step, undefined);
  }

  /** @throws Refusal or DecodeError, with nothing changed. */
  receive(message: ReceivedMessage): void {
    checkEnds(this.#ends, message.ends, this.nat);
    const answer = this.#answers.get(message.digest);
    if (answer !== undefined) this.repeat(message, answer);
    else this.#dispatch(message);
    this.#traffic.packetsIn++;
    this.#traffic.octetsIn += message.octets.length;
  }

  /** Tells the peer why its message was refused; protected once there are keys. The same message, the same answer. */
  tell(message: Message, refusal: Refusal): void {
    this.#lastRefusal = refusal.reason;
    if (refusal.notify === undefined) return;
    if (this.#authenticated === undefined) {
      this.send(clearRefusal(this.cookies, message, refusal.notify));
      return;
    }
    const notification = notificationOf(refusal.notify, PROTOCOL_ID.esp, refusal.spi);
    this.#authenticated.phase2.tell(messageIdFor(message.digest), notification);
  }

  isNegotiating(policy: ChildPolicy): boolean {
    return this.#authenticated?.phase2.isNegotiating(policy) ?? false;
  }

  hasOffered(value: number): boolean {
    return this.#authenticated?.phase2.hasOffered(value) ?? false;
  }

  /** False before the SA is established, and where too many are in progress. */
  startQuickMode(policy: ChildPolicy, inbound: Spi): boolean {
    return this.#authenticated?.phase2.startQuickMode(policy, inbound) ?? false;
  }

  confirm(inbound: Spi): void {
    this.#authenticated?.phase2.confirm(inbound);
  }

  /** Sends an Informational exchange; nothing happens before the SA is established. */
  inform(payloads: readonly Payload[]): void {
    this.#authenticated?.phase2.inform(payloads);
  }

  /** Tries again to renew the SA. */
  renewAfter(pause: Duration): void {
    this.#authenticated?.lifetime.retryAfter(pause);
  }

  /** Another SA takes over. `end` is what to do once nothing can be on its way under this one any more. */
  retire(end: (() => void) | undefined): void {
    this.isRetired = true;
    if (end !== undefined && this.#ending === undefined) this.#endAfter(SUPERSEDED_LIFETIME, 'ike-retired', end);
  }

  /** Deletes the SA at both ends. */
  close(reason: string): void {
    this.inform([deleteOfSession(this.cookies)]);
    this.drop(reason);
  }

  /** Forgets the SA and overwrites its keys; the owner is told of Quick Modes that are left unfinished. */
  drop(reason: string): void {
    const known = this.#authenticated;
    this.#authenticated = undefined;
    known?.phase2.drop(reason);
    known?.lifetime.stop();
    this.#retransmission?.stop();
    this.#environment.timers.cancel(this.#ending);
    this.#state.wipe();
  }

  send(octets: Uint8Array): void {
    this.#traffic.packetsOut++;
    this.#traffic.octetsOut += octets.length;
    const { local, remote } = this.#ends;
    this.#environment.outbox.transmit({ source: local, destination: remote, octets: withMarker(local, octets) });
  }

  /** Anybody can send a message again, from anywhere: only where the peer is known to be does it get an answer. */
  repeat({ ends }: ReceivedMessage, answer: Uint8Array): void {
    if (!isSamePath(this.#ends, ends)) refuse('wrong-endpoint');
    this.send(answer);
  }

  verified({ ends, header }: ReceivedMessage): void {
    if (header.exchange === EXCHANGE.quick) this.alive();
    if (isSamePath(this.#ends, ends)) return;
    if (this.#authenticated === undefined) this.#ends = ends;
    else this.#owner.moved(ends);
  }

  /** The peer is elsewhere: whether that was news. */
  follow(ends: Path): boolean {
    if (this.nat === undefined || isSamePath(this.#ends, ends)) return false;
    this.#ends = ends;
    return true;
  }

  alive(): void {
    this.#owner.alive();
  }

  acknowledged(sequence: number): void {
    this.#owner.acknowledged(sequence);
  }

  negotiated(_exchange: QuickExchange, agreement: ChildAgreement): void {
    this.#traffic.childrenCreated++;
    this.#owner.childNegotiated(this, agreement);
  }

  established(_exchange: QuickExchange, agreement: ChildAgreement): void {
    if (agreement.role === 'initiator') this.#traffic.childrenCreated++;
    this.#owner.childEstablished(this, agreement);
  }

  failed({ policy, inbound }: QuickExchange, reason: string): void {
    if (policy !== undefined && inbound !== undefined) this.#owner.childFailed(this, policy, inbound, reason);
  }

  forgotten(exchange: QuickExchange): void {
    this.#authenticated?.phase2.forget(exchange);
  }

  deleteReceived(payload: DeletePayload): void {
    this.#owner.deleteReceived(this, payload);
  }

  notified(notification: NotificationPayload): void {
    this.#owner.notified(notification, true);
  }

  lifetimeTold({ lifetime }: Lifetimes): void {
    if (lifetime !== undefined) this.#authenticated?.lifetime.shorten(lifetime);
  }

  worn(): void {
    this.#owner.softExpired(this);
  }

  #dispatch(message: ReceivedMessage): void {
    const { exchange } = message.header;
    const phase2 = this.#authenticated?.phase2;
    if (exchange === EXCHANGE.main) this.#receivePhase1(message);
    else if (exchange === EXCHANGE.informational && phase2 === undefined) this.#report(message);
    else if (exchange === EXCHANGE.informational) phase2?.receiveInformational(message);
    else if (exchange !== EXCHANGE.quick) refuse('unsupported-exchange');
    else if (phase2 === undefined) refuse('not-authenticated');
    else phase2.receiveQuick(message);
  }

  /** Before the peer is known anybody may have sent it: it is passed on, and changes nothing. */
  #report(message: Message): void {
    for (const notification of readClearInformational(message)) this.#owner.notified(notification, false);
  }

  #receivePhase1(message: ReceivedMessage): void {
    const state = this.#state;
    const { header, digest } = message;
    if (header.messageId !== 0) refuse('invalid-message-id');
    if (this.role === 'initiator' && isZero(header.responderCookie)) refuse('zero-cookie');
    if (state instanceof Established) refuse('unexpected-message');
    if (state.nat !== undefined && !isShared(message.ends.local)) refuse('wrong-endpoint');
    const opened = openPhase1(state, message);
    checkPayloads(state.rules, opened.payloads);
    const step = state.receive(opened);
    this.verified(message);
    this.#takePhase1(step, digest);
  }

  #takePhase1({ next, reply }: Phase1Step, digest: string | undefined): void {
    this.#retransmission?.stop();
    this.#state = next;
    if (this.role === 'initiator' && this.nat !== undefined) this.#ends = floated(this.#ends);
    if (reply !== undefined) {
      if (digest !== undefined) this.#answers.set(digest, reply);
      this.send(reply);
    }
    if (next instanceof Established) this.#establish(next.fields);
    else if (this.role === 'initiator') this.#repeat(reply);
    else if (this.#ending === undefined) this.#endAfter(HALF_OPEN_LIFETIME, 'half-open-expiry', () => this.#giveUp());
  }

  /** Only an initiator repeats itself: a responder must not send more than it is sent before the peer is known. */
  #repeat(octets: Uint8Array | undefined): void {
    if (octets === undefined) return;
    this.#retransmission = new Retransmission(
      this.#environment,
      () => this.send(octets),
      () => this.#giveUp(),
    );
  }

  #giveUp(): void {
    const reason = this.#lastRefusal ?? NO_ANSWER;
    this.#owner.failed(this, reason);
  }

  #establish(sa: EstablishedFields): void {
    this.#environment.timers.cancel(this.#ending);
    this.#ending = undefined;
    const lifetime = new SaLifetime(this.#environment, 'ike', this.role, sa.lifetime, {
      soft: () => this.#owner.softExpired(this),
      hard: () => this.#owner.hardExpired(this),
    });
    const phase2 = new Phase2Exchanges(this.#environment, sa, this);
    this.#authenticated = { sa, at: this.#environment.now, lifetime, phase2 };
    if (sa.lifetimeIsNews) {
      const spi = concat(sa.cookies.initiator, sa.cookies.responder);
      const news = { lifetime: sa.lifetime, kilobytes: undefined };
      this.inform([responderLifetime(news, OAKLEY_ATTRIBUTE, PROTOCOL_ID.isakmp, spi)]);
    }
    this.#owner.established(this);
  }

  #endAfter(pause: Duration, reason: string, end: () => void): void {
    const { timers, now } = this.#environment;
    this.#ending = timers.set(after(now, pause), reason, end);
  }
}

function openPhase1(state: Phase1State, { header, octets }: Message): Phase1Message {
  if (state.opening === undefined) {
    if (isEncrypted(header)) refuse('encrypted');
    return { header, payloads: decodeMessage(octets).payloads, nextIv: new Uint8Array(0) };
  }
  if (!isEncrypted(header)) refuse('not-encrypted');
  return { header, ...openBody(state.opening.cipher, state.opening.iv, header, octets) };
}
