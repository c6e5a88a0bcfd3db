import type { NatFindings } from '../../nat/discovery.ts';
import type { IkeProposal } from '../../types.ts';
import type { Phase1Context } from '../phase1/phase1.ts';
import { AUTHENTICATION_METHODS } from './methods.ts';

/** Whether it is the caller who says whose key a signature is made with: then anybody may send certificates and ask. */
export function isKeyAsked({ credentials }: Phase1Context, { authentication }: IkeProposal): boolean {
  return !AUTHENTICATION_METHODS[authentication].sharesKey && credentials?.remoteKey === 'ask';
}

/**
 * The NAT that may excuse an identity that is not the expected one. None where a certificate tells the key: all who have
 * one of the authority have a good key, and the identity alone tells them apart.
 */
export function excusing(
  nat: NatFindings | undefined,
  context: Phase1Context,
  proposal: IkeProposal,
): NatFindings | undefined {
  return isKeyAsked(context, proposal) ? undefined : nat;
}
