import { OAKLEY_AUTHENTICATION } from '@espalier/wire';
import type { AuthenticationName } from '../../types.ts';
import type { AuthenticationMethod } from './method.ts';
import { preSharedKey, xauthInitiatorPreSharedKey, xauthResponderPreSharedKey } from './pre-shared-key.ts';
import { signatureMethod } from './signature.ts';

const { rsaSignature, ecdsaSha256, ecdsaSha384, ecdsaSha512 } = OAKLEY_AUTHENTICATION;

/** Every method, by the name that a proposal gives it. */
export const AUTHENTICATION_METHODS: Readonly<Record<AuthenticationName, AuthenticationMethod>> = {
  'pre-shared-key': preSharedKey,
  'xauth-initiator-pre-shared-key': xauthInitiatorPreSharedKey,
  'xauth-responder-pre-shared-key': xauthResponderPreSharedKey,
  'rsa-signature': signatureMethod('rsa-signature', { number: rsaSignature, kind: 'rsa' }),
  'ecdsa-256': signatureMethod('ecdsa-256', { number: ecdsaSha256, kind: 'ecdsa', curve: 'P-256', hash: 'sha2-256' }),
  'ecdsa-384': signatureMethod('ecdsa-384', { number: ecdsaSha384, kind: 'ecdsa', curve: 'P-384', hash: 'sha2-384' }),
  'ecdsa-521': signatureMethod('ecdsa-521', { number: ecdsaSha512, kind: 'ecdsa', curve: 'P-521', hash: 'sha2-512' }),
};
