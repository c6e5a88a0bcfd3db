import type { IkeProposal } from '../../types.ts';
import type { AuthenticationMethod } from './method.ts';
import { preSharedKey, xauthInitiatorPreSharedKey, xauthResponderPreSharedKey } from './pre-shared-key.ts';

/** Every method, by the name that a proposal gives it. */
export const AUTHENTICATION_METHODS: Readonly<Record<IkeProposal['authentication'], AuthenticationMethod>> = {
  'pre-shared-key': preSharedKey,
  'xauth-initiator-pre-shared-key': xauthInitiatorPreSharedKey,
  'xauth-responder-pre-shared-key': xauthResponderPreSharedKey,
};
