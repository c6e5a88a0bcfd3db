import { type DhGroupNumber, dhGroup } from '@espalier/crypto';
import { NONCE_OCTETS_LEAST, NONCE_OCTETS_MOST } from '../limits.ts';
import { refuse } from '../refusals.ts';

/** Whether a public value is one of its group (RFC 2409 §5, RFC 5903 §7) is looked at before any private value is drawn. */
export function checkPublicValue(group: DhGroupNumber, value: Uint8Array): void {
  if (!dhGroup(group).isPublicValue(value)) refuseKeyExchange();
}

export function refuseKeyExchange(): never {
  return refuse('invalid-key-exchange', { notify: 'INVALID-KEY-INFORMATION' });
}

export function checkNonce(nonce: Uint8Array): void {
  if (nonce.length < NONCE_OCTETS_LEAST || nonce.length > NONCE_OCTETS_MOST) refuse('invalid-nonce');
}
