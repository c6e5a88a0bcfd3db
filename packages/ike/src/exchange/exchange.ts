import { after, decodeMessage, ISAKMP_HEADER_OCTETS } from '@espalier/wire';
import type { Clue } from '../failures.ts';
import { FINISHED_EXCHANGE_LIFETIME } from '../limits.ts';
import type { Answer, QuestionAsked } from '../questions/question.ts';
import { refuse } from '../refusals.ts';
import type { Environment } from '../runtime/environment.ts';
import { Retransmission } from '../runtime/retransmission.ts';
import type { Timer } from '../runtime/timers.ts';
import { openBody } from '../v1/protection.ts';
import type { Standing } from './heard.ts';
import { isEncrypted, type ReceivedMessage } from './message.ts';
import { all, checkPayloads } from './rules.ts';
import {
  type AwaitsAnswer,
  type AwaitsMessage,
  type Heeded,
  type OpenedMessage,
  type Protection,
  type Step,
  wipeAll,
} from './state.ts';

type Awaiting<State, Outcome> = AwaitsMessage<State, Outcome> | AwaitsAnswer<State, Outcome>;

/** Through what an exchange speaks. */
export interface Line {
  readonly environment: Environment;
  send(octets: Uint8Array): void;
}

/**
 * One exchange of either phase: the state that it is in, the answers that it has given, its retransmission. The IV chain
 * is in the states: each knows with what the next message is opened (RFC 2409 Appendix B).
 */
export class Exchange<State extends Awaiting<State, Outcome>, Outcome> {
  /** 0 for phase 1. */
  readonly messageId: number;
  protected readonly line: Line;
  readonly #unanswered: () => void;
  #states: readonly State[];
  #answers: Map<string, Uint8Array> | undefined;
  /** The message that the present state was made of. */
  #latest: string | undefined;
  #lastSent: Uint8Array | undefined;
  #sent = 0;
  #clue: Clue | undefined;
  #retransmission: Retransmission | undefined;
  #forgetting: Timer | undefined;

  /** `unanswered`: what to do once the last repetition has had no answer. */
  constructor(messageId: number, line: Line, state: State, unanswered: () => void) {
    this.messageId = messageId;
    this.line = line;
    this.#unanswered = unanswered;
    this.#states = [state];
  }

  /** Undefined once the exchange is over. */
  get state(): State | undefined {
    return this.#states[0];
  }

  /** Those of which a later message decides. */
  get states(): readonly State[] {
    return this.#states;
  }

  /** Messages that this side has sent, repetitions not counted. */
  get sent(): number {
    return this.#sent;
  }

  /** What was heard last in the place of what the present state awaits. */
  get clue(): Clue | undefined {
    return this.#clue;
  }

  get question(): QuestionAsked | undefined {
    const { state } = this;
    return state !== undefined && 'asks' in state ? state.asks : undefined;
  }

  /** What a message was answered with when it came first. */
  answerTo(digest: string): Uint8Array | undefined {
    return this.#answers?.get(digest);
  }

  /** Whether a message has come already, and its answer waits for the caller, or is none. */
  isPending(digest: string): boolean {
    return this.question !== undefined && digest === this.#latest;
  }

  /** What a message leads to. @throws Refusal or DecodeError, with nothing changed. */
  next(message: ReceivedMessage): Heeded<State, Outcome> {
    const { state } = this;
    if (state === undefined) return refuse(this.messageId === 0 ? 'unexpected-message' : 'message-id-reused');
    return 'asks' in state ? refuse('unexpected-message') : heed(state, message);
  }

  /** Something else than what is awaited was heard. It is not believed: what is awaited may still come, for a while. */
  heard(clue: Clue): void {
    this.#clue = clue;
    this.#retransmission?.hasten();
  }

  /** What the caller's answer leads to. @throws Refusal, which ends the exchange. */
  answered(answer: Answer): Step<State, Outcome> {
    const { state } = this;
    return state !== undefined && 'asks' in state ? state.answer(answer) : refuse('unexpected-message');
  }

