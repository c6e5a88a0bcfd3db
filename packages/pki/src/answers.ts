import type { Answer, QuestionAsked } from '@espalier/ike';
import { formatRefusal } from './chain/refusals.ts';
import type { Pki } from './pki.ts';

/** Answers a question of IKE at a time in milliseconds since 1970; undefined: a question that is not about certificates. */
export type Answering = (question: QuestionAsked, at: number) => Answer | undefined;

/**
 * Answers what IKE asks about certificates: `verify-chain` and `sign`. Of one `Pki` for all peers, or of each peer's by
 * the name of its `PeerConfig`; undefined for a peer that has none.
 *
 *     const answering = answerWith(pki);
 *     const answer = answering(question, Date.now());
 *     if (answer !== undefined) endpoint.answer(now, question.id, answer);
 */
export function answerWith(pki: Pki | ((peer: string) => Pki | undefined)): Answering {
  return (question, at) => {
    if (question.kind !== 'verify-chain' && question.kind !== 'sign') return undefined;
    const one = typeof pki === 'function' ? pki(question.peer) : pki;
    if (question.kind === 'sign') {
      const signed = one?.sign(question);
      return signed === undefined ? { kind: 'sign', signature: undefined } : { kind: 'sign', ...signed };
    }
    if (one === undefined) return { kind: 'verify-chain', reason: `nobody is trusted for peer ${question.peer}` };
    const verdict = one.verifyChain(at, question);
    if (!verdict.ok) return { kind: 'verify-chain', reason: formatRefusal(verdict.refusal) };
    return { kind: 'verify-chain', key: verdict.key, identity: question.identity };
  };
}
