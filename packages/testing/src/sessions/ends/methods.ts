import type { SignatureCurve } from '@espalier/crypto';
import { type SessionAuthentication, SIDES, type Side } from '../specification.ts';

/** How the ends prove who they are: by what keys, who of them signs, and who is a user with a password. */
export interface Method {
  readonly keys: 'shared' | 'rsa' | SignatureCurve;
  readonly signers: readonly Side[];
  readonly user?: Side;
}

/** What each is. */
export const METHODS: Readonly<Record<SessionAuthentication, Method>> = {
  'pre-shared-key': { keys: 'shared', signers: [] },
  'xauth-initiator-pre-shared-key': { keys: 'shared', signers: [], user: 'left' },
  'xauth-responder-pre-shared-key': { keys: 'shared', signers: [], user: 'right' },
  'ecdsa-256': { keys: 'P-256', signers: SIDES },
  'ecdsa-384': { keys: 'P-384', signers: SIDES },
  'ecdsa-521': { keys: 'P-521', signers: SIDES },
  'rsa-signature': { keys: 'rsa', signers: SIDES },
  'xauth-initiator-rsa-signature': { keys: 'rsa', signers: SIDES, user: 'left' },
  'xauth-responder-rsa-signature': { keys: 'rsa', signers: SIDES, user: 'right' },
  'hybrid-initiator-rsa-signature': { keys: 'rsa', signers: ['right'], user: 'left' },
  'hybrid-responder-rsa-signature': { keys: 'rsa', signers: ['left'], user: 'right' },
};
