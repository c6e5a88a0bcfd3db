import type { DecodeError } from '@espalier/wire';
import type { Standstill } from '../../explain/detail.ts';
import { explainQuestion, refusedFor } from '../../explain/refused.ts';
import type { Clue, Refused } from '../../failures.ts';
import type { QuestionAsked } from '../../questions/question.ts';
import type { IkeRefusal, Refusal } from '../../refusals.ts';
import type { ExchangeMode, Role } from '../../types.ts';
import type { Phase1State } from './phase1.ts';

/** How a guess at the key is refused that comes in clear. */
export const WRONG_HASH: IkeRefusal = 'authentication-failed';

/** How a message is refused of which the caller has said whose key it is, or that it is nobody's. */
export const VERDICTS: readonly IkeRefusal[] = [
  'certificate-refused',
  'unacceptable-key',
  'authentication-failed',
  'invalid-identity',
];

/** The message after which the state knows whether a key opens, or proves, the next. */
const FIRST_PROOF: Readonly<Record<ExchangeMode, number>> = { main: 4, aggressive: 2 };

/** How far a phase 1 has come. `sent`: messages that this side has sent. */
export interface Progress {
  readonly mode: ExchangeMode;
  readonly role: Role;
  readonly sent: number;
  readonly state: Phase1State | undefined;
}

/** Where it stands still. */
export function standstillOf({ mode, role, sent, state }: Progress): Standstill {
  const number = role === 'initiator' ? 2 * sent - 1 : 2 * sent;
  const isSigned = state !== undefined && state.keyOf === undefined && number >= FIRST_PROOF[mode];
  return {
    exchange: mode,
    sent: Math.max(0, number),
    inUdp: state?.nat !== undefined,
    ...(isSigned ? { isSigned } : {}),
  };
}

/** Why it comes to nothing: for what was heard last, else for what nobody has said. */
export function failureOf(clue: Clue | undefined, question: QuestionAsked | undefined, progress: Progress): Clue {
  if (clue !== undefined) return clue;
  if (question !== undefined) return { reason: 'question-unanswered', detail: explainQuestion(question) };
  return { reason: 'no-answer', detail: { kind: 'silence', ...standstillOf(progress) } };
}

/** Why a message was refused: what no key opens, or proves, says most likely that the keys differ. */
export function refusedIn(states: readonly Phase1State[], error: Refusal | DecodeError): Refused {
  const refused = refusedFor(error);
  if (refused.reason !== 'undecipherable' && refused.reason !== WRONG_HASH) return refused;
  const peers = states.flatMap(({ keyOf }) => keyOf ?? []);
  if (peers.length === 0) return refused;
  return { ...refused, explain: () => refused.explain() ?? { kind: 'keys-differ', peers } };
}
