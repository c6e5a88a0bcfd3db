import { DH_GROUPS, type DhGroupNumber } from '@espalier/crypto';
import { toHex } from '@espalier/wire';
import { NONCE_OCTETS_LEAST, NONCE_OCTETS_MOST } from '../limits.ts';
import { refuse } from '../refusals.ts';

/**
 * A public value must have the length of its group (RFC 2409 §5) and lie strictly between 1 and p - 1 (RFC 2412 §2).
 * Looked at before any private value is drawn.
 */
export function checkPublicValue(group: DhGroupNumber, value: Uint8Array): void {
  const { octets, prime } = DH_GROUPS[group];
  if (value.length !== octets) refuseKeyExchange();
  const y = BigInt(`0x${toHex(value)}`);
  if (!(y > 1n && y < prime - 1n)) refuseKeyExchange();
}

export function refuseKeyExchange(): never {
  return refuse('invalid-key-exchange', 'INVALID-KEY-INFORMATION');
}

export function checkNonce(nonce: Uint8Array): void {
  if (nonce.length < NONCE_OCTETS_LEAST || nonce.length > NONCE_OCTETS_MOST) refuse('invalid-nonce');
}
