import type { Identification } from '@espalier/wire';
import type { RefusalDetail } from '../../explain/detail.ts';
import type { Answer, QuestionAsked } from '../../questions/question.ts';
import { refuse } from '../../refusals.ts';
import type { IkeProposal, Role } from '../../types.ts';
import { AUTHENTICATION_METHODS } from '../authentication/methods.ts';
import type { Phase1Context } from './phase1.ts';

const NOTHING_SHARED = new Uint8Array(0);

/** What both sides know beforehand; 'ask' where only the caller does. */
export function sharedSecret(context: Phase1Context, { authentication }: IkeProposal): Uint8Array | 'ask' {
  if (!AUTHENTICATION_METHODS[authentication].sharesKey) return NOTHING_SHARED;
  const { preSharedKey, peer } = context;
  const explain = (): RefusalDetail => ({ kind: 'no-shared-key', peer, identity: undefined });
  return preSharedKey ?? refuse('no-shared-key', { explain });
}

export function asksSharedKey({ peer }: Phase1Context, role: Role, identity?: Identification): QuestionAsked {
  return { kind: 'shared-key', peer, role, identity };
}

/** The key that the caller gave. @throws Refusal where there is none. */
export function answeredKey(answer: Answer): Uint8Array {
  return (answer.kind === 'shared-key' ? answer.key : undefined) ?? refuse('no-shared-key');
}
