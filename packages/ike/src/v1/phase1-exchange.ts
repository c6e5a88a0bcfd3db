import { DecodeError } from '@espalier/wire';
import { Exchange, type Line } from '../exchange/exchange.ts';
import { isEncrypted, type ReceivedMessage } from '../exchange/message.ts';
import type { Standstill } from '../explain/detail.ts';
import { explainAnswer, explainQuestion, refusedFor } from '../explain/refused.ts';
import type { Clue, Refused } from '../failures.ts';
import { UNDECIPHERABLE_MOST } from '../limits.ts';
import type { PeerError } from '../peer-error.ts';
import type { Answer } from '../questions/question.ts';
import { type IkeRefusal, Refusal } from '../refusals.ts';
import type { IkeSaEffect } from '../sa/effect.ts';
import type { ExchangeMode, Role } from '../types.ts';
import type { Established, HeededPhase1Step, Phase1State, Phase1Step } from './phase1.ts';

/** Through what phase 1 speaks, and what it tells of itself. */
export interface Phase1Host extends Line {
  report(effect: IkeSaEffect): void;
}

/** How a guess at the key is refused that comes in clear. */
const WRONG_HASH: IkeRefusal = 'authentication-failed';

/** How a message is refused of which the caller has said whose key it is, or that it is nobody's. */
const VERDICTS: readonly IkeRefusal[] = [
  'certificate-refused',
  'unacceptable-key',
  'authentication-failed',
  'invalid-identity',
];

/** The message after which the state knows whether a key opens, or proves, the next. */
const FIRST_PROOF: Readonly<Record<ExchangeMode, number>> = { main: 4, aggressive: 2 };

/** The exchange of phase 1, and what it is that it comes to nothing for, if it does. */
export class Phase1Exchange extends Exchange<Phase1State, Established> {
  readonly #host: Phase1Host;
  readonly #mode: ExchangeMode;
  readonly #role: Role;
  /** Messages that no key of ours opened. */
  #undecipherable = 0;
  /** Whether somebody was told already why this comes to nothing. */
  #isTold = false;

  constructor(host: Phase1Host, mode: ExchangeMode, role: Role, state: Phase1State) {
    super(0, host, state, () => this.giveUp());
    this.#host = host;
    this.#mode = mode;
    this.#role = role;
  }

  /**
   * What a message leads to. Each that no key opens, or with a wrong hash, is a guess at the key: it gets few for one key
   * exchange. @throws Refusal or DecodeError
   */
  override next(message: ReceivedMessage): HeededPhase1Step {
    try {
      return super.next(message);
    } catch (error) {
      if (this.state !== undefined) this.#heardRefused(error, message);
      throw error;
    }
  }

  /** What the caller's answer leads to; undefined where it ends the exchange. */
  nextOf(answer: Answer): Phase1Step | undefined {
    const { question } = this;
    try {
      return super.answered(answer);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const detail = explainAnswer(error, question) ?? this.#refused(error).explain();
      const { state } = this;
      const back = state !== undefined && 'asks' in state && VERDICTS.includes(error.reason) ? state.back : undefined;
      if (back !== undefined) this.goBack(back());
      this.heard({ reason: error.reason, detail });
      if (back === undefined || ++this.#undecipherable >= UNDECIPHERABLE_MOST) this.giveUp();
      return undefined;
    }
  }

  /** The peer refuses, or somebody in its name: nothing protects it. */
  refusedInClear(error: PeerError): void {
    const detail = { kind: 'told', error, authenticated: false, ...this.#standstill } as const;
    this.heard({ reason: error, detail });
  }

  /** Nothing more is to be expected. */
  giveUp(): void {
    const { state } = this;
    if (state !== undefined && 'asks' in state && state.farewell !== undefined) this.#host.send(state.farewell());
    const isKnown = this.#isTold && this.clue === undefined && this.question === undefined;
    this.#host.report(isKnown ? { kind: 'abandoned' } : { kind: 'failed', ...this.#failure });
  }

  get #failure(): Clue {
    const { clue, question } = this;
    if (clue !== undefined) return clue;
    if (question !== undefined) return { reason: 'question-unanswered', detail: explainQuestion(question) };
    return { reason: 'no-answer', detail: { kind: 'silence', ...this.#standstill } };
  }

  get #standstill(): Standstill {
    const number = this.#role === 'initiator' ? 2 * this.sent - 1 : 2 * this.sent;
    const { state } = this;
    const isSigned = state !== undefined && state.keyOf === undefined && number >= FIRST_PROOF[this.#mode];
    return {
      exchange: this.#mode,
      sent: Math.max(0, number),
      inUdp: state?.nat !== undefined,
      ...(isSigned ? { isSigned } : {}),
    };
  }

  #heardRefused(error: unknown, message: ReceivedMessage): void {
    if (!(error instanceof Refusal || error instanceof DecodeError)) return;
    const refusal = this.#refused(error);
    if (this.#role === 'responder') {
      this.#isTold = true;
      this.#host.report({ kind: 'refused', phase: 1, refusal });
    } else this.heard({ reason: refusal.reason, detail: refusal.explain() });
    const isGuess = this.#role === 'responder' && (isEncrypted(message.header) || refusal.reason === WRONG_HASH);
    const isOver = isGuess
      ? ++this.#undecipherable >= UNDECIPHERABLE_MOST
      : this.#role === 'initiator' && error instanceof Refusal && error.isAuthentic;
    if (isOver) this.giveUp();
  }

  /** Why a message was refused: what no key opens, or proves, says most likely that the keys differ. */
  #refused(error: Refusal | DecodeError): Refused {
    const refused = refusedFor(error);
    if (refused.reason !== 'undecipherable' && refused.reason !== WRONG_HASH) return refused;
    const peers = this.states.flatMap(({ keyOf }) => keyOf ?? []);
    if (peers.length === 0) return refused;
    return { ...refused, explain: () => refused.explain() ?? { kind: 'keys-differ', peers } };
  }
}
