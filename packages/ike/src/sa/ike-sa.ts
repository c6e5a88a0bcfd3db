import {
  after,
  concat,
  type DeletePayload,
  type Duration,
  EXCHANGE,
  equalOctets,
  type Instant,
  type Payload,
  PROTOCOL_ID,
  type Spi,
  toHex,
} from '@espalier/wire';
import type { IkeSaInfo } from '../events.ts';
import { isEncrypted, isZero, type Message, type ReceivedMessage } from '../exchange/message.ts';
import type { DeleteReason, IkeFailure } from '../failures.ts';
import {
  FEWEST_KILOBYTES,
  HALF_OPEN_LIFETIME,
  PHASE_1_LIFETIME,
  REMINDERS_MOST,
  SUPERSEDED_LIFETIME,
} from '../limits.ts';
import { isSameNat, type NatFindings } from '../nat/discovery.ts';
import { checkPath, type Mobility, mayBeOn } from '../nat/ports.ts';
import { isSamePath, type Path } from '../path.ts';
import { peerError } from '../peer-error.ts';
import type { Answer } from '../questions/question.ts';
import type { Asker } from '../questions/questions.ts';
import { type IkeRefusal, type Refusal, reasonOf, refuse } from '../refusals.ts';
import type { Affected } from '../runtime/effects.ts';
import type { Environment } from '../runtime/environment.ts';
import type { Retransmission } from '../runtime/retransmission.ts';
import type { Due, Timer, TimerReason } from '../runtime/timers.ts';
import type { PeerTolerance, Tolerance } from '../tolerances.ts';
import type { ChildPolicy, ExchangeMode, Role } from '../types.ts';
import type { Cookies } from '../v1/cookies.ts';
import {
  clearRefusal,
  deleteOfIkeSa,
  messageIdFor,
  notificationOf,
  readClearInformational,
} from '../v1/informational/informational.ts';
import { initialContactNotification } from '../v1/informational/initial-contact.ts';
import type { Lifetimes } from '../v1/informational/responder-lifetime.ts';
import type { NumberedGroup } from '../v1/new-group/offer.ts';
import { Phase1Exchange } from '../v1/phase1/exchange.ts';
import type { Established, Phase1State, Phase1Step } from '../v1/phase1/phase1.ts';
import type { Phase2Exchanges } from '../v1/phase2/exchanges.ts';
import { hear } from '../v1/phase2/notices.ts';
import { checkFirst } from '../v1/phase2/phase2.ts';
import type { WantedChild } from '../v1/quick-mode/initiator.ts';
import type { QuickResponder } from '../v1/quick-mode/responder.ts';
import { takesFragments } from '../v1/vendor-ids.ts';
import { Authenticated, type AuthenticatedHost, type Renewed } from './authenticated.ts';
import { Early } from './early.ts';
import type { IkeSaEffect } from './effect.ts';
import { leave } from './leaving.ts';
import { type IkeSaState, type IkeSaTurn, ikeSaAfter } from './life.ts';
import type { ConfigurationHolder } from './stages.ts';
import { Way } from './way.ts';

/** Whose an IKE SA is, and what it does about what happens under it. */
export interface IkeSaOwner {
  readonly name: string;
  act(ikeSa: IkeSa, effect: IkeSaEffect): void;
  /** Whose an IKE SA is that takes over from another without asking again; undefined where it asks. */
  renewed(ikeSa: IkeSa): Renewed | undefined;
}

/** What an authenticated IKE SA protects. */
const PHASE_2: readonly number[] = [EXCHANGE.quick, EXCHANGE.informational, EXCHANGE.transaction, EXCHANGE.newGroup];

/** As if the peer were behind a NAT: while it is not known, it may be. */
const ANYWHERE: Mobility = { isRemoteBehind: true, method: { floats: true } };

/** What an address may be needed for. */
const NEGOTIATIONS: readonly number[] = [EXCHANGE.quick, EXCHANGE.newGroup];

