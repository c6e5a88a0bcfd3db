import { DecodeError } from '@espalier/wire';
import type { Refused } from '../failures.ts';
import type { QuestionAsked } from '../questions/question.ts';
import type { Refusal } from '../refusals.ts';
import type { RefusalDetail } from './detail.ts';
import { nameIdentity } from './identity.ts';

/** Why a message was refused, by what was thrown for it. */
export function refusedFor(error: Refusal | DecodeError): Refused {
  if (!(error instanceof DecodeError)) return { reason: error.reason, explain: () => error.detail };
  const { fault, path } = error;
  return { reason: 'malformed', explain: () => ({ kind: 'malformed', fault, path }) };
}

/** What a question of phase 1 was about that came to nothing. */
export function explainQuestion(asked: QuestionAsked): RefusalDetail | undefined {
  switch (asked.kind) {
    case 'shared-key':
      return { kind: 'no-shared-key', peer: asked.peer, identity: asked.identity && nameIdentity(asked.identity) };
    case 'sign':
    case 'verify-chain': {
      const kind = asked.kind === 'sign' ? 'no-signature' : 'no-verdict';
      return { kind, peer: asked.peer, identity: nameIdentity(asked.identity) };
    }
    default:
      return undefined;
  }
}

/** What an answer did not give; undefined where it gave what was asked for. */
export function explainAnswer({ reason }: Refusal, asked: QuestionAsked | undefined): RefusalDetail | undefined {
  return reason === 'no-shared-key' && asked !== undefined ? explainQuestion(asked) : undefined;
}
