import { copyOctets } from '@espalier/crypto';
import { DecodeError } from '@espalier/wire';
import { Exchange, type Line } from '../../exchange/exchange.ts';
import { isEncrypted, isZero, type ReceivedMessage } from '../../exchange/message.ts';
import { wipeAll } from '../../exchange/state.ts';
import { explainAnswer } from '../../explain/refused.ts';
import { RIVALS_MOST, UNDECIPHERABLE_MOST } from '../../limits.ts';
import type { NatFindings } from '../../nat/discovery.ts';
import type { Path } from '../../path.ts';
import type { PeerError } from '../../peer-error.ts';
import type { Answer, QuestionAsked } from '../../questions/question.ts';
import type { Asker } from '../../questions/questions.ts';
import { type IkeRefusal, Refusal, refuse } from '../../refusals.ts';
import type { IkeSaEffect } from '../../sa/effect.ts';
import type { ExchangeMode, Role } from '../../types.ts';
import { failureOf, type Progress, refusedIn, standstillOf, VERDICTS, WRONG_HASH } from './end.ts';
import { Inquiries } from './inquiries.ts';
import { isFor, isOfCookie, isProof, type Met, meet, secretsOf } from './met.ts';
import type {
  Established,
  HeededPhase1Step,
  Phase1AnswerState,
  Phase1MessageState,
  Phase1State,
  Phase1Step,
  Retaken,
} from './phase1.ts';
import { retake, type Taken } from './retaken.ts';
import { distinct, type Sent, saidBy } from './sent.ts';

/** Through what phase 1 speaks, and what it tells of itself. */
export interface Phase1Host extends Line {
  report(effect: IkeSaEffect): void;
  send(octets: Uint8Array, path?: Path): void;
  /** Between what ends a message goes where a state has found this of NATs. */
  pathWith(nat: NatFindings | undefined): Path;
  /** A message is taken that was held back: nothing has come of another in its place. */
  resume(message: ReceivedMessage): void;
}

const NONE: readonly never[] = [];

/**
 * The exchange of phase 1, and what it is that it comes to nothing for, if it does.
 *
 * Until the peer has proved who it is, what was taken may have been anybody's. So the states that were left for a message
 * still take another in its place, a few times: an initiator once nothing comes of the first, or the caller does not believe
 * it. All that comes of them goes on side by side, and the first that proves to be the peer's own stays alone.
 */
export class Phase1Exchange extends Exchange<Phase1State, Established> {
  readonly #host: Phase1Host;
  readonly #mode: ExchangeMode;
  readonly #role: Role;
  /** States that were left for a message that nothing has proved. */
  #left: readonly Phase1MessageState[] = NONE;
  #rivals = 0;
  /** Those that are tried once nothing comes of what was taken in their place. */
  #held: readonly ReceivedMessage[] = NONE;
  /** What the step that is to be taken next came of. */
  #met: readonly Met[] = NONE;
  #cause: Taken | undefined;
  readonly #inquiries: Inquiries;
  #said: readonly Sent[] = NONE;
  /** Tells a peer that is done with phase 1 that it ends there. */
  #farewell: (() => Uint8Array) | undefined;
  /** What the peer has proved itself with, while nothing tells whether it came as it was sent. */
  #proof: Taken | undefined;
  /** Messages that no key of ours opened. */
  #undecipherable = 0;
  /** Whether somebody was told already why this comes to nothing. */
  #isTold = false;

  constructor(host: Phase1Host, mode: ExchangeMode, role: Role, state: Phase1State) {
    super(0, host, state, () => this.giveUp());
    this.#host = host;
    this.#mode = mode;
    this.#role = role;
    this.#inquiries = new Inquiries(host.environment.questions);
  }

  override get question(): QuestionAsked | undefined {
    return this.states.flatMap((state) => ('asks' in state ? state.asks : []))[0];
  }

  /** What is known of NATs, as far as any state has found some. */
  get nat(): NatFindings | undefined {
    return this.states.find(({ nat }) => nat !== undefined)?.nat;
  }

  /** Whether the peer may have this cookie. */
  hasCookie(responder: Uint8Array): boolean {
    return this.states.some((state) => isOfCookie(state, responder));
  }