const NONE: readonly never[] = [];

/** How an IKE SA begins. */
interface Beginning {
  readonly mode: ExchangeMode;
  readonly role: Role;
  readonly state: Phase1State;
  /** The largest message that goes whole to a peer that takes fragments; undefined where none are sent or taken. */
  readonly fragmentOctets: () => number | undefined;
}

/** One IKE SA, from its first message to its last, and the exchanges that it protects. */
export class IkeSa implements AuthenticatedHost, Asker, Affected<IkeSaEffect>, Due {
  readonly kind = 'ike';
  readonly environment: Environment;
  readonly role: Role;
  readonly mode: ExchangeMode;
  readonly createdAt: Instant;
  /** The peer has left an exchange unanswered: it may have lost its side of the SA. */
  isSilent = false;
  childrenDeleted = 0;

  readonly #way: Way;
  #childrenCreated = 0;
  #owner: IkeSaOwner;
  #state: IkeSaState = 'half-open';
  #cookies: Cookies;
  /** Undefined once it is over, and its answers are not repeated any more. */
  #phase1: Phase1Exchange | undefined;
  #authenticated: Authenticated | undefined;
  /** Ends what has lasted long enough: half open, waiting for the caller, or retired. */
  #ending: Timer | undefined;
  /** Undefined unless the peer is being told that it goes. */
  #leaving: Retransmission | undefined;
  #reminders = 0;
  /** Of a peer that has gone on, while the caller is asked who it is. */
  #early: Early | undefined;
  /** What it took to come so far, to be told once it is known of whom. */
  #tolerated: readonly Tolerance[] = NONE;
  /** The peer has said so since phase 1. */
  #saysInitialContact = false;

  constructor(
    environment: Environment,
    owner: IkeSaOwner,
    path: Path,
    { mode, role, state, fragmentOctets }: Beginning,
  ) {
    this.environment = environment;
    this.#owner = owner;
    this.#way = new Way(environment, path, fragmentOctets);
    this.mode = mode;
    this.role = role;
    this.createdAt = environment.now;
    this.#cookies = state.cookies;
    this.#phase1 = new Phase1Exchange(this, mode, role, state);
  }

  get state(): IkeSaState {
    return this.#state;
  }

  get cookies(): Cookies {
    return this.#cookies;
  }

  get path(): Path {
    return this.#way.path;
  }

  /** Where ESP is to go in UDP: undefined while that is not known. */
  get nat(): NatFindings | undefined {
    return this.#authenticated === undefined ? this.#phase1?.nat : this.#authenticated.sa.nat;
  }

  /** Undefined until both sides are authenticated. */
  get sa(): Established | undefined {
    return this.#authenticated?.sa;
  }

  get establishedAt(): Instant | undefined {
    return this.#authenticated?.at;
  }

  /** Whom XAuth has proved the peer to be. */
  get user(): string | undefined {
    return this.#authenticated?.stages?.user;
  }

  /** Whether children may be negotiated under it, or could until another took over. */
  get isEstablished(): boolean {
    return this.#state === 'ready' || this.#state === 'retired';
  }

  /** Whether the peer has no SA with us from before this one. */
  get isInitialContact(): boolean {
    return this.#saysInitialContact || this.sa?.initialContact === true;
  }

  get isReached(): boolean {
    return this.#authenticated !== undefined || this.#phase1?.state?.isReached === true;
  }

  get info(): IkeSaInfo {
    const known = this.#authenticated;
    return {
      peer: this.#owner.name,
      role: this.role,
      ...this.path,
      initiatorCookie: toHex(this.cookies.initiator),
      responderCookie: toHex(this.cookies.responder),
      state: this.#state,
      exchange: this.mode,
      proposal: known?.sa.proposal,
      remoteIdentity: known?.sa.proof.identity,
      user: known?.stages?.user,
      establishedAt: known?.at,
      softExpiry: known?.lifetime.softExpiry,
      hardExpiry: known?.lifetime.hardExpiry,
      ...(known?.octets.kilobytes === undefined ? {} : { lifetimeKilobytes: known.octets.kilobytes }),
      ...this.#way.traffic,
      childrenCreated: this.#childrenCreated,
      childrenDeleted: this.childrenDeleted,
      quickModesInProgress: known?.phase2.inProgress ?? 0,
    };
  }

