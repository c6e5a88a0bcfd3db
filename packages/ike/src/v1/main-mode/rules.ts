import { MANY, type PayloadRules } from '../../exchange/rules.ts';
import type { IkeProposal } from '../../types.ts';
import { AUTHENTICATION_METHODS } from '../authentication/methods.ts';

/** Of messages 1 and 2. */
export const SA_RULES: PayloadRules = { first: ['sa'], counts: { sa: [1, 1] } };

/** Of messages 3 and 4. */
export const KE_RULES: PayloadRules = {
  first: [],
  counts: { ke: [1, 1], nonce: [1, 1], 'nat-d': [0, MANY] },
};

/** Of messages 5 and 6. */
export function authRules({ authentication }: IkeProposal): PayloadRules {
  return { first: [], counts: { id: [1, 1], ...AUTHENTICATION_METHODS[authentication].counts } };
}
