import { MANY, type PayloadRules } from '../../exchange/rules.ts';
import type { IkeProposal } from '../../types.ts';
import { AUTHENTICATION_METHODS } from '../authentication/methods.ts';

/** Of message 1 (RFC 2409 §5.4). */
export const OFFER_RULES: PayloadRules = {
  first: ['sa'],
  counts: { sa: [1, 1], ke: [1, 1], nonce: [1, 1], id: [1, 1], 'nat-d': [0, MANY] },
};

/** Of message 2: what proves HASH_R beside what message 1 holds. By what method is not known before it is read. */
export const REPLY_RULES: PayloadRules = {
  ...OFFER_RULES,
  counts: { ...OFFER_RULES.counts, hash: [0, 1], signature: [0, 1] },
};

/** Of message 3. */
export function authRules({ authentication }: IkeProposal): PayloadRules {
  return { first: [], counts: { ...AUTHENTICATION_METHODS[authentication].counts, 'nat-d': [0, MANY] } };
}
