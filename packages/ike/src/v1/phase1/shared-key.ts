import type { Identification } from '@espalier/wire';
import type { RefusalDetail } from '../../explain/detail.ts';
import type { Answer } from '../../questions/question.ts';
import { refuse } from '../../refusals.ts';
import type { IkeProposal, Role } from '../../types.ts';
import { AUTHENTICATION_METHODS } from '../authentication/methods.ts';
import { Pending } from '../authentication/pending.ts';
import type { Phase1Context } from './phase1.ts';

const NOTHING_SHARED = new Uint8Array(0);

/** What both sides know beforehand; pending where only the caller does. `identity`: who the peer says it is, where it has. */
export function sharedSecret(
  context: Phase1Context,
  { authentication }: IkeProposal,
  role: Role,
  identity?: Identification,
): Uint8Array | Pending<Uint8Array> {
  if (!AUTHENTICATION_METHODS[authentication].sharesKey) return NOTHING_SHARED;
  const { preSharedKey, peer } = context;
  if (preSharedKey === 'ask') return new Pending({ kind: 'shared-key', peer, role, identity }, answeredKey);
  const explain = (): RefusalDetail => ({ kind: 'no-shared-key', peer, identity: undefined });
  return preSharedKey ?? refuse('no-shared-key', { explain });
}

/** The key that the caller gave. @throws Refusal where there is none. */
function answeredKey(answer: Answer): Uint8Array {
  return (answer.kind === 'shared-key' ? answer.key : undefined) ?? refuse('no-shared-key');
}
