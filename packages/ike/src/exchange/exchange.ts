import { after, decodeMessage, ISAKMP_HEADER_OCTETS } from '@espalier/wire';
import type { Clue } from '../failures.ts';
import { FINISHED_EXCHANGE_LIFETIME } from '../limits.ts';
import type { Answer, QuestionAsked } from '../questions/question.ts';
import { Refusal, refuse } from '../refusals.ts';
import type { Environment } from '../runtime/environment.ts';
import { Retransmission } from '../runtime/retransmission.ts';
import type { Timer } from '../runtime/timers.ts';
import { openBody } from '../v1/protection.ts';
import type { Standing } from './heard.ts';
import { isEncrypted, type ReceivedMessage } from './message.ts';
import { all, checkPayloads } from './rules.ts';
import type { AwaitsAnswer, AwaitsMessage, Heeded, OpenedMessage, Protection, Step } from './state.ts';

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
  readonly #line: Line;
  readonly #unanswered: () => void;
  #states: readonly State[];
  #answers: Map<string, Uint8Array> | undefined;
  /** Of several states the one that the latest message was for. */
  #met: State | undefined;
  /** Messages that the caller did not believe. */
  #unbelieved: readonly string[] = [];
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
    this.#line = line;
    this.#unanswered = unanswered;
    this.#states = [state];
  }

  /** Undefined once the exchange is over. */
  get state(): State | undefined {
    return this.#states[0];
  }

  /** Those of which the next message decides. */
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
    if (this.#unbelieved.includes(digest)) return true;
    return this.question !== undefined && digest === this.#latest;
  }

  /** What a message leads to. @throws Refusal or DecodeError, with nothing changed. */
  next(message: ReceivedMessage): Heeded<State, Outcome> {
    let refusal: Refusal | undefined;
    for (const state of this.#states) {
      try {
        if ('asks' in state) return refuse('unexpected-message');
        const opened = openMessage(state.protection, message);
        const beside = checkPayloads(state.rules, opened.payloads);
        const step = state.receive(opened);
        this.#met = state;
        const standing = standingOf(state, message);
        const heard = all(opened.payloads, 'notification').map((notification) => ({ notification, standing }));
        const vendorIds = all(opened.payloads, 'vendor-id').map(({ data }) => data);
        return { ...step, heard, vendorIds, tolerated: [...beside, ...(step.tolerated ?? [])] };
      } catch (error) {
        if (!(error instanceof Refusal) || this.#states.length === 1) throw error;
        if (refusal?.isAuthentic !== true) refusal = error;
      }
    }
    if (refusal !== undefined) throw refusal;
    return refuse(this.messageId === 0 ? 'unexpected-message' : 'message-id-reused');
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
    this.#retransmission?.stop();
    this.#retransmission = undefined;
    if (this.#met !== undefined) for (const state of this.#states) if (state !== this.#met) state.wipe();
    this.#met = undefined;
    this.#clue = undefined;
    this.#states = next;
    this.#latest = digest;
    if (reply === undefined) return;
    this.#lastSent = reply;
    this.#sent++;
    if (digest !== undefined) {
      this.#answers ??= new Map();
      this.#answers.set(digest, reply);
    }
    this.#line.send(reply);
    const { state } = this;
    if (state !== undefined && !('asks' in state) && state.repeats) this.#repeat(reply);
  }

  /** Goes back to what awaits a message, and asks for it again: the one that came is not believed, nor if it comes again. */
  goBack(state: State): void {
    if (this.#latest !== undefined) this.#unbelieved = [...this.#unbelieved, this.#latest];
    this.#latest = undefined;
    this.#states = [state];
    if (this.#lastSent !== undefined) this.#repeat(this.#lastSent);
  }

  /** Sends again what was sent last: the peer behaves as if it had not come. */
  remind(send: (octets: Uint8Array) => void): void {
    if (this.#lastSent !== undefined) send(this.#lastSent);
  }

  /** The exchange is settled; for a while its answers are still repeated to a peer that repeats itself. */
  linger(forget: () => void): void {
    const { timers, now } = this.#line.environment;
    timers.cancel(this.#forgetting);
    this.#forgetting = timers.set(after(now, FINISHED_EXCHANGE_LIFETIME), 'exchange-forgotten', { due: forget });
  }

  /** Forgets everything without a word. */
  drop(): void {
    this.#retransmission?.stop();
    this.#line.environment.timers.cancel(this.#forgetting);
    for (const state of this.#states) state.wipe();
    this.#states = [];
  }

  #repeat(octets: Uint8Array): void {
    this.#retransmission = new Retransmission(
      this.#line.environment,
      () => this.#line.send(octets),
      () => this.#unanswered(),
    );
  }
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
