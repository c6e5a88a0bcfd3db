import { OAKLEY_AUTHENTICATION } from '@espalier/wire';
import type { AuthenticationName, SignatureMethod } from '../../types.ts';
import type { AuthenticationMethod } from './method.ts';
import { preSharedKey, xauthInitiatorPreSharedKey, xauthResponderPreSharedKey } from './pre-shared-key.ts';
import { type Signer, signatureMethod } from './signature.ts';

const {
  rsaSignature,
  ecdsaSha256,
  ecdsaSha384,
  ecdsaSha512,
  xauthInitiatorRsa,
  xauthResponderRsa,
  hybridInitiatorRsa,
  hybridResponderRsa,
} = OAKLEY_AUTHENTICATION;

/** Of RSA, whoever else is asked who they are. */
const RSA = { kind: 'rsa', question: 'rsa-signature' } as const;

/** Every method, by the name that a proposal gives it. */
export const AUTHENTICATION_METHODS: Readonly<Record<AuthenticationName, AuthenticationMethod>> = {
  'pre-shared-key': preSharedKey,
  'xauth-initiator-pre-shared-key': xauthInitiatorPreSharedKey,
  'xauth-responder-pre-shared-key': xauthResponderPreSharedKey,
  'rsa-signature': signatureMethod('rsa-signature', { ...RSA, number: rsaSignature }),
  'xauth-initiator-rsa-signature': signatureMethod('xauth-initiator-rsa-signature', {
    ...RSA,
    number: xauthInitiatorRsa,
  }),
  'xauth-responder-rsa-signature': signatureMethod('xauth-responder-rsa-signature', {
    ...RSA,
    number: xauthResponderRsa,
  }),
  'hybrid-initiator-rsa-signature': signatureMethod('hybrid-initiator-rsa-signature', {
    ...RSA,
    number: hybridInitiatorRsa,
    signs: 'responder',
  }),
  'hybrid-responder-rsa-signature': signatureMethod('hybrid-responder-rsa-signature', {
    ...RSA,
    number: hybridResponderRsa,
    signs: 'initiator',
  }),
  'ecdsa-256': ecdsaMethod('ecdsa-256', { number: ecdsaSha256, curve: 'P-256', hash: 'sha2-256' }),
  'ecdsa-384': ecdsaMethod('ecdsa-384', { number: ecdsaSha384, curve: 'P-384', hash: 'sha2-384' }),
  'ecdsa-521': ecdsaMethod('ecdsa-521', { number: ecdsaSha512, curve: 'P-521', hash: 'sha2-512' }),
};

function ecdsaMethod(name: SignatureMethod, signer: Pick<Signer, 'number' | 'curve' | 'hash'>): AuthenticationMethod {
  return signatureMethod(name, { ...signer, kind: 'ecdsa', question: name });
}