  /** Goes where a step leads, and sends what it sends. `digest`: of the message that led there. */
  take({ next, reply }: Step<State, Outcome>, digest: string | undefined = this.#latest): void {
    this.become(next, digest);
    if (reply === undefined) return;
    this.#lastSent = reply;
    this.#sent++;
    if (digest !== undefined) this.keepAnswer(digest, reply);
    this.speak(reply);
    if (next.some((state) => !('asks' in state) && state.repeats)) this.repeat();
  }

  /** Sends again what was sent last: the peer behaves as if it had not come. */
  remind(send: (octets: Uint8Array) => void): void {
    if (this.#lastSent !== undefined) send(this.#lastSent);
  }

  /** The exchange is settled; for a while its answers are still repeated to a peer that repeats itself. */
  linger(forget: () => void): void {
    const { timers, now } = this.line.environment;
    timers.cancel(this.#forgetting);
    this.#forgetting = timers.set(after(now, FINISHED_EXCHANGE_LIFETIME), 'exchange-forgotten', { due: forget });
  }

  /** Forgets everything without a word. */
  drop(): void {
    this.#retransmission?.stop();
    this.line.environment.timers.cancel(this.#forgetting);
    for (const { secrets } of this.#states) wipeAll(secrets);
    this.#states = [];
  }

  /** Awaits something else from now on. */
  protected become(states: readonly State[], digest: string | undefined): void {
    this.#retransmission?.stop();
    this.#retransmission = undefined;
    this.#clue = undefined;
    this.#states = states;
    this.#latest = digest;
  }

  /** What a message is answered with should it come again. */
  protected keepAnswer(digest: string, reply: Uint8Array): void {
    this.#answers ??= new Map();
    this.#answers.set(digest, reply);
  }

  protected speak(octets: Uint8Array): void {
    this.line.send(octets);
  }

  /** What was sent last is sent again until there is an answer. */
  protected repeat(): void {
    this.#retransmission = new Retransmission(
      this.line.environment,
      () => this.speakAgain(),
      () => this.#unanswered(),
    );
  }

  protected speakAgain(): void {
    if (this.#lastSent !== undefined) this.speak(this.#lastSent);
  }
}

/** What a message leads to in one state. @throws Refusal or DecodeError, with nothing changed. */
export function heed<State, Outcome>(
  state: AwaitsMessage<State, Outcome>,
  message: ReceivedMessage,
): Heeded<State, Outcome> & { readonly opened: OpenedMessage } {
  const opened = openMessage(state.protection, message);
  const beside = checkPayloads(state.rules, opened.payloads);
  const step = state.receive(opened);
  const standing = standingOf(state, message);
  const heard = all(opened.payloads, 'notification').map((notification) => ({ notification, standing }));
  const vendorIds = all(opened.payloads, 'vendor-id').map(({ data }) => data);
  return { ...step, opened, heard, vendorIds, tolerated: [...beside, ...(step.tolerated ?? [])] };
}

/** Opens a message with what a state awaits it under. @throws Refusal or DecodeError */
export function openMessage(
  protection: Protection,
  { header, octets }: Pick<ReceivedMessage, 'header' | 'octets'>,
): OpenedMessage {
  const encrypted = isEncrypted(header);
  if (protection.kind === 'clear') {
    if (encrypted) refuse('encrypted');
    return inClear(header, octets, new Uint8Array(0));
  }
  if (encrypted) return { header, ...openBody(protection.cipher, protection.iv, header, octets) };
  return protection.kind === 'either' ? inClear(header, octets, protection.iv) : refuse('not-encrypted');
}

function standingOf({ isHashed }: { readonly isHashed?: boolean }, { header }: ReceivedMessage): Standing {
  if (!isEncrypted(header)) return 'clear';
  return isHashed === true ? 'hashed' : 'encrypted';
}

function inClear(header: ReceivedMessage['header'], octets: Uint8Array, nextIv: Uint8Array): OpenedMessage {
  return { header, payloads: decodeMessage(octets).payloads, chain: octets.subarray(ISAKMP_HEADER_OCTETS), nextIv };
}