  /** As initiator: sends the first message. */
  start(step: Phase1Step): void {
    this.#endAfter(PHASE_1_LIFETIME, 'half-open-expiry');
    this.#takePhase1(step, undefined);
  }

  /** @throws Refusal where fragments are not taken, or not from there. */
  checkFragment({ path }: ReceivedMessage): void {
    if (!this.#way.hasFragments) refuse('bad-fragment');
    this.#checkPath(path);
  }

  /** @throws Refusal or DecodeError, with nothing changed. */
  receive(message: ReceivedMessage): void {
    this.#checkPath(message.path);
    this.#way.heard(message.octets);
    this.#checkCookie(message);
    if (this.#keepsEarly(message)) return;
    this.#dispatch(message);
    this.tolerate(message.tolerated);
    this.#way.taken(message.octets);
  }

  /** Whose the SA is from now on. */
  assign(owner: IkeSaOwner): void {
    this.#owner = owner;
  }

  /** Begins Mode Config, where there is to be any: false where there is not. `isRenewal`: of a client that has been through it. */
  configure(holder: ConfigurationHolder, isRenewal: boolean): boolean {
    return this.#authenticated?.stages?.configure(holder, !isRenewal) ?? false;
  }

  /** As client: asks for what is assigned once more, before its time is up. */
  renewConfiguration(holder: ConfigurationHolder): void {
    this.#authenticated?.stages?.renew(holder);
  }

  /** Nothing has to be passed any more before children are negotiated; `responder`: what the peer is answered with. */
  admit(responder: QuickResponder): void {
    this.turn('stages passed');
    for (const phase2 of this.#phase2s) phase2.admit(responder);
    for (const tolerance of this.#tolerated) this.report({ kind: 'tolerated', tolerance });
    this.#tolerated = NONE;
  }

  /** Tells the peer why its message was refused; protected once there are keys. The same message, the same answer. */
  tell(message: Message, refusal: Refusal): void {
    if (refusal.notify === undefined) return;
    if (this.#authenticated === undefined) {
      const { remote } = this.path;
      if (this.environment.pace.admits(remote.address)) this.send(clearRefusal(this.cookies, message, refusal.notify));
      return;
    }
    const notification = notificationOf(refusal.notify, refusal.protocol, refusal.spi);
    for (const phase2 of this.#phase2s) phase2.tell(messageIdFor(message.digest), notification);
  }

  /** False before the SA is ready, and where too many are in progress. */
  startQuickMode(wanted: readonly [WantedChild, ...WantedChild[]]): boolean {
    const [isStarted = false] = this.#phase2s.map((phase2) => phase2.startQuickMode(wanted));
    return isStarted;
  }

  /** False before the SA is ready. */
  askForGroup(wanted: NumberedGroup): boolean {
    const [isAsked = false] = this.#phase2s.map((phase2) => phase2.askForGroup(wanted));
    return isAsked;
  }

  /** Whether a Quick Mode of its own exchange in this group can be begun. */
  knowsGroup(group: ChildPolicy['pfsGroup']): boolean {
    return this.#authenticated?.phase2.knowsGroup(group) ?? false;
  }

  /** Whether the peer has not answered yet whether it knows it. */
  asksForGroup(group: ChildPolicy['pfsGroup']): boolean {
    return this.#authenticated?.phase2.asksForGroup(group) ?? false;
  }

  confirm(inbound: Spi): void {
    this.#authenticated?.phase2.confirm(inbound);
  }

  /** A repeated message 1 for a child of these policies is not answered any more: the child is deleted. */
  leaveUnanswered(isMeant: (policy: ChildPolicy) => boolean): void {
    this.#authenticated?.phase2.leaveUnanswered(isMeant);
  }

  /** Sends an Informational exchange; nothing happens before the SA is established. */
  inform(payloads: readonly Payload[]): void {
    this.#authenticated?.inform(payloads);
  }

  /** Tries again to renew the SA. */
  renewAfter(pause: Duration): void {
    this.#authenticated?.lifetime.retryAfter(pause);
  }

  /** Tells the peer, who alone can renew the SA, how long it lives. */
  tellLifetime(): void {
    this.#authenticated?.tellLifetime();
  }

  /** The peer uses a shorter lifetime. */
  shorten({ lifetime, kilobytes }: Lifetimes): void {
    if (lifetime !== undefined) this.#authenticated?.lifetime.shorten(lifetime);
    if (kilobytes !== undefined) this.#authenticated?.octets.shorten(Math.max(kilobytes, FEWEST_KILOBYTES));
  }

  turn(turn: IkeSaTurn): void {
    this.#state = ikeSaAfter(this.#state, turn);
  }

  get renewed(): Renewed | undefined {
    return this.#owner.renewed(this);
  }

  remind(send: (octets: Uint8Array) => void): void {
    this.#phase1?.remind(send);
  }

  /**
   * Another SA takes over; `deletesHere`: this side deletes it, once nothing can be on its way under it. `mayBeUsed`: the peer may
   * use it until it hears of that.
   */
  retire(deletesHere: boolean, mayBeUsed = false): void {
    this.turn('superseded');
    if (!deletesHere || this.#ending !== undefined) return;
    const isTold = mayBeUsed && this.sa?.terms.keepsRenewed !== true;
    this.#endAfter(SUPERSEDED_LIFETIME, 'ike-retired', isTold ? { due: () => this.#leave() } : this);
  }

  /** Whether this side is to delete it. */
  get isEnding(): boolean {
    return this.#ending !== undefined;
  }

  /** What took over from it is gone. */
  reinstate(): void {
    this.turn('reinstated');
  }

  /** Deletes the SA at both ends. */
  close(reason: DeleteReason): void {
    this.inform([deleteOfIkeSa(this.cookies)]);
    this.drop(reason);
  }

  /** Forgets the SA and overwrites its keys; Quick Modes that are left unfinished have failed, for `reason`. */
  drop(reason: DeleteReason | IkeFailure): void {
    const known = this.#authenticated;
    this.turn('ended');
    this.#authenticated = undefined;
    this.#early = undefined;
    this.#phase1?.drop();
    known?.drop(reason);
    this.#leaving?.stop();
    this.#stopEnding();
  }

  send(octets: Uint8Array, path?: Path): void {
    this.#way.send(octets, path);
    this.#authenticated?.octets.use(octets.length);
  }

  /** Anybody can send a message again, from anywhere: only where the peer is known to be does it get an answer. */
  repeat({ path }: ReceivedMessage, answer: Uint8Array): void {
    if (!isSamePath(this.path, path)) refuse('wrong-endpoint');
    this.#way.send(answer);
  }

  /** An initiator moves to port 4500 where it has found a NAT (RFC 3947 §4). */
  pathWith(nat: NatFindings | undefined): Path {
    return this.role === 'responder' ? this.path : this.#way.with(nat);
  }

  /** A message is new and authentic. */
  verified({ path, header, octets }: ReceivedMessage): void {
    if (header.exchange !== EXCHANGE[this.mode]) this.#settle();
    if (header.exchange === EXCHANGE.quick) this.report({ kind: 'alive' });
    this.#authenticated?.octets.use(octets.length);
    if (this.#way.move(path) && this.#authenticated !== undefined) this.report({ kind: 'moved', path });
  }

  /** The peer is elsewhere: whether that was news. */
  follow(path: Path): boolean {
    return this.nat !== undefined && this.#way.move(path);
  }

  /** The caller has answered what was asked. */
  answered(answer: Answer): IkeRefusal | undefined {
    const phase1 = this.#phase1;
    if (phase1 === undefined) return undefined;
    if (this.role === 'initiator') this.#endAfter(PHASE_1_LIFETIME, 'half-open-expiry');
    const step = phase1.nextOf(answer);
    if (typeof step !== 'object') {
      phase1.ask(this, this.path);
      return step;
    }
    this.#takePhase1(step, undefined);
    return undefined;
  }

  resume(message: ReceivedMessage): void {
    try {
      if (this.#phase1 !== undefined && this.#authenticated !== undefined) {
        this.#retake(message, this.#phase1, this.#authenticated);
      } else if (this.#phase1 !== undefined) this.#heedPhase1(message, this.#phase1);
    } catch (error) {
      this.environment.refused(reasonOf(error));
    }
  }

  takeEarly(): readonly ReceivedMessage[] {
    return (this.#tooEarly.length > 0 ? undefined : this.#early?.take()) ?? NONE;
  }

  crowdedOut(): void {
    this.report({ kind: 'failed', reason: 'limit', detail: undefined });
  }

  tolerate(tolerated: readonly Tolerance[]): void {
    this.environment.tolerated(tolerated);
    if (this.isEstablished) for (const tolerance of tolerated) this.report({ kind: 'tolerated', tolerance });
    else if (tolerated.length > 0) this.#tolerated = [...new Set([...this.#tolerated, ...tolerated])];
  }

  forgives(tolerance: PeerTolerance): boolean {
    if (this.sa?.terms.leniency.has(tolerance) === false) return false;
    this.tolerate([tolerance]);
    return true;
  }

  softExpired(): void {
    this.report({ kind: 'soft-expired' });
  }

  hardExpired(): void {
    this.report({ kind: 'hard-expired' });
  }

  /** It has lasted long enough: half open, or retired. */
  due(reason: TimerReason): void {
    if (reason === 'ike-retired') this.report({ kind: 'outlived' });
    else this.#phase1?.giveUp();
  }

  report(effect: IkeSaEffect): void {
    if (effect.kind === 'initial-contact' && !this.isEstablished) this.#saysInitialContact = true;
    if (
      effect.kind === 'delete-received' &&
      this.#isNamed(effect.payload) &&
      this.#authenticated?.stages?.deleted() === true
    )
      return;
    const isNewChild =
      effect.kind === 'child-negotiated' ||
      (effect.kind === 'child-established' && effect.agreement.role === 'initiator');
    if (isNewChild) this.#childrenCreated++;
    this.environment.effects.push(this, effect);
  }

  apply(effect: IkeSaEffect): void {
    this.#owner.act(this, effect);
  }

  /**
   * Of several that have answered as the peer the one who is believed so far, where it is not what another might answer with. Once
   * it is known who answers, nobody else: by what the caller says it may be, before any message tells whoever finds it.
   */
  #checkCookie({ header }: ReceivedMessage): void {
    if (this.role !== 'initiator') return;
    const { exchange, responderCookie } = header;
    const isPossible =
      this.sa === undefined
        ? exchange === EXCHANGE[this.mode] || this.#phase1?.hasCookie(responderCookie) !== false
        : equalOctets(responderCookie, this.#cookies.responder);
    if (!isPossible) refuse('unknown-cookies');
  }

  #checkPath(path: Path): void {
    // Of what has gone to port 4500 for a NAT that somebody may have made up, the genuine message comes where it was begun.
    if (this.#phase1?.isInDoubt === true && this.role === 'initiator' && isSamePath(path, this.#way.home)) return;
    const variants = this.#authenticated?.variants ?? NONE;
    if (variants.some((variant) => mayBeOn(variant.path, path, variant.sa.nat))) return;
    const findings = this.#phase1?.state?.mayFloat === true ? ANYWHERE : this.nat;
    checkPath(this.path, path, findings);
  }

  #dispatch(message: ReceivedMessage): void {
    const { exchange } = message.header;
    if (exchange === EXCHANGE[this.mode]) this.#receivePhase1(message);
    else if (!PHASE_2.includes(exchange)) refuse('unsupported-exchange');
    else if (exchange === EXCHANGE.informational && !isEncrypted(message.header)) this.#report(message);
    else if (this.#authenticated !== undefined) this.#authenticated.receive(message);
    else this.#remind(message);
  }

  #leave(): void {
    const tell = (): void => this.inform([deleteOfIkeSa(this.cookies)]);
    this.#leaving = leave(this.environment, tell, () => this.report({ kind: 'outlived' }));
  }

  get #phase2s(): readonly Phase2Exchanges[] {
    return this.#authenticated?.phase2s ?? NONE;
  }

  /** It is as it has been taken: what it might have been is forgotten. */
  #settle(): void {
    if (this.#phase1?.isInDoubt !== true) return;
    this.#phase1.proven();
    this.#authenticated?.settle();
  }

  /**
   * In clear anybody may have sent it: it is passed on, and changes nothing. Once there are keys it is refused as well, but
   * it may be all that is ever heard of why nothing comes of a negotiation.
   */
  #report(message: ReceivedMessage): void {
    const isKnown = this.#authenticated !== undefined;
    for (const notification of readClearInformational(message, isKnown)) {
      const error = peerError(notification.notifyType);
      if (error !== undefined && !isKnown) this.#phase1?.refusedInClear(error);
      this.report({ kind: 'notified', notification, authenticated: false });
    }
    if (isKnown) refuse('not-encrypted');
  }

  /**
   * Who is done with phase 1, or has no more to assign, may begin what follows, and repeats it seconds later: it is not lost.
   * @throws Refusal or DecodeError where it is known already that the peer has not sent it.
   */
  #keepsEarly(message: ReceivedMessage): boolean {
    const { header } = message;
    if (!this.#tooEarly.includes(header.exchange) || !isEncrypted(header)) return false;
    if (this.sa !== undefined) checkFirst(this.sa, message);
    this.#early ??= new Early();
    return this.#early.keeps(message);
  }

  /** The exchanges that follow, and for which something is awaited yet. */
  get #tooEarly(): readonly number[] {
    if (this.#state === 'mode-config') return NEGOTIATIONS;
    return this.#phase1?.question !== undefined && this.isReached ? PHASE_2 : NONE;
  }

  /** In Aggressive Mode the initiator is done before the responder: message 3 was lost (RFC 2409 §5). */
  #remind({ path }: ReceivedMessage): never {
    const isAsking = this.#phase1?.question !== undefined;
    const isMeant = this.mode === 'aggressive' && this.role === 'responder' && !isAsking;
    if (isMeant && this.#reminders < REMINDERS_MOST && this.#isOwed) {
      this.#reminders++;
      this.#phase1?.remind((octets) => this.send(octets, path));
    }
    return refuse('not-authenticated');
  }

  /**
   * Whether there may be one more answer: until a peer has shown that it is where it says, no more goes there than has come
   * from there, and one answer. Nobody is worth lying for (the lesson of CVE-2016-5361).
   */
  get #isOwed(): boolean {
    return this.role === 'initiator' || this.isReached || this.#way.isBalanced;
  }

  #receivePhase1(message: ReceivedMessage): void {
    const { header, digest } = message;
    const phase1 = this.#phase1 ?? refuse('unexpected-message');
    const answer = phase1.answerTo(digest);
    if (answer !== undefined) this.#repeatPhase1(message, answer);
    if (answer !== undefined) return;
    if (phase1.isPending(digest)) {
      phase1.insists(digest);
      return;
    }
    if (header.messageId !== 0) refuse('invalid-message-id');
    if (this.role === 'initiator' && isZero(header.responderCookie)) refuse('zero-cookie');
    const known = this.#authenticated;
    if (known !== undefined) {
      this.#retake(message, phase1, known);
      return;
    }
    if (!phase1.holds(message)) this.#heedPhase1(message, phase1);
  }

  #heedPhase1(message: ReceivedMessage, phase1: Phase1Exchange): void {
    const step = phase1.next(message);
    checkPath(this.path, message.path, (step.next[0] ?? step.outcome)?.nat);
    if (step.vendorIds.some(takesFragments)) this.#way.takesFragments();
    this.verified(message);
    this.#takePhase1(step, message.digest);
    hear(step.heard, this, this.#authenticated?.phase2);
    this.tolerate(step.tolerated);
  }

  #takePhase1(step: Phase1Step, digest: string | undefined): void {
    const [next] = step.next;
    const nat = next?.nat ?? step.outcome?.nat;
    this.#cookies = next?.cookies ?? step.outcome?.cookies ?? this.#cookies;
    if (step.outcome !== undefined) this.#way.move(this.pathWith(nat));
    this.#phase1?.take(step, digest);
    const waitsAnew = this.#phase1?.ask(this, this.path) === true && this.role === 'initiator';
    if (step.outcome !== undefined) {
      this.#establish(step.outcome);
      for (const rival of this.#phase1?.takeRivals() ?? NONE) this.resume(rival);
    } else if (waitsAnew || this.#ending === undefined) this.#endAfter(HALF_OPEN_LIFETIME, 'half-open-expiry');
  }

  #establish(sa: Established): void {
    this.#stopEnding();
    this.turn('authenticated');
    const authenticated = new Authenticated(this, sa);
    this.#authenticated = authenticated;
    if (this.#phase1?.isInDoubt !== true) sa.keys.settled();
    this.#phase1?.linger(() => this.#forget());
    authenticated.begin();
  }

  /** What proved the peer came altered where nothing proves it, and now comes as it was sent: or the other way round. */
  #retake(message: ReceivedMessage, phase1: Phase1Exchange, known: Authenticated): void {
    const { sa, reply } = phase1.retake(message, known.sa);
    const isReread = this.role === 'initiator' && this.mode === 'aggressive';
    if (!isReread) {
      checkPath(this.path, message.path, sa.nat);
      this.verified(message);
    }
    const path = isReread ? this.#way.with(sa.nat, this.#way.home) : this.path;
    if (reply !== undefined) this.send(reply, path);
    // That there is none is never so by chance; who hid one is found out if the peer takes no notice of what came of that.
    if (known.sa.nat !== undefined && !isSameNat(sa.nat, known.sa.nat)) {
      this.#way.move(this.pathWith(sa.nat));
      known.mend(sa.nat);
    }
    known.vary(sa, path, reply);
  }

  #isNamed({ protocol, spis }: DeletePayload): boolean {
    const { initiator, responder } = this.cookies;
    return protocol === PROTOCOL_ID.isakmp && spis.some((spi) => equalOctets(spi, concat(initiator, responder)));
  }

  /** Who repeats what was answered has not heard what was said with the answer either. */
  #repeatPhase1(message: ReceivedMessage, answer: Uint8Array): void {
    if (!this.#isOwed) refuse('limit');
    this.repeat(message, answer);
    const { sa } = this;
    if (sa?.tellsInitialContact !== true || this.#reminders >= REMINDERS_MOST) return;
    this.#reminders++;
    this.inform([initialContactNotification(sa.cookies)]);
  }

  /** What phase 1 was answered with is not repeated any more. */
  #forget(): void {
    this.#settle();
    this.#phase1?.drop();
    this.#phase1 = undefined;
    this.#authenticated?.phase2.rest();
  }

  #endAfter(pause: Duration, reason: 'half-open-expiry' | 'ike-retired', subject: Due = this): void {
    const { timers, now } = this.environment;
    timers.cancel(this.#ending);
    this.#ending = timers.set(after(now, pause), reason, subject);
  }

  #stopEnding(): void {
    this.environment.timers.cancel(this.#ending);
    this.#ending = undefined;
  }
}