  override isPending(digest: string): boolean {
    if (this.#held.some((message) => message.digest === digest)) return true;
    return this.#inquiries.whyUnbelieved(digest) !== undefined || this.#inquiries.isAbout(digest);
  }

  /**
   * A message that waits, or was not believed, comes again: where no other has come meanwhile, it is what the peer says.
   * @throws Refusal where it was not believed.
   */
  insists(digest: string): void {
    const why = this.#inquiries.whyUnbelieved(digest);
    if (why === undefined) return;
    if (this.question === undefined) this.giveUp();
    refuse(why);
  }

  /** Whether a message is held back that may be in the place of one that was taken. */
  holds(message: ReceivedMessage): boolean {
    const isHeld =
      this.#role === 'initiator' &&
      !isEncrypted(message.header) &&
      this.#rivals + this.#held.length < RIVALS_MOST &&
      !this.states.some((state) => isFor(state, message)) &&
      this.#left.some((state) => isFor(state, message));
    if (isHeld) this.#held = [...this.#held, message];
    return isHeld;
  }

  /**
   * What a message leads to. Each that no key opens, or with a wrong hash, is a guess at the key: it gets few for one key
   * exchange. @throws Refusal or DecodeError
   */
  override next(message: ReceivedMessage): HeededPhase1Step {
    try {
      return this.#next(message);
    } catch (error) {
      if (this.state !== undefined) this.#heardRefused(error, message);
      throw error;
    }
  }

  /** What the caller's answer leads to, or why what it is about is refused; undefined where nobody asks any more. */
  nextOf(answer: Answer): Phase1Step | IkeRefusal | undefined {
    const { question } = this;
    const asked = this.#inquiries.takeAsked();
    if (asked === undefined) return undefined;
    this.#met = NONE;
    this.#cause = this.#inquiries.causeOf(asked);
    try {
      const step = asked.answer(answer);
      return isProof(step) ? step : { ...step, next: [...step.next, ...this.#beside([asked])] };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#host.environment.refused(error.reason);
      const detail = explainAnswer(error, question) ?? refusedIn(this.states, error).explain();
      const isDoubtful = VERDICTS.includes(error.reason) && this.#disbelieve(asked, error.reason);
      this.heard({ reason: error.reason, detail });
      if (!isDoubtful || ++this.#undecipherable >= UNDECIPHERABLE_MOST) this.giveUp();
      else this.#resume();
      return error.reason;
    }
  }

  override take(step: Phase1Step, digest: string | undefined = this.#cause?.message.digest): void {
    const [met, cause] = [this.#met, this.#cause];
    this.#met = NONE;
    this.#cause = undefined;
    const taken = met[0] ?? cause;
    if (isProof(step)) this.#settle(step, taken);
    else this.#leave(step, met);
    const said = met.length > 1 ? met.flatMap((one) => saidBy(one.step)) : saidBy(step);
    this.#said = [...said, ...this.#said];
    super.take(step, digest);
    for (const { octets } of distinct(said).slice(1)) this.speak(octets);
    if (step.reply === undefined && this.#awaited.length > 0) this.repeat();
    if (step.outcome === undefined) this.#inquiries.keep(step.next);
    if (taken === undefined) return;
    for (const state of step.next) {
      const from = met.find((one) => one.step.next.includes(state));
      this.#inquiries.noteCause(state, from ?? taken);
    }
  }

  /** Asks what the first state that asks has to know, unless that is asked already: whether there is a new question. */
  ask(asker: Asker, path: Path): boolean {
    return this.#inquiries.ask(this.states, asker, path);
  }

  /** Whether what proved the peer is still taken as it may have been sent instead. */
  get isInDoubt(): boolean {
    return this.#proof !== undefined;
  }

  /** What the IKE SA is if this message has proved the peer. @throws Refusal or DecodeError */
  retake(message: ReceivedMessage, sa: Established): Retaken {
    const { digest } = message;
    const proof = this.#proof ?? refuse('unexpected-message');
    if (this.#rivals >= RIVALS_MOST) refuse('limit');
    const isAnswered = this.#role === 'responder' ? this.#mode === 'main' : this.#mode === 'aggressive';
    const retaken = retake(proof, message, sa, isAnswered ? this.#said[0]?.octets : undefined);
    this.#rivals++;
    if (retaken.reply !== undefined) this.keepAnswer(digest, retaken.reply);
    return retaken;
  }

  /** Something else is authentic: so it is known as what the message came that proved the peer. */
  proven(): void {
    this.#proof = undefined;
  }

  /** Messages that were asked about, or held back, beside the one that has proved the peer. */
  takeRivals(): readonly ReceivedMessage[] {
    const rivals = [...this.#inquiries.takeMessages(), ...this.#held];
    this.#held = NONE;
    return rivals.filter(({ digest }) => digest !== this.#proof?.message.digest);
  }

  /** The peer refuses, or somebody in its name: nothing protects it. */
  refusedInClear(error: PeerError): void {
    const detail = { kind: 'told', error, authenticated: false, ...standstillOf(this.#progress) } as const;
    this.heard({ reason: error, detail });
  }

  /** Nothing more is to be expected. */
  giveUp(): void {
    const [asking] = this.states.flatMap((state) => ('asks' in state ? (state.farewell ?? []) : []));
    const farewell = asking ?? this.#farewell;
    if (farewell !== undefined) this.#host.send(farewell());
    const isKnown = this.#isTold && this.clue === undefined && this.question === undefined;
    this.#host.report(
      isKnown ? { kind: 'abandoned' } : { kind: 'failed', ...failureOf(this.clue, this.question, this.#progress) },
    );
  }

  override drop(): void {
    this.#inquiries.withdraw();
    super.drop();
    wipeAll(secretsOf(this.#left));
    this.#left = NONE;
    this.#held = NONE;
    this.proven();
    this.#farewell = undefined;
  }

  protected override speak(octets: Uint8Array): void {
    const said = this.#said.find((one) => one.octets === octets);
    this.#host.send(octets, this.#host.pathWith(said?.nat));
  }

  protected override speakAgain(): void {
    this.#resume();
    for (const { octets } of distinct(this.#awaited)) this.speak(octets);
  }

  /** @throws Refusal or DecodeError, with nothing changed. */
  #next(message: ReceivedMessage): HeededPhase1Step {
    const { met, error } = meet(this.states, message);
    const isFinal = met.length > 0 || (error instanceof Refusal && error.isAuthentic);
    if (isFinal || this.#rivals >= RIVALS_MOST) return this.#stage(met, error);
    const { met: rivals } = meet(this.#left, message);
    if (rivals.length > 0) this.#rivals++;
    return this.#stage(rivals, error);
  }

  #stage(met: readonly Met[], error: unknown): HeededPhase1Step {
    const [first] = met;
    if (first === undefined) throw error ?? new Refusal('unexpected-message');
    this.#met = met;
    this.#cause = undefined;
    if (isProof(first.step)) return first.step;
    const next = [...met.flatMap(({ step }) => step.next), ...this.#beside(met.map(({ state }) => state))];
    return { ...first.step, next };
  }

  #beside(states: readonly Phase1State[]): readonly Phase1State[] {
    return this.states.filter((state) => !states.includes(state));
  }

  /** The peer has proved who it is: what else may have been has not. */
  #settle({ next, outcome }: Phase1Step, cause: Taken | undefined): void {
    const kept = [...secretsOf(next), ...(outcome === undefined ? NONE : [outcome.keys])];
    wipeAll(secretsOf([...this.states, ...this.#left]), kept);
    this.#left = NONE;
    this.#said = NONE;
    this.#farewell = undefined;
    this.#proof = outcome === undefined ? undefined : cause;
  }

  #leave({ next }: Phase1Step, met: readonly Met[]): void {
    // Another first message begins another IKE SA.
    const isFirst = this.#role === 'responder' && met.some(({ state }) => isZero(state.cookies.responder));
    const left = isFirst ? NONE : met.map(({ state }) => state);
    this.#left = [...new Set([...this.#left, ...left])];
    const gone = this.states.filter((state) => !next.includes(state));
    wipeAll(secretsOf(gone), secretsOf([...next, ...this.#left]));
  }

  /** Goes back to what had awaited a message, unless another is asked about: false where nothing had. */
  #disbelieve(asked: Phase1AnswerState, reason: IkeRefusal): boolean {
    const cause = this.#inquiries.causeOf(asked);
    if (cause === undefined) return false;
    const others = this.#beside([asked]);
    const next = others.length > 0 ? others : [cause.state];
    this.#inquiries.disbelieve(asked, cause, reason);
    this.#farewell = asked.farewell ?? this.#farewell;
    this.#left = this.#left.filter((one) => !next.includes(one));
    wipeAll(asked.secrets, secretsOf([...next, ...this.#left]));
    this.become(next, undefined);
    if (this.#awaited.length > 0) this.repeat();
    return true;
  }

  #resume(): void {
    const held = this.#held;
    this.#held = NONE;
    for (const message of held) this.#host.resume(message);
  }

  /** What goes again until there is an answer. */
  get #awaited(): readonly Sent[] {
    const isAwaiting = (state: Phase1State) => !('asks' in state) && state.repeats && this.states.includes(state);
    return this.#said.filter(({ by }) => by.some(isAwaiting));
  }

  get #progress(): Progress {
    return { mode: this.#mode, role: this.#role, sent: this.sent, state: this.state };
  }

  #heardRefused(error: unknown, message: ReceivedMessage): void {
    if (!(error instanceof Refusal || error instanceof DecodeError)) return;
    const refusal = refusedIn(this.states, error);
    if (this.#role === 'responder') {
      this.#isTold = true;
      this.#host.report({ kind: 'refused', phase: 1, refusal });
    } else this.heard({ reason: refusal.reason, detail: refusal.explain() });
    if (refusal.reason !== 'undecipherable') this.#noteFarewell(message);
    const isGuess = this.#role === 'responder' && (isEncrypted(message.header) || refusal.reason === WRONG_HASH);
    const isOver = isGuess
      ? ++this.#undecipherable >= UNDECIPHERABLE_MOST
      : this.#role === 'initiator' && error instanceof Refusal && error.isAuthentic;
    if (isOver) this.giveUp();
  }

  /** What opens and is refused is most likely the peer's, which is done then. */
  #noteFarewell({ header, octets }: ReceivedMessage): void {
    if (!isEncrypted(header)) return;
    for (const state of this.states) {
      if ('asks' in state || state.farewell === undefined || state.protection.kind === 'clear') continue;
      const lastBlock = copyOctets('message', octets.subarray(-state.protection.cipher.blockOctets));
      this.#farewell = () => state.farewell?.(lastBlock) ?? new Uint8Array(0);
    }
  }
}
