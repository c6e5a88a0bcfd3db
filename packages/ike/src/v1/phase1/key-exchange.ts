import { type DhGroupNumber, dhGroup } from '@espalier/crypto';
import { NONCE_OCTETS_LEAST, NONCE_OCTETS_MOST } from '../../limits.ts';
import { refuse } from '../../refusals.ts';
import type { IkeEndpointConfig } from '../../types.ts';

/** Groups that give a secret away, or may have been made to (RFC 8247 §2.4): by what name they are allowed. */
export const LEGACY_GROUPS: Readonly<
  Partial<Record<DhGroupNumber, NonNullable<IkeEndpointConfig['allowLegacy']>[number]>>
> = {
  1: 'modp768',
  22: 'modp1024s160',
  24: 'modp2048s256',
};

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
